import {
  appendByteLimit,
  type DecidedTogether,
  type ExpectedRevision,
} from '@penalty-ledger/event-store';
import type { EventRecord, Instant, LedgerEvent, RecordedEvent } from '@penalty-ledger/ledger';

/** Events of one stream that go to the store in one append. */
export interface Outgoing {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly LedgerEvent[];
  readonly records: readonly EventRecord[];
  /** Missing when it must stand behind everything decided before it. */
  readonly together: DecidedTogether | undefined;
}

/** The streams a command was decided on, or everything before it. */
export type DecidedOn = ReadonlySet<string> | 'everything';

/** The events that one command appends to a stream; they are never divided. */
export interface Decided {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly recorded: readonly RecordedEvent[];
  readonly recordedAt: Instant;
  readonly on: DecidedOn;
}

interface Growing {
  /** Its place among what is in the outbox. */
  readonly place: number;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: LedgerEvent[];
  readonly records: EventRecord[];
  readonly reads: Set<string>;
  restsOnAll: boolean;
  bytes: number;
}

/**
 * The decisions not yet handed to the store. Events for one stream at one instant become one
 * append. Events that go there later do not join it: they would stand before events of other
 * streams that were recorded earlier. Nor do events that would stand before one they were decided
 * on.
 */
export class AppendBatch {
  #appends: Growing[] = [];
  #outgoing: Outgoing[] = [];
  #recordedAt: Instant | undefined;
  /** The appends that can take more, by stream: the last to each. */
  readonly #growing = new Map<string, Growing>();
  /** The place of the last append that was decided on a stream. */
  readonly #readAt = new Map<string, number>();
  /** The place of the last append that was decided on everything. */
  #allReadAt = -1;

  add({ stream, expected, recorded, recordedAt, on }: Decided): void {
    if (recordedAt !== this.#recordedAt) this.#endGroup();
    this.#recordedAt = recordedAt;
    let bytes = 0;
    for (const { record } of recorded) bytes += Buffer.byteLength(record.body);
    let append = this.#growing.get(stream);
    if (
      append === undefined ||
      append.bytes + bytes > appendByteLimit ||
      this.#comesBetween(append, on)
    )
      append = this.#begin(stream, expected);
    append.bytes += bytes;
    for (const { event, record } of recorded) {
      append.events.push(event);
      append.records.push(record);
    }
    this.#note(append, on);
  }

  /** Everything in it, in the order in which it is to be appended. */
  take(): readonly Outgoing[] {
    this.#endGroup();
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    return outgoing;
  }

  /**
   * Says whether a decision between an append and now rests on its stream, or is the present one.
   */
  #comesBetween({ place, stream }: Growing, on: DecidedOn): boolean {
    if (Math.max(this.#allReadAt, this.#readAt.get(stream) ?? -1) > place) return true;
    if (on === 'everything') return place < this.#appends.length - 1;
    for (const read of on) if ((this.#growing.get(read)?.place ?? -1) > place) return true;
    return false;
  }

  #begin(stream: string, expected: ExpectedRevision): Growing {
    const place = this.#appends.length;
    const begun = {
      stream,
      expected,
      events: [],
      records: [],
      reads: new Set<string>(),
      restsOnAll: false,
      bytes: 0,
    };
    const append: Growing = { place, ...begun };
    this.#growing.set(stream, append);
    this.#appends.push(append);
    return append;
  }

  #note(append: Growing, on: DecidedOn): void {
    const { place, stream, reads } = append;
    if (on === 'everything') {
      append.restsOnAll = true;
      this.#allReadAt = place;
      return;
    }
    for (const read of on) {
      if (read === stream) continue;
      reads.add(read);
      this.#readAt.set(read, place);
    }
  }

  /**
   * Events recorded at one instant may go to the store in any order, except those decided on
   * another of them.
   */
  #endGroup(): void {
    const group = {};
    for (const { stream, expected, events, records, reads, restsOnAll } of this.#appends) {
      const together = restsOnAll ? undefined : { group, reads: [...reads] };
      this.#outgoing.push({ stream, expected, events, records, together });
    }
    this.#appends = [];
    this.#growing.clear();
    this.#readAt.clear();
    this.#allReadAt = -1;
  }
}
