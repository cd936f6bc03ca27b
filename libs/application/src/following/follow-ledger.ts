import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { errorInBoth, sentence, type InBoth } from '@penalty-ledger/ledger';
import { systemClock, type Clock } from '../clock.js';
import type { FilesElsewhere } from '../stores/store-url.js';
import { FollowedCopy, type Pinned } from './followed-copy.js';
import { statusFileOf, writeStatus, type FollowState, type FollowStatus } from './follow-status.js';
import type { RecordPage } from './record-page.js';
import type { SourceConnection } from './source-connection.js';
import { EmptyPages } from './empty-pages.js';
import { SourceAwayError, SourceRefusedError } from './source-errors.js';

/** The options of following a ledger. */
export interface FollowLedger {
  readonly source: SourceConnection;
  /** The copy: `sqlite:PATH`. */
  readonly to: string;
  /** The copy's files that are not to lie beside its others. */
  readonly elsewhere?: FilesElsewhere;
  /** The name of the copy among its source's followers, when it is begun. */
  readonly name: string;
  /** Keys, one of which is the ledger's; without any, that of the first contact is kept. */
  readonly keys?: readonly string[] | undefined;
  /** Takes the ledger's keys along, which needs an administrator's token. */
  readonly withKeys?: boolean;
  /** Ends when everything is copied that the source had; a source that is away is an error. */
  readonly once: boolean;
  /** Ends it after the page that is being stored. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Told what is being done before the first state is known. */
  readonly onStep?: (step: 'opening' | 'connecting') => void;
  /** Told of every page that was stored. */
  readonly onPage?: (status: FollowStatus) => void;
  /** Told of every change of state. */
  readonly onChange?: (status: FollowStatus) => void;
}

/** The longest time for which the source is asked to wait for an event. */
const maxWaitSeconds = 20;

/** Pauses while the source is away: doubled after each failure. */
const pauses = { firstMs: 500, maxMs: 30_000 };

/** The interval at which the status is written while nothing changes. */
const statusMs = 5_000;

/**
 * Keeps a verified copy of a ledger that another machine serves: takes its events and checkpoints
 * as they are recorded, until the signal aborts.
 *
 * @returns the status at the end
 * @throws SourceRefusedError, HistoriesDifferError, SourceForbidsError
 * @throws SourceAwayError with `once`, or while there is no copy yet
 * @throws StoreLockedError, CustodyError, IntegrityError as `FollowedCopy.open`
 */
export async function followLedger(options: FollowLedger): Promise<FollowStatus> {
  const { source, to, elsewhere = {}, keys, name, signal, onStep = () => undefined } = options;
  onStep('opening');
  const pin = async (): Promise<Pinned> => {
    onStep('connecting');
    const verifierKey = await source.verifierKey(signal);
    if (keys?.includes(verifierKey) === false) throw otherKey(verifierKey, keys);
    return { source: source.url, verifierKey, follower: name };
  };
  const copy = await FollowedCopy.open(to, pin, elsewhere);
  try {
    if (keys !== undefined && !(await copy.isSignedBy(keys)))
      throw new SourceRefusedError(
        {
          en:
            `the copy was begun with the key ${copy.details.verifierKey}, ` +
            `and ${keys.join(', ')} is given`,
          zh: `副本起初使用的密钥为 ${copy.details.verifierKey}，而所给为 ${keys.join('、')}`,
        },
        {
          en: 'give the key that the copy was begun with, or follow into a new file',
          zh: '请给出副本起初使用的密钥，或跟随到新文件',
        },
      );
    if (copy.details.promoting !== undefined)
      throw new SourceRefusedError(
        {
          en: 'the copy is being promoted, and follows nobody any more',
          zh: '副本正在提升，不再跟随任何源',
        },
        {
          en: 'run "ledger promote" again, and it goes on where it was interrupted',
          zh: '请重新运行 "ledger promote"，它会从中断处继续',
        },
      );
    copy.moveTo(source.url, name);
    if (copy.events > 0) onStep('connecting');
    return await new Following(copy, options).run();
  } finally {
    await copy.close();
  }
}

function otherKey(found: string, given: readonly string[]): SourceRefusedError {
  return new SourceRefusedError(
    {
      en: `it signs with the key ${found}, and ${given.join(', ')} is given`,
      zh: `其签名密钥为 ${found}，而所给为 ${given.join('、')}`,
    },
    {
      en: 'one of them is of another ledger: ask somebody you trust for the key',
      zh: '其中之一属于另一账本：请向可信的人索取密钥',
    },
  );
}

class Following {
  readonly #copy: FollowedCopy;
  readonly #options: FollowLedger;
  readonly #clock: Clock;
  readonly #statusFile: string;
  #state: FollowState = 'catching_up';
  #reason: InBoth | undefined;
  #sourceEvents: number;
  #sourceAt: string | undefined;
  /** The moment at which the copy last held everything that the source had. */
  #completeAtMs = performance.now();
  #lease: string | undefined;
  #failures = 0;
  readonly #emptyPages = new EmptyPages();
  #hasKeys = false;
  #wroteMs = -Infinity;

  constructor(copy: FollowedCopy, options: FollowLedger) {
    this.#copy = copy;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#statusFile = statusFileOf(copy.location.events);
    this.#sourceEvents = copy.events;
  }

  async run(): Promise<FollowStatus> {
    const { signal, once } = this.#options;
    const writing = setInterval(() => this.#write(), statusMs);
    this.#change('catching_up');
    try {
      while (!signal.aborted) {
        try {
          await this.#step();
          if (once && this.#isComplete) break;
        } catch (error) {
          if (isAborted(signal)) break;
          if (!(error instanceof SourceAwayError) || once) throw error;
          await this.#waitFor(error);
        }
      }
      this.#change('stopped');
      return this.#status();
    } catch (error) {
      this.#change('stopped', errorInBoth(error));
      throw error;
    } finally {
      clearInterval(writing);
    }
  }

  get #isComplete(): boolean {
    return this.#copy.events >= this.#sourceEvents;
  }

  async #step(): Promise<void> {
    const { source, signal, once, withKeys = false } = this.#options;
    if (withKeys && !this.#hasKeys) {
      await this.#copy.takeKeysOf(source);
      this.#hasKeys = true;
    }
    const { events, details } = this.#copy;
    const waits = !once && this.#isComplete && this.#sourceAt !== undefined;
    const page = await source.records(
      {
        after: events,
        waitSeconds: waits ? waitSecondsUnder(details.followedSeconds) : 0,
        follower: details.follower,
        lease: this.#lease,
      },
      signal,
    );
    this.#answered(page);
    await this.#copy.take(page);
    this.#options.onPage?.(this.#status());
    await this.#emptyPages.took(this.#copy.events - events, this.#sourceEvents, events);
    if (this.#isComplete) {
      this.#completeAtMs = performance.now();
      this.#copy.keepReadModelsUp();
    }
    const provable = Math.min(page.head.signed, this.#copy.events);
    const mayProve = this.#isComplete || !this.#copy.awaitsRotation;
    if (mayProve && provable > this.#copy.verifiedUpTo) await this.#copy.prove(source, signal);
    this.#change(this.#isComplete ? 'following' : 'catching_up');
  }

  #answered({ head }: RecordPage): void {
    this.#failures = 0;
    this.#lease = head.lease;
    this.#sourceEvents = Number(head.head);
    this.#sourceAt = this.#clock.now();
  }

  async #waitFor(error: SourceAwayError): Promise<void> {
    this.#failures += 1;
    this.#lease = undefined;
    this.#change('source_away', errorInBoth(error));
    const maxMs = Math.min(pauses.maxMs, pauses.firstMs * 2 ** Math.min(this.#failures, 10));
    // Between half of it and all, so that followers that lost one source do not return in step.
    const pauseMs = Math.max(error.retryAfterMs, maxMs / 2 + randomInt(maxMs / 2));
    const { signal } = this.#options;
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }

  #change(state: FollowState, reason?: InBoth): void {
    const isChanged = state !== this.#state || reason?.en !== this.#reason?.en;
    this.#state = state;
    this.#reason = reason;
    if (!isChanged && this.#wroteMs + 1_000 > performance.now()) return;
    this.#write();
    if (isChanged) this.#options.onChange?.(this.#status());
  }

  #write(): void {
    this.#wroteMs = performance.now();
    writeStatus(this.#statusFile, this.#status());
  }

  #status(): FollowStatus {
    const { events, recordedAt, verifiedUpTo } = this.#copy;
    const isBehind = this.#state !== 'following' || !this.#isComplete;
    const seconds = (performance.now() - this.#completeAtMs) / 1_000;
    return {
      source: this.#options.source.url,
      state: this.#state,
      ...(this.#reason !== undefined && { reason: sentence(this.#reason) }),
      at: this.#clock.now(),
      events,
      ...(recordedAt !== '' && { recordedAt }),
      sourceEvents: this.#sourceEvents,
      ...(this.#sourceAt !== undefined && { sourceAt: this.#sourceAt }),
      behindEvents: Math.max(0, this.#sourceEvents - events),
      behindSeconds: isBehind ? Math.round(seconds * 10) / 10 : 0,
      verifiedUpTo,
    };
  }
}

/** Asked anew after each await, which the compiler cannot see. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** A third of the source's limit, so that two requests may fail before it is reached. */
function waitSecondsUnder(followedSeconds: number | undefined): number {
  if (followedSeconds === undefined) return maxWaitSeconds;
  return Math.min(maxWaitSeconds, Math.floor(followedSeconds / 3));
}
