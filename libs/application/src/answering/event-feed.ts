import {
  comparePositions,
  DamagedStreams,
  type EventStore,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import {
  closed,
  EventEnvelopeSchema,
  isOfSameCommand,
  parseStream,
  readEvent,
  Sha256Schema,
  type EventEnvelope,
  type LedgerEvent,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { maxPageSize } from './lists/list-page.js';
import { readWriterTerm, type WriterTerm } from '../streams/writer-term.js';

/** An event as the feed gives it: as it is stored, with its position and the hash of its leaf. */
export interface FedEvent extends Omit<Shape<typeof FedEventSchema>, 'event'> {
  /** Its sealed part stays sealed. */
  readonly event: LedgerEvent;
}
export const FedEventSchema = closed(
  { position: Type.String(), leafHash: Sha256Schema, event: EventEnvelopeSchema },
  { $id: 'FedEvent' },
);

/** The events that are wanted; all unless a field says less. */
export interface FeedFilter {
  readonly types?: readonly string[];
  readonly stream?: string;
  /** Only what this agency may see: its own stream, and its sessions. */
  readonly agencyId?: string;
}

/** A page of the feed. */
export interface FeedPage {
  readonly items: readonly FedEvent[];
  /** The position to read on from; left out when nothing was read. */
  readonly next?: Position;
}
export const FeedPageSchema = closed(
  {
    items: Type.Array(FedEventSchema, { maxItems: maxPageSize }),
    next: Type.Optional(
      Type.String({
        description: 'the position to read on from; left out when nothing was read',
      }),
    ),
  },
  { $id: 'EventPage' },
);

/** A part of the ledger as it is stored. */
export interface RecordsWanted {
  readonly after: Position | undefined;
  readonly limit: number;
  readonly byteLimit: number;
}

/** The wanted events of one batch. */
export interface FeedBatch {
  readonly events: readonly FedEvent[];
  /** The last event that was looked at. */
  readonly last: Position;
  /** The number of events looked at. */
  readonly scanned: number;
}

/**
 * The number of events looked at for one page: a filter that matches few still ends soon, with the
 * position to continue from.
 */
const maxScanned = 5_000;

const batchSize = 500;

/** Every event of a ledger in the order of its store, by page or as it is recorded. */
export class EventFeed {
  readonly #store: EventStore;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The position of the last event; `undefined` while there is none. */
  head(): Promise<Position | undefined> {
    return this.#store.head();
  }

  /** Says whether reading can go on after a position: it is this store's, and not after its end. */
  async canFollow(after: Position): Promise<boolean> {
    if (comparePositions(await this.#store.head(), after) < 0) return false;
    const { onDamage } = new DamagedStreams(after);
    const reading = this.#store.readAll({ after, batchSize: 1, onDamage })[Symbol.asyncIterator]();
    try {
      await reading.next();
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    } finally {
      await reading.return?.();
    }
  }

  /** Reads a page of at most `limit` events after a position that {@link canFollow} accepts. */
  async page(
    filter: FeedFilter,
    { after, limit }: { readonly after?: Position | undefined; readonly limit: number },
  ): Promise<FeedPage> {
    const items: FedEvent[] = [];
    let next = after;
    let scanned = 0;
    const { onDamage } = new DamagedStreams(after);
    const reading = this.#store.readAll({
      ...(after !== undefined && { after }),
      batchSize,
      onDamage,
    });
    read: for await (const batch of reading) {
      for (const record of batch) {
        if (items.length === limit || scanned === maxScanned) break read;
        scanned += 1;
        next = record.position;
        const event = fed(record, filter);
        if (event !== undefined) items.push(event);
      }
    }
    return { items, ...(next !== undefined && { next }) };
  }

  /** The term of the ledger's writer, and the event with which it began. */
  term(): Promise<WriterTerm> {
    return readWriterTerm(this.#store);
  }

  /**
   * Reads events as they are stored, after a position that {@link canFollow} accepts: at most
   * `limit` of them, and more than `byteLimit` bytes only for a single one. Where there are more,
   * they end before a command whose events would be divided, unless they all are of that command: a
   * copy that gets no more of them holds whole commands.
   */
  async records({ after, limit, byteLimit }: RecordsWanted): Promise<readonly StoredEvent[]> {
    const records: StoredEvent[] = [];
    let bytes = 0;
    const reading = this.#store.readAll({ ...(after !== undefined && { after }), batchSize });
    for await (const batch of reading)
      for (const record of batch) {
        bytes += Buffer.byteLength(record.body) + 1;
        const isFull = records.length === limit || (records.length > 0 && bytes > byteLimit);
        if (isFull) return completeCommands(records, record);
        records.push(record);
      }
    return records;
  }

  /** Waits until there is an event after a position, or the signal aborts. */
  async arrival(after: Position | undefined, signal: AbortSignal): Promise<void> {
    const following = this.#store.follow({
      ...(after !== undefined && { after }),
      signal,
      batchSize: 1,
    });
    for await (const batch of following) if (batch.length > 0) return;
  }

  /**
   * Gives the wanted events after a position, and then each as it is recorded, until the signal
   * aborts. A batch without wanted events is given too, so that a reader can note how far it is.
   */
  async *follow(
    filter: FeedFilter,
    {
      after,
      signal,
      batchSize: size = batchSize,
    }: {
      readonly after?: Position | undefined;
      readonly signal: AbortSignal;
      readonly batchSize?: number;
    },
  ): AsyncGenerator<FeedBatch> {
    const following = this.#store.follow({
      ...(after !== undefined && { after }),
      signal,
      batchSize: size,
      onDamage: new DamagedStreams(after).onDamage,
    });
    for await (const batch of following) {
      const last = batch.at(-1)?.position;
      if (last === undefined) continue;
      const events = batch.flatMap((record) => fed(record, filter) ?? []);
      yield { events, last, scanned: batch.length };
    }
  }
}

/** The event, or `undefined` when it is not wanted. */
function fed(record: StoredEvent, { types, stream, agencyId }: FeedFilter): FedEvent | undefined {
  if (stream !== undefined && record.stream !== stream) return undefined;
  const event = readEvent(record);
  if (types !== undefined && !types.includes(event.type)) return undefined;
  if (agencyId !== undefined && !isOf(agencyId, event)) return undefined;
  return { position: record.position, leafHash: record.leafHash, event };
}

/** Says whether an event is an agency's own: it stands in its stream, or is a session of it. */
function isOf(agencyId: string, { stream, data }: LedgerEvent): boolean {
  const parsed = parseStream(stream);
  if (parsed?.kind === 'agency') return parsed.agencyId === agencyId;
  // A session that was corrected may have gone to another agency: its data name whose it is.
  return parsed?.kind === 'sessions' && 'agencyId' in data && data.agencyId === agencyId;
}

/** The events up to the command that the event after them belongs to, too; all if none is left. */
function completeCommands(
  records: readonly StoredEvent[],
  after: StoredEvent,
): readonly StoredEvent[] {
  const last = records.findLastIndex((record) => !isOfCommandOf(record, after));
  return last < 0 ? records : records.slice(0, last + 1);
}

function isOfCommandOf(one: StoredEvent, other: StoredEvent): boolean {
  if (one.stream !== other.stream) return false;
  // The envelope is the same for events of every type, those of newer programs too.
  const [event, next] = [one, other].map(({ body }) => JSON.parse(body) as EventEnvelope);
  return event !== undefined && next !== undefined && isOfSameCommand(event, next);
}
