import type { EventRecord } from '@penalty-ledger/ledger';

/**
 * Where an event stands in its store: opaque text, comparable with {@link comparePositions} within one store only, increasing
 * but not necessarily dense. Never part of an event.
 */
export type Position = string;

/** An event as a store gives it back: its bytes checked against its hash, and its position. */
export interface StoredEvent extends EventRecord {
  readonly position: Position;
}

/** The revision the writer believes the stream's last event has; there is no "any". */
export type ExpectedRevision = 'no_stream' | number;

export interface Appended {
  /** The revision of the last event of the append. */
  readonly revision: number;
  /** The position of the last event of the append. */
  readonly position: Position;
}

/**
 * What lets appends to different streams be under way at once. Those of one group were decided at one instant, so that the store may put them in any
 * order, except where one was decided on what another appends.
 */
export interface DecidedTogether {
  /** Appends of one group have the same object here. All events of a group have the same `recordedAt`. */
  readonly group: object;
  /** The streams whose events the append was decided on; its own need not be among them. */
  readonly reads: readonly string[];
}

export interface ReadOptions {
  /** Events in a batch, at most. Default 1,000. */
  readonly batchSize?: number;
}

/**
 * The bodies of one append come to this many bytes of UTF-8, at most, whatever the engine: EventStoreDB refuses an append over
 * 1 MiB (1,048,576) unless told otherwise, and counts 79 bytes of metadata and twice the name of the type with each event. With
 * the smallest events, of some 500 bytes, that is a quarter on top.
 */
export const appendByteLimit = 800_000;

/**
 * The port every engine implements and one contract suite checks. Append-only: there is no delete and no way to force.
 *
 * Every method can throw `IntegrityError` (stored bytes are not what was stored: stop), `StoreUnavailableError`, and
 * `StoreClosedError` after {@link EventStore.close}.
 */
export interface EventStore {
  /**
   * Appends one stream's events in one step: all or none, durable when the promise resolves.
   *
   * Idempotent by event id: when exactly these events already stand at exactly these revisions, it answers as it did the first time.
   * Concurrent appends are ordered as they were called, save those {@link DecidedTogether} of which neither reads the other's stream. Events must carry dense revisions from `expected` + 1 on and distinct ids.
   *
   * An append may be called before an earlier one is acknowledged. When the earlier one cannot be made for another reason than a conflict, it fails
   * too and is not stored: it may rest on it. Of appends decided together this holds where one reads the other's stream.
   *
   * @param together leaves the order among the appends of a group to the store; without it, an append stands behind all called before it
   * @throws ConflictError when the stream's last revision is not `expected`, or the first event does not follow the event that stands
   * there; says expected and found, and nothing is stored
   * @throws RangeError when `events` is empty, of another stream, not dense, not chained by `previous`, repeats an id, comes to more than
   * {@link appendByteLimit}, or a record contradicts its own body
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
    together?: DecidedTogether,
  ): Promise<Appended>;

  /**
   * A stream's events in order of revision, from `from` (default 0) on, in batches; nothing for a stream that does not exist. Every
   * event is checked against the one before it.
   */
  readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncIterable<readonly StoredEvent[]>;

  /**
   * Every event in order of position, after `after` (exclusive; default: from the beginning), up to the head when the reading begins, in
   * batches.
   *
   * @throws IntegrityError also when the store ends before `after`: what was once read is gone
   */
  readAll(
    options?: ReadOptions & { readonly after?: Position },
  ): AsyncIterable<readonly StoredEvent[]>;

  /**
   * As {@link EventStore.readAll}, and then on with every event that is appended, until `signal` aborts (the iteration then ends quietly).
   * Each event once, in order, none skipped; events are seen only after they are durable. Closing the store ends it with
   * `StoreClosedError`.
   */
  follow(
    options: ReadOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncIterable<readonly StoredEvent[]>;

  /** The position of the last event, or `undefined` in an empty store. */
  head(): Promise<Position | undefined>;

  /** Finishes the appends it took, releases every lock and file. Can be called twice. */
  close(): Promise<void>;
}

/** Negative, zero or positive as `a` lies before, at or after `b`. `undefined` is before everything. */
export function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const left = a.split('/');
  const right = b.split('/');
  for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
    const [one = '', other = ''] = [left[part], right[part]];
    if (one === other) continue;
    // Numerals of one length compare as texts: most positions do, and numbers of their size cost ten times as much to make.
    if (one.length === other.length) return one < other ? -1 : 1;
    const difference = BigInt(one) - BigInt(other);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}
