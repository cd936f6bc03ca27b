import { randomUUID } from 'node:crypto';
import { ConflictError, StoreUnavailableError } from '../errors.js';
import type { ExpectedRevision } from '../event-store.js';
import type { Engine } from './engine.js';
import { EngineFailure, engineFailureOf, unavailable } from './failures.js';
import { backoffMs } from './timings.js';
import type { WireRecord } from './wire-event.js';

/** What stands in a side stream: any JSON without personal data. */
export interface SideEntry {
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
}

const pageSize = 256;

/**
 * A stream of a ledger that holds no events of it, for what its nodes tell each other. It has no leaf hashes and is in no tree; the
 * one thing it promises is that of two who append after the same entry one is refused.
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

  /** Up to 256 entries from a revision on; fewer only at the end. */
  async from(revision: number): Promise<readonly SideEntry[]> {
    return (await this.#records(revision, pageSize)).map(entryOf);
  }

  /**
   * Appends one entry after the one at `expected`. When the engine gives no answer it is read back, and sent again if it is not there.
   *
   * @returns its revision
   * @throws ConflictError when another entry stands there
   * @throws StoreUnavailableError when it may or may not be there
   */
  async append(expected: ExpectedRevision, entry: { readonly type: string; readonly data: unknown }): Promise<number> {
    const event = { id: randomUUID(), ...entry, metadata: {} };
    const revision = expected === 'no_stream' ? 0 : expected + 1;
    const until = performance.now() + this.#engine.timings.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      this.#engine.assertOpen();
      try {
        return (await this.#engine.appendBeside(this.name, expected, [event])).revision;
      } catch (error) {
        const failure = engineFailureOf(error, this.#engine.redact);
        const what = `"${this.name}" cannot be written`;
        if (failure.kind !== 'conflict' && failure.kind !== 'unknown') throw unavailable(what, failure);
        const [there] = await this.#records(revision, 1);
        if (there?.id === event.id) return there.revision;
        if (there !== undefined || failure.kind === 'conflict') throw await this.#conflict(expected);
        const wait = backoffMs(attempt, this.#engine.timings);
        if (performance.now() + wait > until) {
          throw new StoreUnavailableError(`${what}, or was: ${failure.message}`, { cause: failure });
        }
        await this.#engine.pause(wait);
      }
    }
  }

  async #conflict(expected: ExpectedRevision): Promise<ConflictError> {
    return new ConflictError(this.name, expected, (await this.last())?.revision ?? 'no_stream');
  }

  async #records(from: number | 'end', count: number): Promise<readonly WireRecord[]> {
    try {
      return await this.#engine.persistently(`"${this.name}" cannot be read`, () =>
        this.#engine.readStream(this.name, from, count, from === 'end' ? 'backwards' : 'forwards'),
      );
    } catch (error) {
      if (error instanceof EngineFailure && error.kind === 'not_found') return [];
      throw error instanceof EngineFailure ? unavailable(`"${this.name}" cannot be read`, error) : error;
    }
  }
}

function entryOf({ revision, type, data }: WireRecord): SideEntry {
  return { revision, type, data };
}
