import { IntegrityError } from '../errors.js';
import { comparePositions, type Position, type StoredEvent } from '../event-store.js';
import { ChainCheck } from './chain-check.js';
import type { Engine } from './engine.js';
import type { Namespace, WireRecord } from './wire-event.js';

/** Records of one call; the client keeps a page in memory, and unlimited reads have exhausted it. */
const pageLimit = { least: 256, most: 1_000 };

const firstBackwards = 16;

/** Reads the whole log page by page and gives the ledger's events; the client has no filter for this. */
export class LogPages {
  readonly #engine: Engine;
  readonly #namespace: Namespace;

  constructor(engine: Engine, namespace: Namespace) {
    this.#engine = engine;
    this.#namespace = namespace;
  }

  /** The position of the log's last record, of whatever ledger. */
  async end(): Promise<Position | undefined> {
    const [last] = await this.#records('end', 1, 'backwards');
    return last?.position;
  }

  /**
   * The position of the ledger's last event. Looks back page by page, each larger than the one before, over what others wrote since.
   *
   * @param notBefore where to stop looking: an event of the ledger stands there
   */
  async head(notBefore?: Position): Promise<Position | undefined> {
    let from: Position | 'end' = 'end';
    for (let count = firstBackwards; ; count = Math.min(count * 8, pageLimit.most)) {
      const records: readonly WireRecord[] = await this.#records(from, count, 'backwards');
      const fresh: readonly WireRecord[] = from === 'end' ? records : records.filter(({ position }) => position !== from);
      const own = fresh.find(({ stream }) => this.#namespace.streamOf(stream) !== undefined);
      if (own !== undefined) return own.position;
      const last: WireRecord | undefined = fresh.at(-1);
      if (last === undefined) return undefined;
      if (notBefore !== undefined && comparePositions(last.position, notBefore) < 0) return undefined;
      from = last.position;
    }
  }

  /** @throws IntegrityError when no event of the ledger stands at a position that was once read */
  async assertAt(position: Position): Promise<void> {
    const [record] = await this.#records(position, 1, 'forwards');
    if (record === undefined) throw new IntegrityError('missing: the store ends before it', { position });
    if (record.position !== position || this.#namespace.streamOf(record.stream) === undefined) {
      throw new IntegrityError(`missing: ${record.position} is the next there is`, { position });
    }
  }

  /**
   * The ledger's events after a position, in batches of `batchSize`, to the log's end or `until`, that one included.
   *
   * @throws IntegrityError when one is damaged, missing, or does not follow the one before it in its stream
   */
  async *batches(
    after: Position | undefined,
    batchSize: number,
    until?: Position,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const chain = new ChainCheck(this.#namespace, after === undefined);
    const pageSize = Math.min(Math.max(batchSize, pageLimit.least), pageLimit.most) + 1;
    let cursor = after;
    let gathered: StoredEvent[] = [];
    for (;;) {
      const page = await this.#records(cursor ?? 'start', pageSize, 'forwards');
      let ended = page.length < pageSize;
      for (const record of page) {
        if (comparePositions(record.position, cursor) <= 0) continue;
        if (until !== undefined && comparePositions(record.position, until) > 0) {
          ended = true;
          break;
        }
        const event = chain.next(record);
        if (event !== undefined) gathered.push(event);
      }
      const read = page.at(-1)?.position;
      // A read that was cut short looks like the log's end.
      if (ended && until !== undefined && comparePositions(read, until) < 0) {
        if (comparePositions(read, cursor) <= 0) throw new IntegrityError('missing: the log ends before it', { position: until });
        ended = false;
      }
      while (gathered.length >= batchSize || (ended && gathered.length > 0)) {
        yield gathered.slice(0, batchSize);
        gathered = gathered.slice(batchSize);
        this.#engine.assertOpen();
      }
      if (ended) return;
      cursor = read ?? cursor;
    }
  }

  #records(
    from: Position | 'start' | 'end',
    count: number,
    direction: 'forwards' | 'backwards',
  ): Promise<readonly WireRecord[]> {
    return this.#engine.persistently('the log cannot be read', () => this.#engine.readAll(from, count, direction));
  }
}
