import { noPreviousEvent } from '@penalty-ledger/ledger';
import type { StreamHead } from '../append-request.js';
import { BoundedCache } from '../bounded-cache.js';
import { IntegrityError } from '../errors.js';
import type { StoredEvent } from '../event-store.js';
import type { Terms } from './terms.js';
import { type Namespace, storedEventOf, type WireRecord } from './wire-event.js';

/**
 * The number of streams remembered while the log is read; the last 100,000 always are. The next
 * event of one that was forgotten is taken as it comes.
 */
const streamLimit = 200_000;

/**
 * Checks the log's events as they come: each against its own hash, and against the event before it
 * in its stream. Positions are not dense, so a missing event shows only here, as a jump in the
 * revisions.
 */
export class ChainCheck {
  readonly #namespace: Namespace;
  readonly #terms: Terms;
  readonly #heads = new BoundedCache<string, StreamHead>(streamLimit);
  readonly #fromStart: boolean;

  /** @param fromStart whether the first event it is shown is the log's first */
  constructor(namespace: Namespace, terms: Terms, fromStart: boolean) {
    this.#namespace = namespace;
    this.#terms = terms;
    this.#fromStart = fromStart;
  }

  /**
   * A record of the log as an event; `undefined` for one that is not of this ledger, or is late.
   * Terms must be known up to it. The engine's own mark that a stream was closed is passed over: it
   * takes nothing from the log, and reading that stream says what happened.
   *
   * @throws IntegrityError when it is damaged, or an event before it is missing
   */
  next(found: WireRecord): StoredEvent | undefined {
    const stream = this.#namespace.streamOf(found.stream);
    if (stream === undefined || found.type.startsWith('$')) return undefined;
    const record = this.#terms.placed(found);
    if (record === undefined) return undefined;
    const head = this.#heads.get(stream);
    // A stream that was never seen begins with revision 0.
    const isNew = head === undefined && this.#fromStart && !this.#heads.hasForgotten;
    const expected = isNew ? 0 : head && head.revision + 1;
    if (expected !== undefined && record.revision !== expected) {
      const { position } = record;
      throw new IntegrityError(`missing: ${record.revision} is the next there is`, {
        stream,
        revision: expected,
        position,
      });
    }
    const previous = head?.leafHash ?? (record.revision === 0 ? noPreviousEvent : undefined);
    const event = storedEventOf(record, stream, previous);
    this.#heads.set(stream, { revision: event.revision, leafHash: event.leafHash });
    return event;
  }
}
