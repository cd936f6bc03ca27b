import { setTimeout as pause } from 'node:timers/promises';
import type { AccessLogCopier } from '@penalty-ledger/application/access-log';

/** The wait between two looks for new entries, and the first after a failure. */
const everyMs = 1_000;

/** The longest wait after failures; each doubles it. */
const maxWaitMs = 60_000;

/** The time that the last entries have at the end. */
const lastMs = 2_000;

/**
 * Sends the access log to its second place while the service runs. The place may be away: what is
 * not sent waits in the log itself, and no answer waits for it.
 */
export class AccessCopy {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #waitMs = everyMs;
  #problem: string | undefined;
  #isClosed = false;

  /** @param onChange told the problem when it is another one, and `undefined` when it is over */
  constructor(
    private readonly copier: AccessLogCopier,
    private readonly onChange: (problem: string | undefined) => void,
  ) {}

  /** The last entry that the second place has; -1 for none. */
  get copied(): number {
    return this.copier.copied;
  }

  /** Entries that wait to be sent. */
  get lag(): number {
    return this.copier.lag;
  }

  start(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#copy().finally(() => this.start());
    }, this.#waitMs);
    this.#timer.unref();
  }

  /** Sends what there is, if that is quick, and lets the target go. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const end = new AbortController();
    await Promise.race([
      (this.#running ?? Promise.resolve()).then(() => this.#copy()),
      pause(lastMs, undefined, { signal: end.signal }).catch(() => undefined),
    ]);
    end.abort();
    await this.copier.close();
  }

  async #copy(): Promise<void> {
    let problem: string | undefined;
    try {
      await this.copier.copyOn();
      this.#waitMs = everyMs;
    } catch (error) {
      problem = reasonOf(error);
      this.#waitMs = Math.min(this.#waitMs * 2, maxWaitMs);
    }
    if (problem !== this.#problem) this.onChange(problem);
    this.#problem = problem;
  }
}

/** The reason of a failure; `fetch` hides it in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
