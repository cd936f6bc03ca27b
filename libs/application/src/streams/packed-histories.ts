import { BoundedCache, type EventStore } from '@penalty-ledger/event-store';
import {
  agency,
  agencyStream,
  eventIn,
  readEvent,
  type AgencyHistory,
  type EventRecord,
  type RecordedAgencyEvent,
  type StreamHead,
} from '@penalty-ledger/ledger';

/**
 * The bytes of packed events kept, in the writer and as many in its reader, outside of the heap:
 * those of 20,000 agencies with some 50 deductions each.
 */
export const packedBytes = 64 * 2 ** 20;

/** Events since the packed ones; with more they are packed anew. */
const maxSince = 32;

/** The events of a stream up to its head, as a fold reads them. */
interface PackedHistory {
  readonly events: Buffer;
  readonly head: StreamHead;
}

/** An agency's history with the end of its stream, as the store has them. */
export interface ReadHistory {
  readonly history: AgencyHistory;
  /** `undefined` for an agency without events. */
  readonly head: StreamHead | undefined;
}

/**
 * Reads agencies' histories from a store, and keeps the events of those read lately in few bytes: a
 * history that was dropped from a {@link StateCache} comes back from them and from the events
 * since, in a fifth of the time. Packed events are trusted only together with the event that they
 * end with: where the stream has another there, or none, it is read from its beginning.
 */
export class PackedHistories {
  readonly #kept: BoundedCache<string, PackedHistory>;

  constructor(
    readonly store: EventStore,
    capacity = packedBytes,
  ) {
    this.#kept = new BoundedCache(capacity, ({ events }) => events.length);
  }

  /** @throws IntegrityError when an event that is read is damaged */
  async read(agencyId: string): Promise<ReadHistory> {
    const packed = this.#kept.get(agencyId);
    const since = packed && (await this.#since(agencyId, packed.head));
    if (packed !== undefined && since === undefined) this.#kept.delete(agencyId);
    const isPacked = packed !== undefined && since !== undefined;
    const { events: read, head } = since ?? (await this.#readFrom(agencyId, 0));
    const earlier = isPacked ? agency.unpackEvents(packed.events.toString()) : [];
    const events = [...earlier, ...read];
    if (head !== undefined && (!isPacked || read.length > maxSince))
      this.#kept.set(agencyId, { events: Buffer.from(agency.packEvents(events)), head });
    return { history: events.reduce(agency.evolve, agency.emptyHistory()), head };
  }

  /** Has the next {@link read} read the stream from its beginning. */
  forget(agencyId: string): void {
    this.#kept.delete(agencyId);
  }

  /** Returns the events after a head; `undefined` when the stream does not hold that one. */
  async #since(agencyId: string, head: StreamHead): Promise<ReadEvents | undefined> {
    const found = await this.#readFrom(agencyId, head.revision);
    return found.first?.leafHash === head.leafHash
      ? { ...found, events: found.events.slice(1) }
      : undefined;
  }

  async #readFrom(agencyId: string, from: number): Promise<ReadEvents> {
    const events: RecordedAgencyEvent[] = [];
    let first: EventRecord | undefined;
    let last: EventRecord | undefined;
    for await (const batch of this.store.readStream(agencyStream(agencyId), { from }))
      for (const record of batch) {
        events.push(eventIn('agency', readEvent(record)));
        first ??= record;
        last = record;
      }
    const head = last && { revision: last.revision, leafHash: last.leafHash };
    return { events, first, head };
  }
}

interface ReadEvents {
  readonly events: readonly RecordedAgencyEvent[];
  readonly first: EventRecord | undefined;
  readonly head: StreamHead | undefined;
}
