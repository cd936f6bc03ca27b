import {
  counted,
  type EventRecord,
  leafHashOf,
  noPreviousEvent,
  placeDefects,
} from '@penalty-ledger/ledger';
import { envelopeOf, type Envelope } from './envelope.js';
import { ConflictError } from './errors.js';
import {
  type Appended,
  appendByteLimit,
  type ExpectedRevision,
  type StoredEvent,
} from './event-store.js';

/** An append whose arguments are in order; {@link placeOf} says whether it fits the stream. */
export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** The revision of the first event. */
  readonly first: number;
  readonly events: readonly EventRecord[];
  /** The hash of the event the first one follows. */
  readonly previous: string;
  /** The bodies' length in UTF-8. */
  readonly byteLength: number;
}

/** The last event of a stream. */
export interface StreamHead {
  readonly revision: number;
  readonly leafHash: string;
}

/**
 * Checks an append without looking at the store. A stored event can never be corrected, so each
 * record is compared with its own bytes before it is written, not only after.
 *
 * @throws RangeError as in {@link EventStore.append}
 */
export function appendRequestOf(
  stream: string,
  expected: ExpectedRevision,
  events: readonly EventRecord[],
): AppendRequest {
  // A control character, NUL above all, would make the name look different in other tools. Only the
  // append that enters the name is checked; any other finds an existing stream.
  if (expected === 'no_stream' && !/^[^\p{Cc}\p{Cs}]+$/u.test(stream))
    throw new RangeError(`${JSON.stringify(stream)} cannot name a stream`);
  assertOfStream(stream, events);
  const first = expected === 'no_stream' ? 0 : expected + 1;
  if (!Number.isSafeInteger(first) || (expected !== 'no_stream' && expected < 0)) {
    throw new RangeError(`${String(expected)} is not a revision: expect "no_stream", or 0 and up`);
  }
  let previous: string | undefined;
  let before = first === 0 ? noPreviousEvent : undefined;
  let byteLength = 0;
  events.forEach((event, index) => {
    const revision = first + index;
    const claimed = envelopeOfRecord(event, revision);
    const [defect] = placeDefects(claimed, { stream, revision, previous: before });
    if (defect !== undefined)
      throw new RangeError(`event ${event.id} cannot be appended: ${defect.message.en}`);
    previous ??= claimed.previous;
    before = event.leafHash;
    byteLength += Buffer.byteLength(event.body);
  });
  if (previous === undefined) throw new RangeError('an append needs at least one event');
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    throw new RangeError('the append holds an event twice');
  }
  if (byteLength > appendByteLimit) {
    throw new RangeError(
      `the append comes to ${counted(byteLength, 'byte')}, more than ${appendByteLimit}`,
    );
  }
  return { stream, expected, first, events: [...events], previous, byteLength };
}

/** @throws RangeError when an event is of another stream */
export function assertOfStream(stream: string, events: readonly EventRecord[]): void {
  for (const event of events)
    if (event.stream !== stream)
      throw new RangeError(`event ${event.id} is of "${event.stream}", not of "${stream}"`);
}

/** Returns what a record's bytes say, if the record says the same. */
function envelopeOfRecord(event: EventRecord, revision: number): Envelope {
  if (event.revision !== revision) {
    throw new RangeError(
      `event ${event.id} has revision ${event.revision} where ${revision} is next`,
    );
  }
  const envelope = envelopeOf(event.body);
  if (envelope?.id !== event.id) {
    throw new RangeError(`the record of event ${event.id} contradicts its body`);
  }
  if (leafHashOf(event.body) !== event.leafHash)
    throw new RangeError(`event ${event.id} does not have the hash it states`);
  return envelope;
}

/**
 * Says whether an append adds to its stream, repeats what stands there (then with the answer it had
 * the first time), or conflicts.
 *
 * @param stored reads a number of the stream's events, beginning at one revision
 */
export function placeOf(
  request: AppendRequest,
  head: StreamHead | undefined,
  stored: (first: number, count: number) => readonly StoredEvent[],
): 'added' | Appended | ConflictError {
  const { stream, expected, first, events } = request;
  const found = head?.revision ?? -1;
  if (found === first - 1) {
    if (head === undefined || head.leafHash === request.previous) return 'added';
    return new ConflictError(stream, expected, found, {
      en: 'the event there is not the one this append follows',
      zh: '那里的事件不是此次追加所跟随的事件',
    });
  }
  if (found >= first + events.length - 1) {
    const there = stored(first, events.length);
    const last = there.at(-1);
    if (last !== undefined && events.every((event, index) => event.id === there[index]?.id)) {
      return { revision: last.revision, position: last.position };
    }
  }
  return new ConflictError(stream, expected, head?.revision ?? 'no_stream');
}
