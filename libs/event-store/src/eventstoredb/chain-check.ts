import { noPreviousEvent } from '@penalty-ledger/ledger';
import type { StreamHead } from '../append-request.js';
import { IntegrityError } from '../errors.js';
import type { StoredEvent } from '../event-store.js';
import { type Namespace, storedEventOf, type WireRecord } from './wire-event.js';

/**
 * The number of streams remembered while the log is read. Beyond it the oldest are forgotten, and
 * their next event is taken as it comes.
 */
const streamLimit = 100_000;

/**
 * Checks the log's events as they come: each against its own hash, and against the event before it
 * in its stream. Positions are not dense, so a missing event shows only here, as a jump in the
 * revisions.
 */
export class ChainCheck {
  readonly #namespace: Namespace;
  readonly #heads = new Map<string, StreamHead>();
  /** True when a stream not yet seen must begin with revision 0. */
  #fromStart: boolean;

  /** @param fromStart whether the first event it is shown is the log's first */
  constructor(namespace: Namespace, fromStart: boolean) {
    this.#namespace = namespace;
    this.#fromStart = fromStart;
  }

  /**
   * A record of the log as an event; `undefined` for one that is not of this ledger.
   *
   * @throws IntegrityError when it is damaged, or an event before it is missing
   */
  next(record: WireRecord): StoredEvent | undefined {
    const stream = this.#namespace.streamOf(record.stream);
    if (stream === undefined) return undefined;
    const head = this.#heads.get(stream);
    const expected = head !== undefined ? head.revision + 1 : this.#fromStart ? 0 : undefined;
    if (expected !== undefined && record.revision !== expected && !record.type.startsWith('$')) {
      const { position } = record;
      throw new IntegrityError(`missing: ${record.revision} is the next there is`, {
        stream,
        revision: expected,
        position,
      });
    }
    const previous = head?.leafHash ?? (record.revision === 0 ? noPreviousEvent : undefined);
    const event = storedEventOf(record, stream, previous);
    this.#keep(stream, event);
    return event;
  }

  #keep(stream: string, { revision, leafHash }: StoredEvent): void {
    this.#heads.delete(stream);
    this.#heads.set(stream, { revision, leafHash });
    if (this.#heads.size <= streamLimit) return;
    const [oldest] = this.#heads.keys();
    if (oldest !== undefined) this.#heads.delete(oldest);
    this.#fromStart = false;
  }
}
