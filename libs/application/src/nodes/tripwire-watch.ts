import type { Instant } from '@penalty-ledger/ledger';
import type { EventStore } from '@penalty-ledger/event-store';
import type { Ledger } from '../ledger.js';
import { streamsOf, type SharedEngine } from '../open-store.js';

/** How often the engine is looked at while a ledger is open, in milliseconds: ten minutes. */
export const defaultTripwiresEveryMs = 600_000;

/**
 * Looks at what the engine may do to the ledger's streams, or has done, at once and then on a timer, and has each finding recorded. A look that fails finds
 * nothing and records nothing; {@link lastFailure} says why.
 */
export class TripwireWatch {
  readonly #ledger: Ledger;
  readonly #store: EventStore;
  readonly #engine: SharedEngine;
  readonly #now: () => Instant;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  #lastFailure: Error | undefined;

  constructor(
    parts: { readonly ledger: Ledger; readonly store: EventStore; readonly engine: SharedEngine },
    now: () => Instant,
    everyMs: number,
  ) {
    this.#ledger = parts.ledger;
    this.#store = parts.store;
    this.#engine = parts.engine;
    this.#now = now;
    void this.look();
    this.#timer = setInterval(() => void this.look(), everyMs);
    this.#timer.unref();
  }

  /** Why the last look could not be made; `undefined` when it was. */
  get lastFailure(): Error | undefined {
    return this.#lastFailure;
  }

  /** Looks now; resolves when what was found is recorded, or it was noted why not. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Ends the timer and waits for a look that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    try {
      const found = await this.#engine.tripwires(await streamsOf(this.#store));
      await this.#ledger.soundAlarms(found, this.#now());
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error : new Error(String(error));
    }
  }
}
