import { IntegrityError } from '../errors.js';
import { missingBefore } from '../damage-texts.js';
import { type OnDamage, reportDamage } from '../event-damage.js';
import { comparePositions, type Position, type StoredEvent } from '../event-store.js';
import { ChainCheck } from './chain-check.js';
import type { Engine } from './engine.js';
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

/**
 * Reads the whole log page by page and gives the ledger's events; the client has no filter for
 * this.
 */
export class LogPages {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #terms: Terms;

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
   * before, over what others wrote since.
   *
   * @param notBefore where to stop: an event of the ledger stands there
   */
  async head(notBefore?: Position): Promise<Position | undefined> {
    let before: Position | undefined;
    for (let count = firstBackwards; ; count = Math.min(count * 8, pageLimit.max)) {
      const place = before === undefined ? 'end' : { position: before };
      const records: readonly WireRecord[] = await this.#records(place, count, 'backwards');
      const fresh = records.filter(({ position }) => position !== before);
      const [own] = await this.#terms.standing(
        fresh.filter(
          ({ stream, type }) =>
            this.#namespace.streamOf(stream) !== undefined && !type.startsWith('$'),
        ),
      );
      if (own !== undefined) return own.position;
      const last: WireRecord | undefined = fresh.at(-1);
      if (last === undefined) return undefined;
      if (notBefore !== undefined && comparePositions(last.position, notBefore) < 0)
        return undefined;
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
    let reading = this.#pageFrom(cursor, pageSize);
    let gathered: StoredEvent[] = [];
    for (;;) {
      const [page, end] = await Promise.all([reading, until]);
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

function endsBefore(head: Position | undefined): IntegrityError {
  return new IntegrityError(
    { en: 'missing: the log ends before it', zh: '缺失：日志止于它之前' },
    head === undefined ? {} : { position: head },
  );
}
