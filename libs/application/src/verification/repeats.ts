import { hash } from 'node:crypto';
import {
  createdBy,
  endOf,
  RepeatedNames,
  uniquesOf,
  uniqueTerms,
  type InBoth,
  type Repeat,
  type StreamEnd,
  type Unique,
} from '@penalty-ledger/ledger';
import { readForm, type EventForm } from './event-form.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/**
 * The text of a member of an event's data. A quote within a text is written with a backslash, so
 * the first member of this name is found by its characters.
 */
export function memberOf(body: string, member: string): string | undefined {
  const mark = `"${member}":"`;
  const data = body.indexOf('"data":{');
  const from = body.indexOf(mark, data);
  if (data < 0 || from < 0) return undefined;
  const start = from + mark.length;
  return body.slice(start, body.indexOf('"', start));
}

/** Returns the record that an event created, read off its bytes. */
export function createdIn(body: string): ReturnType<typeof createdBy> {
  // The envelope's last member, by the order of its names.
  const [, type = ''] = /,"type":"(\w+)"\}$/.exec(body.slice(-100)) ?? [];
  return createdBy({ type, idIn: (member) => memberOf(body, member) });
}

interface RepeatPlace {
  readonly stream: string;
  readonly revision: number;
  readonly position: number | string;
}

/** The problem of an event that has what another had first, as the end of a sentence. */
export function repeated({ kind, name }: Unique, first: RepeatPlace): InBoth {
  const { stream, revision, position } = first;
  return {
    en:
      `its ${kind} "${name}" is that of ${stream} at revision ${String(revision)}, ` +
      `position ${String(position)}, too`,
    zh:
      `其${uniqueTerms[kind].zh} "${name}" 与 ${stream} 中流内序号 ${String(revision)}、` +
      `全局位置 ${String(position)} 的相同`,
  };
}

const firstCapacity = 4_096;

/**
 * Finds what stands twice among many millions: a number of 52 bits for each name is kept, 8 bytes,
 * and sorted at the end. Two names that share a number are told apart by a second look at them.
 */
class RepeatedNumbers {
  #numbers = new Float64Array(firstCapacity);
  #count = 0;

  add(unique: Unique): void {
    if (this.#count === this.#numbers.length) {
      const larger = new Float64Array(Math.ceil(this.#numbers.length * 1.5));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count] = numberOf(unique);
    this.#count += 1;
  }

  /** The numbers that stand more than once. Takes the table apart. */
  repeated(): ReadonlySet<number> {
    const sorted = this.#numbers.subarray(0, this.#count).sort();
    const repeated = new Set<number>();
    for (let index = 1; index < sorted.length; index += 1) {
      const number = sorted[index];
      if (number !== undefined && number === sorted[index - 1]) repeated.add(number);
    }
    this.#numbers = new Float64Array(0);
    this.#count = 0;
    return repeated;
  }
}

/** 52 bits, even over all names. */
function numberOf({ kind, name }: Unique): number {
  // An event's id is a digest already.
  if (kind === 'event id') return Number.parseInt(name.slice(0, 8) + name.slice(24, 29), 16);
  return Number.parseInt(hash('sha1', `${kind} ${name}`, 'hex').slice(0, 13), 16);
}

/**
 * Finds events that share an id, a command id or something they created: each belongs to one
 * command (docs/spec/event.md, "Verification"). The store is read once, and once more where
 * something may stand twice.
 */
export class RepeatsCheck {
  readonly #numbers = new RepeatedNumbers();

  /** @param index the number of events of its command directly before it in its stream */
  take(form: EventForm, body: string, index: number): void {
    const idIn = (member: string): string | undefined => memberOf(body, member);
    for (const unique of uniquesOf({ ...form, idIn, index })) this.#numbers.add(unique);
  }

  /** Yields what stands twice among all events taken. */
  async *find(rows: Pick<StoredRows, 'inOrder'>): AsyncGenerator<Repeat<RepeatPlace>> {
    const numbers = this.#numbers.repeated();
    if (numbers.size === 0) return;
    // A second look tells repetitions from names that happen to share a number.
    const names = new RepeatedNames<RepeatPlace>((unique) => numbers.has(numberOf(unique)));
    const ends = new StreamEnds();
    for await (const batch of rows.inOrder())
      for (const row of batch) {
        const read = ends.next(row);
        if (read === undefined) continue;
        const { form, stream, index } = read;
        const place = { stream, revision: row.revision, position: row.position };
        const idIn = (member: string): string | undefined => memberOf(row.body ?? '', member);
        yield* names.repeatsIn({ ...form, stream, idIn, index }, place);
      }
  }
}

/** The place of each event among those of its command, as rows are read in order. */
export class StreamEnds {
  readonly #ends = new Map<string, StreamEnd>();

  /** @returns `undefined` for a row that is not an event */
  next({
    body = '',
    leafHash,
    revision,
    ...row
  }: StoredRow):
    { readonly form: EventForm; readonly stream: string; readonly index: number } | undefined {
    const form = readForm(body);
    if ('problem' in form) return undefined;
    const stream = row.stream ?? form.stream;
    const end = endOf(form, { revision, leafHash }, this.#ends.get(stream));
    this.#ends.set(stream, end);
    return { form, stream, index: end.index };
  }
}
