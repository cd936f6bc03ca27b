import { noPreviousEvent, type InBoth } from '@penalty-ledger/ledger';
import { BoundedCache } from '../bounded-cache.js';
import { envelopeOf } from '../envelope.js';
import { IntegrityError } from '../errors.js';
import { missingBefore } from '../damage-texts.js';
import { damageOf, type EventDamage, type OnDamage } from '../event-damage.js';
import type { StoredEvent } from '../event-store.js';
import type { Terms } from './terms.js';
import { marksIn, type Namespace, storedEventOf, type WireRecord } from './wire-event.js';

/**
 * The number of streams remembered while the log is read; the last 100,000 always are. The next
 * event of one that was forgotten is taken as it comes.
 */
const streamLimit = 200_000;

/** The last event of a stream, whose hash a damaged one may have lost. */
interface SeenHead {
  readonly revision: number;
  readonly leafHash: string | undefined;
}

/**
 * Checks the log's events as they come: each against its own hash, and against the event before it
 * in its stream. Positions are not dense, so a missing event shows only here, as a jump in the
 * revisions.
 */
export class ChainCheck {
  readonly #namespace: Namespace;
  readonly #terms: Terms;
  readonly #heads = new BoundedCache<string, SeenHead>(streamLimit);
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
   * @param onDamage is told of damage, which is thrown without it
   * @throws IntegrityError when it is damaged, or an event before it is missing
   */
  next(found: WireRecord, onDamage?: OnDamage): StoredEvent | undefined {
    const stream = this.#namespace.streamOf(found.stream);
    if (stream === undefined || found.type.startsWith('$')) return undefined;
    const record = this.#terms.placed(found);
    if (record === undefined) return undefined;
    const head = this.#heads.get(stream);
    // A stream that was never seen begins with revision 0.
    const isNew = head === undefined && this.#fromStart && !this.#heads.hasForgotten;
    const expected = isNew ? 0 : head && head.revision + 1;
    const isGap = expected !== undefined && record.revision !== expected;
    if (isGap) {
      const { revision, position } = record;
      const problem = missingBefore(revision);
      if (onDamage === undefined)
        throw new IntegrityError(problem, { stream, revision: expected, position });
      if (revision < expected) {
        onDamage({
          problem: {
            en: `it stands behind revision ${expected - 1}`,
            zh: `它位于流内序号 ${expected - 1} 之后`,
          },
          stream,
          revision,
          position,
        });
        return undefined;
      }
      onDamage(missing(stream, expected, record, problem));
    }
    const before = isGap ? undefined : head?.leafHash;
    const previous = before ?? (record.revision === 0 ? noPreviousEvent : undefined);
    try {
      const event = storedEventOf(record, stream, previous);
      this.#heads.set(stream, { revision: event.revision, leafHash: event.leafHash });
      return event;
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      const leafHash = marksIn(record.metadata)?.leafHash;
      this.#heads.set(stream, { revision: record.revision, leafHash });
      if (onDamage === undefined) throw error;
      onDamage(damageOf(error, leafHash));
      return undefined;
    }
  }
}

/** The events that are missing before a record, which names the hash of the last of them. */
function missing(stream: string, revision: number, next: WireRecord, problem: InBoth): EventDamage {
  const leafHash = next.data === undefined ? undefined : envelopeOf(next.data)?.previous;
  return {
    problem,
    stream,
    revision,
    lastRevision: next.revision - 1,
    ...(leafHash !== undefined && { leafHash }),
  };
}
