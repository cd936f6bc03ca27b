import { epochMsOf, instantOf, type Instant } from '@penalty-ledger/ledger';
import { ConflictError } from '../errors.js';
import type { ExpectedRevision } from '../event-store.js';
import type { SideEntry, SideStream } from './side-stream.js';

export interface LeaseOptions {
  /** Names this process among all that may hold the lease; a restarted process takes a new name. */
  readonly holder: string;
  /** The length of a term that is not renewed, in milliseconds. Renew at a third of it. */
  readonly termMs: number;
  /**
   * The assumed distance of two nodes' clocks, in milliseconds: a holder stops this long before its
   * term ends, and another begins this long after. Default a tenth of `termMs`.
   */
  readonly skewMs?: number;
  readonly now: () => Instant;
}

/** Somebody's time as the holder. */
export interface Term {
  readonly holder: string;
  /**
   * 1, 2, 3, …: each holder's number is higher than the one before, so that late acts of an earlier
   * holder can be recognised.
   */
  readonly epoch: number;
  readonly until: Instant;
}

const type = 'LeaseTermSet';

/**
 * Lets one node at a time act. The node that appends the next entry to the lease's stream holds it;
 * the engine's check of the expected revision lets one of several win. A holder that cannot renew
 * learns it from {@link isHeld}, before another may begin.
 */
export class Lease {
  readonly #stream: SideStream;
  readonly #options: Required<LeaseOptions>;
  #held: { readonly term: Term; readonly revision: number } | undefined;

  /** @throws RangeError when the term is not longer than twice the skew */
  constructor(stream: SideStream, options: LeaseOptions) {
    const { termMs, skewMs = Math.ceil(termMs / 10) } = options;
    if (!(termMs > 2 * skewMs && skewMs >= 0)) {
      throw new RangeError(
        `a term of ${termMs} ms is too short for clocks that differ by up to ${skewMs} ms`,
      );
    }
    this.#stream = stream;
    this.#options = { ...options, skewMs };
  }

  /**
   * Says whether this node may act as the holder now. Ask before each act; it turns false in time,
   * also when the engine cannot be reached.
   */
  isHeld(): boolean {
    return this.remainingMs() > 0;
  }

  /** The time for which this node may act without renewal, in milliseconds; 0 or less when over. */
  remainingMs(): number {
    if (this.#held === undefined) return 0;
    return epochMsOf(this.#held.term.until) - this.#options.skewMs - this.#nowMs();
  }

  /** The term this node holds, or held last. */
  get term(): Term | undefined {
    return this.#held?.term;
  }

  /**
   * Takes the lease when it is free: it was never held, the holder gave it back, or its term is
   * over.
   *
   * @param takesBack takes it also from this holder's own name, in a new term: nothing else in the
   * process holds it any more
   * @returns the term that stands now, this node's or another's
   * @throws StoreUnavailableError
   */
  async acquire(takesBack = false): Promise<Term> {
    if (this.isHeld()) return this.renew();
    this.#held = undefined;
    const { term, isFree, revision } = await this.#look();
    const isOwn = takesBack && term?.holder === this.#options.holder;
    if (term !== undefined && !isFree && !isOwn) return term;
    return this.#write(revision, (term?.epoch ?? 0) + 1, this.#options.termMs);
  }

  /**
   * The last term, and whether the lease could be taken now. Takes nothing.
   *
   * @throws StoreUnavailableError
   */
  async look(): Promise<{ readonly term: Term | undefined; readonly isFree: boolean }> {
    const { term, isFree } = await this.#look();
    return { term, isFree };
  }

  /**
   * The instant from which another may begin, unless the holder goes on: the end of a term plus the
   * assumed distance of clocks.
   */
  freeAt({ until }: Term): Instant {
    return instantOf(epochMsOf(until) + this.#options.skewMs);
  }

  /**
   * Prolongs the term from now on.
   *
   * @returns the term that stands now; another's when this node has lost the lease
   * @throws StoreUnavailableError; the old term then runs on to its end
   */
  async renew(): Promise<Term> {
    if (this.#held === undefined || !this.isHeld()) {
      this.#held = undefined;
      return this.acquire();
    }
    const { term, revision } = this.#held;
    return this.#write(revision, term.epoch, this.#options.termMs);
  }

  /** Gives the lease back, so that another need not wait. Does nothing when it is not held. */
  async release(): Promise<void> {
    if (this.#held === undefined || !this.isHeld()) return;
    const { term, revision } = this.#held;
    this.#held = undefined;
    await this.#write(revision, term.epoch, 0);
    this.#held = undefined;
  }

  async #look(): Promise<{
    term: StoredTerm | undefined;
    isFree: boolean;
    revision: ExpectedRevision;
  }> {
    const last = await this.#stream.last();
    if (last === undefined) return { term: undefined, isFree: true, revision: 'no_stream' };
    const term = termOf(last);
    const isOver = this.#nowMs() >= epochMsOf(this.freeAt(term));
    return { term, isFree: isOver || term.released, revision: last.revision };
  }

  async #write(expected: ExpectedRevision, epoch: number, lastsMs: number): Promise<Term> {
    // Counted from before the write: the time that the engine takes is the holder's loss, never the
    // next one's.
    const until = instantOf(this.#nowMs() + lastsMs);
    const term: Term = { holder: this.#options.holder, epoch, until };
    try {
      const revision = await this.#stream.append(expected, {
        type,
        data: { ...term, released: lastsMs === 0 },
      });
      this.#held = { term, revision };
      return term;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      this.#held = undefined;
      const last = await this.#stream.last();
      if (last === undefined) throw error;
      return termOf(last);
    }
  }

  #nowMs(): number {
    return epochMsOf(this.#options.now());
  }
}

interface StoredTerm extends Term {
  readonly released: boolean;
}

function termOf({ data, revision }: SideEntry): StoredTerm {
  const { holder, epoch, until, released } = (
    typeof data === 'object' && data !== null ? data : {}
  ) as Partial<StoredTerm>;
  if (typeof holder !== 'string' || typeof epoch !== 'number' || typeof until !== 'string') {
    throw new RangeError(
      `entry ${revision} of the lease is not a term: another program writes to its stream`,
    );
  }
  return { holder, epoch, until, released: released === true };
}
