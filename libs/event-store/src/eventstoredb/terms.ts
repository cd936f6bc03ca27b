import { missingBefore } from '../damage-texts.js';
import { ConflictError, IntegrityError } from '../errors.js';
import { comparePositions, type Position } from '../event-store.js';
import type { Engine } from './engine.js';
import { EngineFailure, unavailable, unreadable } from './failures.js';
import { SideStream } from './side-stream.js';
import { dataOf, engineIdOf, marksIn, type Namespace, type WireRecord } from './wire-event.js';

/** An append of a writer whose term had ended. It is on the engine, and not in the ledger. */
export interface LateAppend {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly position: Position;
  /** The term it was sent in. */
  readonly term: number;
  /** The term that had begun by then. */
  readonly during: number;
}

interface Begun {
  readonly term: number;
  readonly position: Position;
}

const entryType = 'WriterTermBegun';
const pageSize = 256;

/** The number of late appends that are kept; more are counted. */
const lateLimit = 1_000;

/**
 * The terms of a ledger's writers. Each begins with an entry in a side stream, and each event says
 * in which term it was sent. An event belongs to the ledger if the last term that began before it
 * in the log is its own. The log's order decides this alone, so all who read it agree, and no clock
 * is needed (docs/spec/eventstoredb.md, "Terms").
 */
export class Terms {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #name: string;
  /** In order of position. The index of each is the revision of its entry. */
  readonly #begun: Begun[] = [];
  /** Every term that began up to here is known. */
  #knownUpTo: Position | undefined;
  /** This process's own term: of the events behind its entry, only those of it count. */
  #own: number | undefined;
  readonly #late = new Map<Position, LateAppend>();
  #lateCount = 0;

  constructor(engine: Engine, namespace: Namespace) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#name = namespace.sideNameOf('terms');
  }

  /** The engine's name of the stream of terms. */
  get streamName(): string {
    return this.#name;
  }

  /** The last term known to have begun; 0 before the first. */
  get latest(): number {
    return this.#begun.at(-1)?.term ?? 0;
  }

  /** The term that this process sends events in. */
  get sending(): number {
    return this.#own ?? this.latest;
  }

  /** Late appends met so far, in order of position; the first thousand of them. */
  get late(): readonly LateAppend[] {
    return [...this.#late.values()].sort((a, b) => comparePositions(a.position, b.position));
  }

  get lateCount(): number {
    return this.#lateCount;
  }

  /**
   * Begins a term: from here on, an event of an earlier one that the engine still takes is late.
   *
   * @throws IntegrityError when a later term has begun
   * @throws ConflictError when another one begins at the same time
   */
  async begin(term: number, holder: string): Promise<void> {
    await this.learn();
    if (this.latest === term) {
      this.#own = term;
      return;
    }
    if (this.latest > term)
      throw new IntegrityError(
        {
          en:
            `term ${this.latest} of the ledger’s writers has begun, ` +
            `and the lease is in term ${term}: another program writes to its stream`,
          zh:
            `账本写入方的任期 ${this.latest} 已开始，而租约处于任期 ${term}：` +
            '另一个程序在写入它的流',
        },
        { stream: this.#name },
      );
    const expected = this.#begun.length === 0 ? 'no_stream' : this.#begun.length - 1;
    await new SideStream(this.#engine, this.#name).append(expected, {
      type: entryType,
      data: { holder, term },
    });
    await this.learn();
    if (this.latest !== term) throw new ConflictError(this.#name, expected, this.#begun.length - 1);
    this.#own = term;
  }

  /** Reads the entries that are not known yet. */
  async learn(): Promise<void> {
    for (;;) {
      const page = await this.#entriesFrom(this.#begun.length);
      for (const record of page) this.#take(record);
      if (page.length < pageSize) return;
    }
  }

  /**
   * Takes the terms that begin in a part of the log, which was read from a position on without a
   * gap.
   */
  async takePart(after: Position | undefined, records: readonly WireRecord[]): Promise<void> {
    const last = records.at(-1);
    if (last === undefined) return;
    if (comparePositions(after, this.#knownUpTo) <= 0) {
      for (const record of records) if (record.stream === this.#name) this.#take(record);
      this.#known(last.position);
    } else {
      await this.#learnUpTo(last.position);
    }
  }

  /** Takes the next record of the log, after all that were taken before. */
  takeNext(record: WireRecord): void {
    if (record.stream === this.#name) this.#take(record);
    this.#known(record.position);
  }

  /**
   * The records that are in the ledger, with the revisions that they have there.
   *
   * @param records of streams of the ledger, read from the engine before this call
   */
  async standing(records: readonly WireRecord[]): Promise<readonly WireRecord[]> {
    let last: Position | undefined;
    for (const { position } of records) if (comparePositions(position, last) > 0) last = position;
    if (last === undefined) return records;
    if (this.#own === undefined) await this.#learnUpTo(last);
    const standing: WireRecord[] = [];
    for (const record of records) {
      const placed = this.placed(record);
      if (placed !== undefined) standing.push(placed);
    }
    return standing;
  }

  /**
   * A record as it stands in the ledger; `undefined` for a late append. Terms must be known up to
   * it.
   */
  placed(record: WireRecord): WireRecord | undefined {
    const marks = marksIn(record.metadata);
    // Damage, which is reported where the record is read as an event.
    if (marks === undefined) return record;
    const during = this.#at(record.position);
    if (marks.term !== during) {
      this.#note(record, marks.term, during);
      return undefined;
    }
    return marks.passed === 0
      ? record
      : { ...record, revision: Math.max(0, record.revision - marks.passed) };
  }

  /** The term that an event at a position must be of. */
  #at(position: Position): number {
    for (let index = this.#begun.length - 1; index >= 0; index -= 1) {
      const begun = this.#begun[index];
      if (begun !== undefined && comparePositions(begun.position, position) < 0) return begun.term;
    }
    return 0;
  }

  #note(record: WireRecord, term: number, during: number): void {
    const { type, position } = record;
    // The event's own id: the engine's is that of its term.
    const id = engineIdOf(record.id, term);
    const stream = this.#namespace.streamOf(record.stream) ?? record.stream;
    if (this.#late.has(position)) return;
    this.#lateCount += 1;
    if (this.#late.size < lateLimit)
      this.#late.set(position, { stream, id, type, position, term, during });
  }

  async #learnUpTo(position: Position): Promise<void> {
    if (comparePositions(position, this.#knownUpTo) <= 0) return;
    await this.learn();
    this.#known(position);
  }

  #known(position: Position): void {
    if (comparePositions(position, this.#knownUpTo) > 0) this.#knownUpTo = position;
  }

  #take(record: WireRecord): void {
    const { revision, position } = record;
    if (revision < this.#begun.length) return;
    const place = { stream: this.#name, revision: this.#begun.length, position };
    if (revision > this.#begun.length) throw new IntegrityError(missingBefore(revision), place);
    const data = dataOf(record);
    const term =
      typeof data === 'object' && data !== null && 'term' in data ? data.term : undefined;
    if (
      record.type !== entryType ||
      typeof term !== 'number' ||
      !Number.isSafeInteger(term) ||
      term <= this.latest
    )
      throw new IntegrityError(
        {
          en: 'it begins no term: another program writes to the stream',
          zh: '它没有开始任何任期：另一个程序在写入该流',
        },
        place,
      );
    this.#begun.push({ term, position });
  }

  async #entriesFrom(revision: number): Promise<readonly WireRecord[]> {
    const what = unreadable(this.#name);
    try {
      return await this.#engine.persistently(what, () =>
        this.#engine.readStream(this.#name, revision, pageSize, 'forwards'),
      );
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      if (error.kind === 'not_found' && this.#begun.length === 0) return [];
      if (error.kind !== 'not_found' && error.kind !== 'deleted') throw unavailable(what, error);
      throw new IntegrityError(
        { en: 'the stream was deleted on the engine', zh: '该流已在存储引擎上被删除' },
        { stream: this.#name },
        { cause: error },
      );
    }
  }
}
