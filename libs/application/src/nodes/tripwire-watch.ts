import type { Instant } from '@penalty-ledger/ledger';
import type { Ledger } from '../ledger.js';
import { LogFile } from '@penalty-ledger/sequencer';
import type { SharedEngine } from '../open-store.js';

/** How often the engine is looked at while a ledger is open, in milliseconds: ten minutes. */
export const defaultTripwiresEveryMs = 600_000;

/**
 * Looks at what the engine may do to the ledger's streams, or has done, at once and then on a timer, and has each finding recorded. A look that fails finds
 * nothing and records nothing; {@link lastFailure} says why.
 */
export class TripwireWatch {
  readonly #ledger: Ledger;
  readonly #log: string;
  readonly #engine: SharedEngine;
  readonly #now: () => Instant;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  #lastFailure: Error | undefined;
  #alarms: Awaited<ReturnType<SharedEngine['tripwires']>> = [];

  constructor(
    parts: { readonly ledger: Ledger; readonly log: string; readonly engine: SharedEngine },
    now: () => Instant,
    everyMs: number,
  ) {
    this.#ledger = parts.ledger;
    this.#log = parts.log;
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

  /** What the last look that could be made found; empty until there was one. */
  get alarms(): Awaited<ReturnType<SharedEngine['tripwires']>> {
    return this.#alarms;
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
      const found = await this.#engine.tripwires(streamsIn(this.#log));
      this.#alarms = found;
      await this.#ledger.soundAlarms(found, this.#now());
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** The streams of the tree: those that began since it was last brought up are looked at after the next checkpoint. Reading all events for their names would take longer. */
function streamsIn(log: string): readonly string[] {
  const file = LogFile.open(log);
  try {
    return Array.from(file.heads(), ({ stream }) => stream);
  } finally {
    file.close();
  }
}
