import { noPreviousEvent, type InBoth } from '@penalty-ledger/ledger';
import { BoundedCache } from '../bounded-cache.js';
import { deletedForGood, emptyStream, missingBefore } from '../damage-texts.js';
import { IntegrityError } from '../errors.js';
import type { StoredEvent } from '../event-store.js';
import type { Engine } from './engine.js';
import { EngineFailure } from './failures.js';
import type { Terms } from './terms.js';
import { type Namespace, storedEventOf, type WireRecord } from './wire-event.js';

/** The number of streams whose revision is remembered; the last 100,000 always are. */
const knownLimit = 200_000;

/** The ends of streams as they are known outside of the engine. */
export interface KnownHeads {
  /** The revision of a stream's last event; `undefined` for a stream that is not known. */
  readonly revisionOf: (stream: string) => number | undefined;
  readonly close: () => void;
}

/**
 * Reads the ledger's streams page by page, and remembers which exist: a stream that was there and
 * is gone is an alarm, never "nothing".
 */
export class StreamPages {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  /** The last revision seen of a stream. */
  readonly #known = new BoundedCache<string, number>(knownLimit);
  readonly #terms: Terms;
  readonly #revisionOf: KnownHeads['revisionOf'];
  /** The number of late appends in the streams that have any. */
  readonly #passed = new Map<string, number>();

  constructor(
    engine: Engine,
    namespace: Namespace,
    terms: Terms,
    revisionOf: KnownHeads['revisionOf'] = () => undefined,
  ) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#terms = terms;
    this.#revisionOf = revisionOf;
  }

  /** By how much the engine's next revision in a stream exceeds its own, as {@link last} found. */
  passed(stream: string): number {
    return this.#passed.get(stream) ?? 0;
  }

  /** Notes that a stream has this revision. */
  saw(stream: string, revision: number): void {
    const known = this.#known.get(stream) ?? -1;
    this.#known.set(stream, Math.max(known, revision));
  }

  /**
   * The last event of a stream; `undefined` for an absent stream. @throws IntegrityError when there
   * was one
   */
  async last(stream: string): Promise<StoredEvent | undefined> {
    const { record, passed } = await this.#lastStanding(stream);
    if (passed === 0) this.#passed.delete(stream);
    else this.#passed.set(stream, passed);
    const known = this.#knownRevision(stream);
    if (record === undefined) {
      if (known < 0) return undefined;
      throw new IntegrityError(emptyStream, {
        stream,
        revision: known,
      });
    }
    const event = storedEventOf(record, stream);
    if (event.revision < known) {
      throw new IntegrityError(
        {
          en: `missing: the stream ends at revision ${event.revision}`,
          zh: `缺失：事件流止于流内序号 ${event.revision}`,
        },
        { stream, revision: known },
      );
    }
    this.saw(stream, event.revision);
    return event;
  }

  /**
   * Up to `count` events, beginning at a revision, without a gap, each following the one before it;
   * fewer only at the stream's end.
   *
   * @throws IntegrityError when one is missing or damaged, or all of them are gone
   */
  async from(stream: string, from: number, count: number): Promise<readonly StoredEvent[]> {
    const records = [...(await this.#standingFrom(stream, from, count))];
    // The ends known elsewhere matter where this read comes to an end.
    const known =
      records.length < count ? this.#knownRevision(stream) : (this.#known.get(stream) ?? -1);
    // A read that was cut short looks like the stream's end; events known to exist are requested
    // again.
    if (records.length < count && known >= from + records.length) {
      records.push(
        ...(await this.#standingFrom(stream, from + records.length, count - records.length)),
      );
    }
    let next = from;
    let previous = from === 0 ? noPreviousEvent : undefined;
    const events = records.map((record) => {
      if (record.revision !== next && !record.type.startsWith('$')) {
        throw new IntegrityError(missingBefore(record.revision), {
          stream,
          revision: next,
        });
      }
      next += 1;
      const event = storedEventOf(record, stream, previous);
      previous = event.leafHash;
      return event;
    });
    if (events.length < count && known >= next) {
      throw new IntegrityError(
        { en: 'missing: it was stored', zh: '缺失：它曾被存储' },
        { stream, revision: next },
      );
    }
    const last = events.at(-1);
    if (last !== undefined) this.saw(stream, last.revision);
    return events;
  }

  #knownRevision(stream: string): number {
    return Math.max(this.#known.get(stream) ?? -1, this.#revisionOf(stream) ?? -1);
  }

  /** Up to `count` records of the ledger, from one of its own revisions on. */
  async #standingFrom(stream: string, from: number, count: number): Promise<WireRecord[]> {
    const gathered: WireRecord[] = [];
    // The engine's revisions are the ledger's own or greater.
    for (let at = from; ;) {
      const wanted = count - gathered.length;
      const page = await this.#records(stream, at, wanted);
      const standing = await this.#terms.standing(page);
      const fresh = standing.filter(
        ({ revision, type }) => revision >= from || type.startsWith('$'),
      );
      gathered.push(...fresh);
      const last = page.at(-1);
      if (last === undefined || page.length < wanted || fresh.length === page.length)
        return gathered;
      at = last.revision + 1;
    }
  }

  /** The last record of the ledger in a stream, and the number of late appends in it. */
  async #lastStanding(
    stream: string,
  ): Promise<{ readonly record: WireRecord | undefined; readonly passed: number }> {
    let end: number | undefined;
    let from: number | 'end' = 'end';
    for (let count = 1; ; count = Math.min(count * 8, 512)) {
      const page: readonly WireRecord[] = await this.#records(stream, from, count, 'backwards');
      const [record] = await this.#terms.standing(page);
      end ??= page[0]?.revision;
      if (end === undefined) return { record: undefined, passed: 0 };
      if (record !== undefined) return { record, passed: end - record.revision };
      const first = page.at(-1)?.revision ?? 0;
      if (first === 0) return { record: undefined, passed: end + 1 };
      from = first - 1;
    }
  }

  async #records(
    stream: string,
    from: number | 'end',
    count: number,
    direction: 'forwards' | 'backwards' = 'forwards',
  ): Promise<readonly WireRecord[]> {
    const name = this.#namespace.nameOf(stream);
    const what: InBoth = {
      en: `stream "${stream}" cannot be read`,
      zh: `无法读取事件流 "${stream}"`,
    };
    try {
      return await this.#engine.persistently(what, () =>
        this.#engine.readStream(name, from, count, direction),
      );
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      if (error.kind === 'not_found') return [];
      throw new IntegrityError(deletedForGood, { stream }, { cause: error });
    }
  }
}
