import { IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import type { Instant } from '@penalty-ledger/ledger';
import { LogFile } from '@penalty-ledger/sequencer';
import type { LedgerWriter } from '../recording/ledger-writer.js';
import { streamsOf, type SharedEngine } from '../stores/open-store.js';
import { sideStreams } from '../stores/side-streams.js';

/**
 * The interval between looks at the engine while a ledger is open, in milliseconds: ten minutes.
 */
export const defaultTripwiresEveryMs = 600_000;

/**
 * Looks at what the engine may do to the ledger's streams, or has done, at once and then on a
 * timer, and has each finding recorded. A look that fails records nothing; {@link lastFailure} says
 * why.
 */
export class TripwireWatch {
  readonly #ledger: LedgerWriter;
  readonly #log: string;
  readonly #engine: SharedEngine;
  readonly #now: () => Instant;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  #lastFailure: Error | undefined;
  #alarms: Awaited<ReturnType<SharedEngine['tripwires']>> = [];

  constructor(
    parts: { readonly ledger: LedgerWriter; readonly log: string; readonly engine: SharedEngine },
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

  /** The error that prevented the last look; `undefined` when it was made. */
  get lastFailure(): Error | undefined {
    return this.#lastFailure;
  }

  /** The findings of the last look that succeeded; empty before the first. */
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
      const streams = await streamsIn(this.#log, this.#ledger.parts.store);
      const found = await this.#engine.tripwires(streams, sideStreams);
      this.#alarms = found;
      // An event is the same for every reader: it has the English half.
      const recorded = found.map(({ what, ...alarm }) => ({ ...alarm, what: what.en }));
      await this.#ledger.soundAlarms(recorded, this.#now());
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/**
 * The streams of the tree, and those that began since it was last brought up: only the latest
 * events are read for their names.
 */
async function streamsIn(log: string, store: EventStore): Promise<ReadonlySet<string>> {
  const { streams, cursor } = treeIn(log);
  try {
    for (const stream of await streamsOf(store, cursor)) streams.add(stream);
  } catch (error) {
    // What harmed the log's end is what is looked for: the streams that are known tell it.
    if (!(error instanceof IntegrityError)) throw error;
  }
  return streams;
}

function treeIn(log: string): {
  readonly streams: Set<string>;
  readonly cursor: string | undefined;
} {
  const file = LogFile.open(log);
  try {
    return {
      streams: new Set(Array.from(file.heads(), ({ stream }) => stream)),
      cursor: file.progress.cursor,
    };
  } finally {
    file.close();
  }
}
