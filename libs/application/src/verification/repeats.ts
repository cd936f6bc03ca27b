import { hash } from 'node:crypto';
import { endOf, type ChainedEvent, type InBoth, type StreamEnd } from '@penalty-ledger/ledger';
import { readForm, type EventForm } from './event-form.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** An event that has something which only one may have, and the first one that has it. */
export interface Repeat {
  readonly unique: Unique;
  readonly place: RepeatPlace;
  readonly first: RepeatPlace;
}

/** An event as far as it can repeat another. */
interface RepeatableEvent extends Pick<
  ChainedEvent,
  'actor' | 'causation' | 'id' | 'recordedAt' | 'stream'
> {
  readonly type: string;
  readonly body: string;
  /** The number of events of its command directly before it in its stream. */
  readonly index: number;
}

/** A name that only one event may have, or the events of one command. */
export interface Unique {
  readonly kind: 'event id' | 'command id' | 'registration';
  /** Names it among all of its kind. */
  readonly name: string;
  /**
   * The command and the stream it was recorded in, for a command id: one command can begin in
   * several streams.
   */
  readonly of?: { readonly command: string; readonly stream: string };
}

/** The types that create something, and the member of their data that is its id. */
const created: Readonly<Partial<Record<string, readonly [kind: string, member: string]>>> = {
  AgencyAdmitted: ['agency', 'agencyId'],
  DeductionImposed: ['deduction', 'deductionId'],
  AppealInitiated: ['appeal', 'appealId'],
  ComplaintFiled: ['complaint', 'complaintId'],
  GrowthPostRecorded: ['post', 'postId'],
  MeasureImposed: ['measure', 'measureId'],
  AdditionGranted: ['addition', 'additionId'],
  HumanReviewRequested: ['review', 'reviewId'],
  SessionRecorded: ['session', 'sessionId'],
  ThemeProposed: ['proposal', 'proposalId'],
  EvidenceRegistered: ['evidence', 'evidenceId'],
  LegalHoldPlaced: ['hold', 'holdId'],
};

/** Returns the record that an event created, read off its bytes. */
export function createdIn(
  body: string,
): { readonly kind: string; readonly id: string } | undefined {
  // The envelope's last member, by the order of its names.
  const [, type = ''] = /,"type":"(\w+)"\}$/.exec(body.slice(-100)) ?? [];
  const [kind, member] = created[type] ?? [];
  const id = member === undefined ? undefined : memberOf(body, member);
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

/** Lists what an event must not share with another one (docs/spec/event.md, "Verification"). */
function uniquesOf(event: RepeatableEvent): readonly Unique[] {
  const { id, actor, causation, type, body, index, recordedAt, stream } = event;
  const uniques: Unique[] = [{ kind: 'event id', name: id }];
  const [kind, member] = created[type] ?? [];
  const createdId = member === undefined ? undefined : memberOf(body, member);
  if (kind !== undefined && createdId !== undefined)
    uniques.push({ kind: 'registration', name: `${kind} ${createdId}` });
  const { command, commandId: recordedId, fingerprint } = causation;
  // An id that was sent, or made of what the line of an import says, has no slash.
  if (recordedId.includes('/')) return uniques;
  // With its actor's name it is the same id, which another actor had first.
  const suffix = `@${actor}`;
  const commandId = recordedId.endsWith(suffix) ? recordedId.slice(0, -suffix.length) : recordedId;
  if (type === 'AssessmentComputed') {
    // An assessment of all agencies has one in each, also when it was resumed later.
    const name = `${actor} ${commandId} for ${memberOf(body, 'agencyId') ?? ''}`;
    uniques.push({ kind: 'command id', name });
  } else if (index === 0 && command !== 'ComputeAssessment') {
    const of = { command: `${fingerprint} ${recordedAt}`, stream };
    uniques.push({ kind: 'command id', name: `${actor} ${commandId}`, of });
  }
  return uniques;
}

/**
 * The text of a member of an event's data. A quote within a text is written with a backslash, so
 * the first member of this name is found by its characters.
 */
function memberOf(body: string, member: string): string | undefined {
  const mark = `"${member}":"`;
  const data = body.indexOf('"data":{');
  const from = body.indexOf(mark, data);
  if (data < 0 || from < 0) return undefined;
  const start = from + mark.length;
  return body.slice(start, body.indexOf('"', start));
}

const kindsInChinese: Readonly<Record<Unique['kind'], string>> = {
  'event id': '事件编号',
  'command id': '指令编号',
  registration: '登记',
};

/** The problem of an event that has what another had first, as the end of a sentence. */
export function repeated({ kind, name }: Unique, first: RepeatPlace): InBoth {
  const { stream, revision, position } = first;
  return {
    en:
      `its ${kind} "${name}" is that of ${stream} at revision ${String(revision)}, ` +
      `position ${String(position)}, too`,
    zh:
      `其${kindsInChinese[kind]} "${name}" 与 ${stream} 中流内序号 ${String(revision)}、` +
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

interface RepeatPlace {
  readonly stream: string;
  readonly revision: number;
  readonly position: number | string;
}

/** The second look: tells repetitions from names that happen to share a number. */
class RepeatedNames {
  readonly #numbers: ReadonlySet<number>;
  readonly #first = new Map<string, { readonly place: RepeatPlace; readonly seen: Set<string> }>();

  /** @param numbers as {@link RepeatedNumbers.repeated} gives them */
  constructor(numbers: ReadonlySet<number>) {
    this.#numbers = numbers;
  }

  /** The names of an event that one before it had; all events must be shown, in order. */
  repeatsIn(event: RepeatableEvent, place: RepeatPlace): readonly Repeat[] {
    return uniquesOf(event).flatMap((unique) => {
      if (!this.#numbers.has(numberOf(unique))) return [];
      const name = `${unique.kind} ${unique.name}`;
      const first = this.#first.get(name);
      const { command = '', stream = '' } = unique.of ?? {};
      if (first === undefined) {
        this.#first.set(name, { place, seen: new Set([command, `${command} ${stream}`]) });
        return [];
      }
      const isOfSame = unique.of !== undefined && first.seen.has(command);
      if (!isOfSame || first.seen.has(`${command} ${stream}`))
        return [{ unique, place, first: first.place }];
      first.seen.add(`${command} ${stream}`);
      return [];
    });
  }
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
    for (const unique of uniquesOf({ ...form, body, index })) this.#numbers.add(unique);
  }

  /** Yields what stands twice among all events taken. */
  async *find(rows: Pick<StoredRows, 'inOrder'>): AsyncGenerator<Repeat> {
    const numbers = this.#numbers.repeated();
    if (numbers.size === 0) return;
    const names = new RepeatedNames(numbers);
    const ends = new StreamEnds();
    for await (const batch of rows.inOrder())
      for (const row of batch) {
        const read = ends.next(row);
        if (read === undefined) continue;
        const { form, stream, index } = read;
        const place = { stream, revision: row.revision, position: row.position };
        yield* names.repeatsIn({ ...form, stream, body: row.body ?? '', index }, place);
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
