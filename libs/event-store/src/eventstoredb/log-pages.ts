import { IntegrityError } from '../errors.js';
import { missingBefore } from '../damage-texts.js';
import { type OnDamage, reportDamage } from '../event-damage.js';
import { comparePositions, type Position, type StoredEvent } from '../event-store.js';
import { ChainCheck } from './chain-check.js';
import type { Engine } from './engine.js';
import { EngineFailure } from './failures.js';
import type { Direction, LogPlace } from './client/messages.js';
import type { Terms } from './terms.js';
import type { Namespace, WireRecord } from './wire-event.js';

/**
 * The records of one call. The client keeps a page in memory, and unlimited reads have exhausted
 * it.
 */
const pageLimit = { min: 256, max: 1_000 };

/** Records of the first look back: most often the log's last record is the ledger's. */
const firstBackwards = 2;

/** A look back over more records than this begins with the engine's own search. */
const nearBackwards = 128;

/** A record of the log, of any ledger. */
type LogRecord = Pick<WireRecord, 'id' | 'position'>;

/** The ledger's last event among all records up to one. */
interface KnownHead {
  readonly upTo: LogRecord;
  readonly head: Position | undefined;
}

/** The result of the engine's search; `unknown` where pages have to be read instead. */
type Found = WireRecord | 'none' | 'unknown';

/**
 * Reads the whole log page by page and gives the ledger's events. What others wrote before the
 * ledger's first record and after its last is passed over by the engine's own search.
 */
export class LogPages {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #terms: Terms;
  /** False once a search took longer than an answer may. */
  #searches = true;
  #known: KnownHead | undefined;
  /** The ledger's first record, once it is known. */
  #first: Position | undefined;

  constructor(engine: Engine, namespace: Namespace, terms: Terms) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#terms = terms;
  }

  /** The position of the log's last record, of any ledger. */
  async end(): Promise<Position | undefined> {
    const [last] = await this.#records('end', 1, 'backwards');
    return last?.position;
  }

  /**
   * The position of the ledger's last event. Looks back page by page, each larger than the one
   * before, over what others wrote since; from the second look on no further than to the end of the
   * log at the one before.
   *
   * @param notBefore where to stop: an event of the ledger stands there
   */
  async head(notBefore?: Position): Promise<Position | undefined> {
    let known = this.#known;
    let end: LogRecord | undefined;
    let before: Position | undefined;
    for (let count = firstBackwards; ; count = Math.min(count * 8, pageLimit.max)) {
      const isFar = known === undefined && count > nearBackwards;
      const page = await this.#lookBack(before, count, isFar);
      const fresh = page.filter(({ position }) => position !== before);
      end ??= fresh[0];
      const met = fresh.findIndex((record) => isSame(record, known?.upTo));
      const [own] = await this.#terms.standing(
        (met < 0 ? fresh : fresh.slice(0, met)).filter(
          ({ stream, type }) =>
            this.#namespace.streamOf(stream) !== undefined && !type.startsWith('$'),
        ),
      );
      if (own !== undefined) return this.#headFound(own.position, end);
      if (met >= 0) return this.#headFound(known?.head, end);
      const last: WireRecord | undefined = fresh.at(-1);
      if (last === undefined) return this.#headFound(undefined, end);
      if (notBefore !== undefined && comparePositions(last.position, notBefore) < 0)
        return undefined;
      // An older copy was restored to the engine: nothing is known of what it has.
      if (comparePositions(last.position, known?.upTo.position) < 0) known = undefined;
      before = last.position;
    }
  }

  /**
   * The ledger's events after a position, in batches of `batchSize`, to the log's end or to
   * `until`, inclusive.
   *
   * @param after a position that was read before: an event of the ledger must stand there, unless
   * damage is reported
   * @param onDamage is told of damage, which is thrown without it
   * @throws IntegrityError when one is damaged, missing, or does not follow the one before it in
   * its stream
   */
  async *batches(
    after: Position | undefined,
    batchSize: number,
    until?: Promise<Position | undefined>,
    onDamage?: OnDamage,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const chain = new ChainCheck(this.#namespace, this.#terms, after === undefined);
    const pageSize = Math.min(Math.max(batchSize, pageLimit.min), pageLimit.max) + 1;
    let cursor = after;
    let isSearched = after === undefined;
    let reading = isSearched ? this.#firstPage(pageSize) : this.#pageFrom(after, pageSize);
    let gathered: StoredEvent[] = [];
    for (;;) {
      const [page, end] = await Promise.all([reading, until]);
      // An event came after the search had found none.
      if (isSearched && page.length === 0 && end !== undefined) {
        isSearched = false;
        reading = this.#pageFrom(undefined, pageSize);
        continue;
      }
      if (after !== undefined && cursor === after) this.#assertHeld(after, page[0], onDamage);
      const read = page.at(-1)?.position;
      const isLast =
        until === undefined ? page.length < pageSize : comparePositions(read, end) >= 0;
      if (!isLast) {
        // A page that was cut short is not an end: the head says where the end is.
        if (comparePositions(read, cursor) <= 0) throw endsBefore(end);
        // Comes while the caller works on this one.
        reading = this.#pageFrom(read, pageSize);
        reading.catch(() => undefined);
      }
      await this.#terms.takePart(cursor, page);
      const goesBeyond = until !== undefined && comparePositions(read, end) > 0;
      let isPast = false;
      for (const record of page) {
        // A page begins with the record it was asked to begin after.
        isPast ||= comparePositions(record.position, cursor) > 0;
        if (!isPast) continue;
        if (goesBeyond && comparePositions(record.position, end) > 0) break;
        const event = chain.next(record, onDamage);
        if (event !== undefined) gathered.push(event);
      }
      while (gathered.length >= batchSize || (isLast && gathered.length > 0)) {
        yield gathered.slice(0, batchSize);
        gathered = gathered.slice(batchSize);
        this.#engine.assertOpen();
      }
      if (isLast) return;
      cursor = read;
    }
  }

  #pageFrom(cursor: Position | undefined, size: number): Promise<readonly WireRecord[]> {
    return this.#records(cursor === undefined ? 'start' : { position: cursor }, size, 'forwards');
  }

  /**
   * A page that begins with the ledger's first record, empty where there is none; the log's first
   * page where the engine does not search.
   */
  async #firstPage(size: number): Promise<readonly WireRecord[]> {
    let first = this.#first;
    if (first === undefined) {
      const prefixes = [this.#namespace.prefix, this.#terms.streamName];
      const found = await this.#search(prefixes, 'start', 'forwards');
      if (found === 'none') return [];
      if (found === 'unknown') return this.#pageFrom(undefined, size);
      first = found.position;
    }
    const page = await this.#pageFrom(first, size);
    // An engine that an older copy was restored to may have another record there.
    const isThere = page[0]?.position === first;
    this.#first = isThere ? first : undefined;
    return isThere ? page : this.#pageFrom(undefined, size);
  }

  /** Records before a position; of a search the ledger's next alone, if it has one. */
  async #lookBack(
    before: Position | undefined,
    count: number,
    isFar: boolean,
  ): Promise<readonly WireRecord[]> {
    const place = before === undefined ? 'end' : { position: before };
    if (isFar) {
      const found = await this.#search([this.#namespace.prefix], place, 'backwards');
      if (found !== 'unknown') return found === 'none' ? [] : [found];
    }
    return this.#records(place, count, 'backwards');
  }

  #headFound(head: Position | undefined, end: LogRecord | undefined): Position | undefined {
    if (end !== undefined) this.#known = { upTo: { id: end.id, position: end.position }, head };
    return head;
  }

  /**
   * Has the engine search for the next record of some streams. It sends nothing meanwhile: one that
   * searches for longer than an answer may take is not asked again.
   */
  async #search(prefixes: readonly string[], from: LogPlace, direction: Direction): Promise<Found> {
    if (!this.#searches) return 'unknown';
    const begun = performance.now();
    try {
      return (await this.#engine.nextOf(prefixes, from, direction)) ?? 'none';
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      this.#searches = performance.now() - begun < this.#engine.timings.deadlineMs;
      return 'unknown';
    }
  }

  #assertHeld(
    position: Position,
    record: WireRecord | undefined,
    onDamage: OnDamage | undefined,
  ): void {
    if (record === undefined)
      throw new IntegrityError(
        { en: 'missing: the store ends before it', zh: '缺失：存储止于它之前' },
        { position },
      );
    if (record.position !== position || this.#namespace.streamOf(record.stream) === undefined)
      reportDamage({ problem: missingBefore(record.position), position }, onDamage);
  }

  #records(from: LogPlace, count: number, direction: Direction): Promise<readonly WireRecord[]> {
    return this.#engine.persistently({ en: 'the log cannot be read', zh: '无法读取日志' }, () =>
      this.#engine.readAll(from, count, direction),
    );
  }
}

function isSame(record: LogRecord, other: LogRecord | undefined): boolean {
  return record.position === other?.position && record.id === other.id;
}

function endsBefore(head: Position | undefined): IntegrityError {
  return new IntegrityError(
    { en: 'missing: the log ends before it', zh: '缺失：日志止于它之前' },
    head === undefined ? {} : { position: head },
  );
}
