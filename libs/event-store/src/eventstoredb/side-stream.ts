import { randomUUID } from 'node:crypto';
import { joined, type InBoth } from '@penalty-ledger/ledger';
import { deletedForGood, missingBefore } from '../damage-texts.js';
import { ConflictError, IntegrityError, StoreUnavailableError } from '../errors.js';
import type { ExpectedRevision } from '../event-store.js';
import type { Engine } from './engine.js';
import { EngineFailure, engineFailureOf, unavailable, unreadable } from './failures.js';
import { backoffMs } from './timings.js';
import { dataOf, type WireRecord } from './wire-event.js';

/** The content of a side stream's entry: any JSON without personal data. */
export interface SideEntry {
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
}

const pageSize = 256;

/**
 * A stream of a ledger that holds none of its events, for messages between its nodes. It has no
 * leaf hashes and is in no tree. Its one promise: of two that append after the same entry one is
 * refused.
 */
export class SideStream {
  readonly #engine: Engine;
  readonly name: string;

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.name = name;
  }

  /** The last entry; `undefined` when there is none. */
  async last(): Promise<SideEntry | undefined> {
    const [record] = await this.#records('end', 1);
    return record === undefined ? undefined : entryOf(record);
  }

  /**
   * Up to 256 entries, beginning at a revision, without a gap; fewer only at the end.
   *
   * @throws IntegrityError when one is missing: a reader that counts entries would otherwise read
   * the same ones for ever
   */
  async from(revision: number): Promise<readonly SideEntry[]> {
    const records = await this.#records(revision, pageSize);
    return records.map((record, index) => {
      const expected = revision + index;
      if (record.revision === expected) return entryOf(record);
      const problem = joined([
        missingBefore(record.revision),
        { en: 'it is hidden, or gone, on the engine', zh: '它在存储引擎上被隐藏或已不存在' },
      ]);
      throw new IntegrityError(problem, { stream: this.name, revision: expected });
    });
  }

  /**
   * Appends one entry after the one at `expected`. Without an answer it reads back, and sends again
   * if the entry is absent.
   *
   * @returns its revision
   * @throws ConflictError when another entry stands there
   * @throws IntegrityError when the stream was deleted: the engine takes `no_stream` then, and
   * continues numbering
   * @throws StoreUnavailableError when it may or may not be stored
   */
  async append(
    expected: ExpectedRevision,
    entry: { readonly type: string; readonly data: unknown },
  ): Promise<number> {
    const { type, data } = entry;
    const event = { id: randomUUID(), type, data: JSON.stringify(data), metadata: '{}' };
    const revision = expected === 'no_stream' ? 0 : expected + 1;
    const until = performance.now() + this.#engine.timings.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      this.#engine.assertOpen();
      try {
        const reply = await this.#engine.appendBeside(this.name, expected, [event]);
        if (reply.revision === revision) return revision;
        const problem: InBoth = {
          en:
            `the engine appended it as revision ${reply.revision}: ` +
            'the stream was deleted on the engine',
          zh: `存储引擎将其追加为流内序号 ${reply.revision}：该流已在存储引擎上被删除`,
        };
        throw new IntegrityError(problem, { stream: this.name, revision });
      } catch (error) {
        if (error instanceof IntegrityError) throw error;
        const failure = engineFailureOf(error, this.#engine.redact);
        const what: InBoth = {
          en: `"${this.name}" cannot be written`,
          zh: `无法写入 "${this.name}"`,
        };
        if (failure.kind !== 'conflict' && failure.kind !== 'unknown')
          throw unavailable(what, failure);
        const [there] = await this.#records(revision, 1);
        if (there?.id === event.id) return there.revision;
        if (there !== undefined || failure.kind === 'conflict')
          throw await this.#conflict(expected);
        const wait = backoffMs(attempt, this.#engine.timings);
        if (performance.now() + wait > until) {
          throw new StoreUnavailableError(
            {
              en: `${what.en}, or was: ${failure.inBoth.en}`,
              zh: `${what.zh}，或已写入：${failure.inBoth.zh}`,
            },
            { cause: failure },
          );
        }
        await this.#engine.pause(wait);
      }
    }
  }

  async #conflict(expected: ExpectedRevision): Promise<ConflictError> {
    return new ConflictError(this.name, expected, (await this.last())?.revision ?? 'no_stream');
  }

  async #records(from: number | 'end', count: number): Promise<readonly WireRecord[]> {
    const what = unreadable(this.name);
    try {
      return await this.#engine.persistently(what, () =>
        this.#engine.readStream(this.name, from, count, from === 'end' ? 'backwards' : 'forwards'),
      );
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      if (error.kind === 'not_found') return [];
      if (error.kind !== 'deleted') throw unavailable(what, error);
      throw new IntegrityError(deletedForGood, { stream: this.name }, { cause: error });
    }
  }
}

function entryOf(record: WireRecord): SideEntry {
  return { revision: record.revision, type: record.type, data: dataOf(record) };
}
