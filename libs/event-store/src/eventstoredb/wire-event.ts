import {
  canonicalJson,
  leafHashOf,
  placeDefects,
  type EventRecord,
  type InBoth,
} from '@penalty-ledger/ledger';
import { envelopeOf } from '../envelope.js';
import { noEvent, otherHash } from '../damage-texts.js';
import { IntegrityError } from '../errors.js';
import type { Position, StoredEvent } from '../event-store.js';

/** An event as it is sent: the body, and beside it what {@link Marks} holds. */
export interface WireEvent {
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
  /** JSON. */
  readonly metadata: string;
}

/** An event that is ready to be sent, in whichever term and place. */
export interface UnmarkedEvent extends Omit<WireEvent, 'metadata'> {
  readonly leafHash: string;
}

/** The metadata of an event. */
export interface Marks {
  readonly leafHash: string;
  /** The writer's term. */
  readonly term: number;
  /** The number of late appends before it in its stream: the engine's revision exceeds its own. */
  readonly passed: number;
}

/** A record of any kind, as the engine gives it back. */
export interface WireRecord {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  /** Its text, if the engine keeps it as JSON. */
  readonly data: string | undefined;
  /** Its text, most often JSON. */
  readonly metadata: string;
  readonly position: Position;
}

/**
 * The names of a ledger's streams on its engine, so that several ledgers, and other streams, do not
 * mix. A ledger's name holds no slash, so no ledger's prefix begins another's.
 */
export class Namespace {
  /** The prefix of every event stream of the ledger. */
  readonly prefix: string;

  constructor(readonly ledger: string) {
    this.prefix = `${ledger}/`;
  }

  /** The engine's name for a stream of the ledger. */
  nameOf(stream: string): string {
    return this.prefix + stream;
  }

  /** The ledger's name for a stream of the engine; `undefined` for one that is none of its. */
  streamOf(name: string): string | undefined {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : undefined;
  }

  /** A side stream: a lease, messages between nodes. */
  sideNameOf(stream: string): string {
    return `${this.ledger}:${stream}`;
  }
}

/**
 * The form in which an event is sent, apart from {@link marked}.
 *
 * @throws RangeError when its body is not canonical JSON with a type: a follower of the engine gets
 * it parsed, and could not find the hashed bytes again
 */
export function unmarkedEventOf(event: EventRecord): UnmarkedEvent {
  const data: unknown = JSON.parse(event.body);
  const type = typeof data === 'object' && data !== null && 'type' in data ? data.type : undefined;
  if (typeof type !== 'string' || !/^[A-Z][A-Za-z0-9]{0,63}$/.test(type)) {
    throw new RangeError(`event ${event.id} has no type that can be sent to the engine`);
  }
  if (!isUuid(event.id)) throw new RangeError(`the id of event ${event.id} is not a UUID`);
  if (canonicalOf(data) !== event.body)
    throw new RangeError(`the body of event ${event.id} is not canonical JSON`);
  return { id: event.id, type, data: event.body, leafHash: event.leafHash };
}

/** An event as it is sent in a term. */
export function marked(
  { id, type, data, leafHash }: UnmarkedEvent,
  { term, passed }: Omit<Marks, 'leafHash'>,
): WireEvent {
  const marks: Marks | Omit<Marks, 'passed'> =
    passed === 0 ? { leafHash, term } : { leafHash, passed, term };
  return { id: engineIdOf(id, term), type, data, metadata: JSON.stringify(marks) };
}

/**
 * The id of an event on the engine. It differs from term to term: an engine that has an event of
 * this id from a late append would take the event of the next term for its repetition, and store
 * nothing.
 *
 * @param id of the event
 * @param term below 2^48
 */
export function engineIdOf(id: string, term: number): string {
  if (term === 0) return id;
  const [first, last] = [id.slice(24, 30), id.slice(30)].map((digits) => parseInt(digits, 16));
  const changed = [(first ?? 0) ^ Math.floor(term / 2 ** 24), (last ?? 0) ^ (term % 2 ** 24)];
  return id.slice(0, 24) + changed.map((part) => part.toString(16).padStart(6, '0')).join('');
}

/**
 * Reads a record back as the stored event: its canonical bytes are computed again and compared with
 * the hash beside them.
 *
 * @param previous the hash of the event before it, when it is known
 * @throws IntegrityError when it differs from what was stored, naming the place and the problem
 */
export function storedEventOf(record: WireRecord, stream: string, previous?: string): StoredEvent {
  const { revision, position } = record;
  const damaged = (problem: InBoth): IntegrityError =>
    new IntegrityError(problem, { stream, revision, position });
  if (record.type.startsWith('$'))
    throw damaged({
      en: `the engine’s own event ${record.type} stands in the stream: it was deleted`,
      zh: `事件流中有存储引擎自己的事件 ${record.type}：该流已被删除`,
    });
  const marks = marksIn(record.metadata);
  if (marks === undefined)
    throw damaged({
      en: 'its metadata holds no leaf hash and term',
      zh: '其元数据中没有叶哈希和任期',
    });
  const { leafHash, term } = marks;
  let body = record.data;
  // JSON in another order and with other spaces is the same event, by any writer; untouched text
  // needs no parsing.
  if (body === undefined || leafHashOf(body) !== leafHash) {
    const data = dataOf(record);
    if (typeof data !== 'object' || data === null)
      throw damaged({ en: 'its body is no JSON object', zh: '其正文不是 JSON 对象' });
    const canonical = canonicalOf(data);
    if (canonical === undefined)
      throw damaged({
        en: 'its body cannot be written as canonical JSON',
        zh: '其正文无法写成规范 JSON',
      });
    const actual = leafHashOf(canonical);
    if (actual !== leafHash) throw damaged(otherHash(actual, leafHash));
    body = canonical;
  }
  const envelope = envelopeOf(body);
  if (envelope === undefined) throw damaged(noEvent);
  const [defect] = placeDefects(envelope, { stream, revision, previous });
  if (defect !== undefined) throw damaged(defect.message);
  if (engineIdOf(envelope.id, term) !== record.id)
    throw damaged({
      en: `its bytes have the id ${envelope.id} in term ${term}, and it was stored as ${record.id}`,
      zh: `其字节在任期 ${term} 中的编号为 ${envelope.id}，而存储时为 ${record.id}`,
    });
  if (envelope.type !== record.type)
    throw damaged({ en: `it was stored as ${record.type}`, zh: `它存储时为 ${record.type}` });
  return { stream, revision, id: envelope.id, body, leafHash, position };
}

/** The content of a record; `undefined` when it is not JSON. */
export function dataOf({ data }: WireRecord): unknown {
  return data === undefined ? undefined : parsed(data);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const asWritten = /^\{"leafHash":"([0-9a-f]{64})","term":(\d{1,15})\}$/;

/** Reads an event's metadata; `undefined` when they are not those of an event. */
export function marksIn(text: string): Marks | undefined {
  const [, written, inTerm] = asWritten.exec(text) ?? [];
  if (written !== undefined) return { leafHash: written, term: Number(inTerm), passed: 0 };
  const metadata = parsed(text);
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { leafHash, term, passed = 0 } = metadata as Partial<Record<keyof Marks, unknown>>;
  return typeof leafHash === 'string' &&
    /^[0-9a-f]{64}$/.test(leafHash) &&
    isCount(term) &&
    isCount(passed)
    ? { leafHash, term, passed }
    : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}
