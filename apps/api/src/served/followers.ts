import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { comparePositions, type Position } from '@penalty-ledger/event-store';
import { ApiProblem } from '../http/problems/api-problem.js';

/** The follower without which the service acknowledges nothing. */
export interface NeededFollower {
  readonly name: string;
  /** The time for which a request of it counts. */
  readonly seconds: number;
  /** True when it must also hold what is acknowledged. */
  readonly inStep: boolean;
}

/** The last that is known of a follower. */
interface Seen {
  readonly position: Position;
  readonly atMs: number;
}

/** Followers that are kept; a new one then takes the place of the one silent for longest. */
const maxFollowers = 16;

/** A copy that follows asks at least every 20 seconds. */
const freshMs = 60_000;

/** The longest time for which a command waits for the needed follower to hold its events. */
const inStepMs = 5_000;

const notFollowed = (name: string) => ({
  en: `the follower ${name} has not asked for events in time; nothing is acknowledged`,
  zh: `跟随方 ${name} 未按时读取事件；不确认任何指令`,
});

/**
 * The copies on other machines that ask for events, and the one of them that the service needs.
 *
 * Every page carries a stamp of this service's own clock, and its follower gives it back with the
 * next request. The lease runs from the stamp, not from the request's arrival: a request may be
 * delayed on its way, and the follower must know the latest instant to which it can have prolonged
 * the lease. So the lease has ended once the follower has waited as long after it received the last
 * page whose stamp it returned.
 */
export class Followers {
  /** The stamps of an earlier run of the service prolong nothing. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #seen = new Map<string, Seen>();
  readonly #reached = new Set<() => void>();
  #leaseUntilMs = -Infinity;

  constructor(readonly needed?: NeededFollower) {}

  /** The stamp of a page that is sent now. */
  stamp(): string {
    return `${this.#run}-${Math.floor(performance.now())}`;
  }

  /** The seconds for which a follower's request counts; `undefined` when nothing rests on it. */
  secondsFor(name: string | undefined): number | undefined {
    return name !== undefined && name === this.needed?.name ? this.needed.seconds : undefined;
  }

  /** Notes a request: the follower holds everything up to a position, durably. */
  asked(name: string, position: Position, stamp: string | undefined): void {
    this.#seen.delete(name);
    this.#seen.set(name, { position, atMs: performance.now() });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > maxFollowers && oldest !== undefined) this.#seen.delete(oldest);
    if (name !== this.needed?.name) return;
    const [run, ms] = stamp?.split('-') ?? [];
    if (run === this.#run && /^\d{1,15}$/.test(ms ?? '')) {
      // A stamp of the future was not made here.
      const stampedMs = Math.min(Number(ms), performance.now());
      this.#leaseUntilMs = Math.max(this.#leaseUntilMs, stampedMs + this.needed.seconds * 1_000);
    }
    for (const wake of this.#reached) wake();
  }

  /** The events that each copy lacks which asked in the last minute, behind so many. */
  lagsBehind(events: number): readonly number[] {
    const since = performance.now() - freshMs;
    return [...this.#seen.values()]
      .filter(({ atMs }) => atMs >= since)
      .map(({ position }) => Math.max(0, events - Number(position)));
  }

  /** Says whether commands may be acknowledged now. */
  get isFollowed(): boolean {
    return this.needed === undefined || performance.now() < this.#leaseUntilMs;
  }

  /** @throws ApiProblem `not_followed` */
  assertFollowed(): void {
    if (this.needed === undefined || this.isFollowed) return;
    throw new ApiProblem('not_followed', notFollowed(this.needed.name), { retryAfter: 5 });
  }

  /**
   * Waits until events up to a position may be acknowledged.
   *
   * @throws ApiProblem `not_followed`: they are stored, and their sender must ask again
   */
  async mayAcknowledge(position: Position | undefined): Promise<void> {
    if (this.needed?.inStep === true) await this.#holds(this.needed.name, position);
    this.assertFollowed();
  }

  async #holds(name: string, position: Position | undefined): Promise<void> {
    const ended = new AbortController();
    const late = pause(inStepMs, 'late' as const, { signal: ended.signal }).catch(() => undefined);
    try {
      while (comparePositions(this.#seen.get(name)?.position, position) < 0) {
        const asked = new Promise<undefined>((resolve) => {
          const wake = (): void => {
            this.#reached.delete(wake);
            resolve(undefined);
          };
          this.#reached.add(wake);
        });
        if ((await Promise.race([asked, late])) === 'late')
          throw new ApiProblem('not_followed', notFollowed(name), { retryAfter: 5 });
      }
    } finally {
      ended.abort();
    }
  }
}
