import type { EventRecord, InBoth } from '@penalty-ledger/ledger';

/**
 * The place of an event in its store: opaque text, comparable with {@link comparePositions} within
 * one store only, increasing but not necessarily dense. Never part of an event.
 */
export type Position = string;

/** An event that is not as it was stored, or events of a stream that are missing. */
export interface EventDamage {
  /** The damage, without the place. */
  readonly problem: InBoth;
  /** Left out where nothing says which stream the missing events were of. */
  readonly stream?: string;
  /** The revision of the event, or of the first that is missing. */
  readonly revision?: number;
  /** The revision of the last missing event, where events are missing. */
  readonly lastRevision?: number;
  /** The place of the event; left out where nothing says where the missing events stood. */
  readonly position?: Position;
  /** The leaf hash of the event, or of the last missing one, where it is known. */
  readonly leafHash?: string;
}

/** Is told of each damage once, before any later event of the same stream is read. */
export type OnDamage = (damage: EventDamage) => void;

/** An event as a store gives it back: its bytes checked against its hash, and its position. */
export interface StoredEvent extends EventRecord {
  readonly position: Position;
}

/** The revision that the writer expects the stream's last event to have; "any" does not exist. */
export type ExpectedRevision = 'no_stream' | number;

export interface Appended {
  /** The revision of the last event of the append. */
  readonly revision: number;
  /** The position of the last event of the append. */
  readonly position: Position;
}

/**
 * Allows appends to different streams to be in flight together. Those of one group were decided at
 * one instant, so the store may put them in any order, except where one was decided on what another
 * appends.
 */
export interface DecidedTogether {
  /**
   * Appends of one group have the same object here. All events of a group have the same
   * `recordedAt`.
   */
  readonly group: object;
  /** The streams whose events the append was decided on; its own need not be among them. */
  readonly reads: readonly string[];
}

export interface ReadOptions {
  /** Events in a batch, at most. Default 1,000. */
  readonly batchSize?: number;
}

/** The options of a reading of all streams. */
export interface ReadAllOptions extends ReadOptions {
  /**
   * Goes past an event that is damaged or missing, which is reported here and not given; later
   * events of its stream are given where their own bytes hold. Without it, reading throws there.
   */
  readonly onDamage?: OnDamage;
}

/**
 * The limit of one append: the sum of its bodies in bytes of UTF-8, on every engine. EventStoreDB
 * refuses an append over 1 MiB (1,048,576) by default, and counts 79 bytes of metadata and twice
 * the name of the type with each event. With the smallest events, of some 500 bytes, that is a
 * quarter on top.
 */
export const appendByteLimit = 800_000;

/**
 * The port that every engine implements and one contract suite checks. Append-only: there is no
 * delete and no way to force.
 *
 * Every method can throw `IntegrityError` (stored bytes are not those that were stored: stop),
 * `StoreUnavailableError`, and `StoreClosedError` after {@link EventStore.close}.
 */
export interface EventStore {
  /**
   * Appends one stream's events in one step: all or none, durable when the promise resolves.
   *
   * Idempotent by event id: when exactly these events already stand at exactly these revisions, it
   * answers as it did the first time. Concurrent appends are ordered as they were called, except
   * those {@link DecidedTogether} of which neither reads the other's stream. Events must carry
   * dense revisions, beginning at `expected` + 1, and distinct ids.
   *
   * An append may be called before an earlier one is acknowledged. When the earlier one fails for
   * another reason than a conflict, the later fails too and is not stored, because it may rest on
   * it. Among appends decided together this holds where one reads the other's stream.
   *
   * @param together leaves the order within a group to the store; without it, an append stands
   * behind all called before it
   * @throws ConflictError when the stream's last revision is not `expected`, or the first event
   * does not follow the event that stands there; says expected and found, and nothing is stored
   * @throws RangeError when `events` is empty, of another stream, not dense, not chained by
   * `previous`, repeats an id, exceeds {@link appendByteLimit}, or a record contradicts its own
   * body
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
    together?: DecidedTogether,
  ): Promise<Appended>;

  /**
   * Reads a stream's events in order of revision, beginning at `from` (default 0), in batches;
   * nothing for a stream that does not exist. Every event is checked against the one before it.
   */
  readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncIterable<readonly StoredEvent[]>;

  /**
   * Reads every event in order of position, after `after` (exclusive; default: from the beginning),
   * up to the head at the start of the reading, in batches.
   *
   * @throws IntegrityError also when the store ends before `after`: an event that was read before
   * is gone. {@link ReadAllOptions.onDamage} does not change that.
   */
  readAll(
    options?: ReadAllOptions & { readonly after?: Position },
  ): AsyncIterable<readonly StoredEvent[]>;

  /**
   * Reads as {@link EventStore.readAll}, and then continues with every event that is appended,
   * until `signal` aborts (the iteration then ends quietly). Each event comes once, in order,
   * without gaps, and only after it is durable. Closing the store ends it with `StoreClosedError`.
   */
  follow(
    options: ReadAllOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncIterable<readonly StoredEvent[]>;

  /** The position of the last event, or `undefined` in an empty store. */
  head(): Promise<Position | undefined>;

  /** Finishes the appends it took, releases every lock and file. Can be called twice. */
  close(): Promise<void>;
}

/**
 * Negative, zero or positive when `a` lies before, at or after `b`. `undefined` is before all
 * positions.
 */
export function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const left = a.split('/');
  const right = b.split('/');
  for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
    const [one = '', other = ''] = [left[part], right[part]];
    if (one === other) continue;
    // Numerals of one length compare as texts. Most positions are such, and making numbers of their
    // size costs ten times as much.
    if (one.length === other.length) return one < other ? -1 : 1;
    const difference = BigInt(one) - BigInt(other);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}
