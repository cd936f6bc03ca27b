import type { Instant } from '@penalty-ledger/ledger';
import { IntegrityError } from '../errors.js';
import type { EventDamage } from '../event-damage.js';
import { comparePositions, type Position, type StoredEvent } from '../event-store.js';
import type { Arrivals } from '../following.js';
import { ChainCheck } from './chain-check.js';
import type { Engine } from './engine.js';
import { EngineFailure, engineFailureOf } from './failures.js';
import type { LogPages } from './log-pages.js';
import { backoffMs } from './timings.js';
import type { Terms } from './terms.js';
import type { Namespace, WireRecord } from './wire-event.js';

/** A place of the log, with the event there or the damage that was met there. */
export interface FedPlace {
  readonly position: Position;
  /** Left out where it is damaged. */
  readonly event?: StoredEvent;
  readonly damages: readonly EventDamage[];
}

/** The number of events kept for followers; a follower that falls behind them reads pages again. */
const keptLimit = { events: 4_096, characters: 8 << 20 };

/**
 * The state of the one subscription:
 *
 * - `idle`: it has no followers
 * - `connecting`: it was requested and not yet confirmed
 * - `following`: events come as they are appended
 * - `waiting`: it broke or ended, and is requested again after a wait
 * - `failed`: the terms of the ledger's writers are damaged; nothing more is delivered
 */
export type FeedState = 'idle' | 'connecting' | 'following' | 'waiting' | 'failed';

export interface FeedHealth {
  readonly state: FeedState;
  /** Since when it is in this state. */
  readonly since: Instant;
  /** The number of times it broke or ended since the store was opened. */
  readonly reconnects: number;
  /** The last cause of a break; holds no secret. */
  readonly lastError: string | undefined;
  /** The last event it delivered. */
  readonly position: Position | undefined;
}

/**
 * The one subscription of a store, for all followers: the engine serves a hundred calls of a
 * connection, and the next one silently gets nothing. After a break or an end it continues behind
 * the last event it took. The engine's own checkpoints and "caught up" come before the events they
 * speak of, and are not used.
 */
export class LiveFeed {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #log: LogPages;
  readonly #terms: Terms;
  readonly #arrivals: Arrivals;
  readonly #now: () => Instant;
  #chain: ChainCheck;
  /** Every event after this position, up to the last delivered, is kept. */
  #floor: Position | undefined;
  #kept: FedPlace[] = [];
  #characters = 0;
  #position: Position | undefined;
  #failure: Error | undefined;
  #stop: (() => void) | undefined;
  #attempt = 0;
  #state: FeedState = 'idle';
  #since: Instant;
  #reconnects = 0;
  #lastError: string | undefined;

  constructor(
    engine: Engine,
    namespace: Namespace,
    log: LogPages,
    terms: Terms,
    arrivals: Arrivals,
    now: () => Instant,
  ) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#log = log;
    this.#terms = terms;
    this.#arrivals = arrivals;
    this.#now = now;
    this.#since = now();
    this.#chain = new ChainCheck(namespace, terms, true);
  }

  get health(): FeedHealth {
    return {
      state: this.#state,
      since: this.#since,
      reconnects: this.#reconnects,
      lastError: this.#lastError,
      position: this.#position,
    };
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /**
   * Subscribes to what comes after a position, unless it already does. Terms must be known up to
   * it.
   */
  start(after: Position | undefined): void {
    if (this.#stop !== undefined || this.#failure !== undefined) return;
    this.#chain = new ChainCheck(this.#namespace, this.#terms, after === undefined);
    this.#floor = after;
    this.#position = after;
    this.#attempt = 0;
    this.#subscribe();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#kept = [];
    this.#characters = 0;
    if (this.#failure === undefined) this.#enter('idle');
  }

  /** Up to `count` places after a position; `undefined` when not all that follow it are kept. */
  after(cursor: Position | undefined, count: number): readonly FedPlace[] | undefined {
    if (this.#stop === undefined || comparePositions(cursor, this.#floor) < 0) return undefined;
    const start = firstAfter(this.#kept, cursor);
    return this.#kept.slice(start, start + count);
  }

  #subscribe(): void {
    const { deadlineMs, maxBackoffMs, probeMs } = this.#engine.timings;
    this.#enter('connecting');
    const timers: NodeJS.Timeout[] = [];
    const cancel = this.#engine.subscribe(
      [this.#namespace.prefix, this.#terms.streamName],
      this.#position,
      {
        event: (record) => this.#take(record),
        confirmed: () => {
          clearTimeout(unconfirmed);
          this.#enter('following');
        },
        ended: (error) => {
          this.#stop?.();
          this.#broken(error);
        },
      },
    );
    // Beyond the calls that a connection may have open, a subscription waits for its turn without a
    // word.
    const unconfirmed = setTimeout(() => {
      this.#stop?.();
      this.#broken(
        new EngineFailure('unknown', {
          en: `the subscription was not confirmed within ${deadlineMs} ms`,
          zh: `订阅在 ${deadlineMs} 毫秒内未得到确认`,
        }),
      );
    }, deadlineMs);
    timers.push(unconfirmed);
    timers.push(setTimeout(() => (this.#attempt = 0), maxBackoffMs));
    timers.push(setInterval(() => void this.#probe(cancel), probeMs));
    for (const timer of timers) timer.unref();
    this.#stop = () => {
      for (const timer of timers) clearTimeout(timer);
      cancel();
      this.#stop = undefined;
    };
  }

  #take(record: WireRecord): void {
    // Delivery is at least once.
    if (comparePositions(record.position, this.#position) <= 0) return;
    this.#terms.takeNext(record);
    const damages: EventDamage[] = [];
    const event = this.#chain.next(record, (damage) => damages.push(damage));
    if (event === undefined && damages.length === 0) return;
    const { position } = record;
    this.#attempt = 0;
    this.#position = position;
    this.#kept.push({ position, damages, ...(event !== undefined && { event }) });
    this.#characters += event?.body.length ?? 0;
    this.#trim();
    this.#arrivals.announce();
  }

  #trim(): void {
    let surplus = 0;
    for (const { event, position } of this.#kept) {
      const tooMany =
        this.#kept.length - surplus > keptLimit.events || this.#characters > keptLimit.characters;
      if (!tooMany || surplus === this.#kept.length - 1) break;
      this.#characters -= event?.body.length ?? 0;
      this.#floor = position;
      surplus += 1;
    }
    if (surplus > 0) this.#kept.splice(0, surplus);
  }

  #broken(error: unknown): void {
    if (error instanceof IntegrityError) {
      this.#failure = error;
      this.#lastError = error.message;
      this.#enter('failed');
      this.#arrivals.announce();
      return;
    }
    this.#reconnects += 1;
    this.#lastError =
      error === undefined
        ? 'the engine ended the subscription'
        : engineFailureOf(error, this.#engine.redact).message;
    this.#enter('waiting');
    const wait = setTimeout(
      () => this.#subscribe(),
      backoffMs(this.#attempt, this.#engine.timings),
    );
    wait.unref();
    this.#attempt += 1;
    this.#stop = () => {
      clearTimeout(wait);
      this.#stop = undefined;
    };
  }

  /**
   * Requests the subscription again when it does not deliver what the log has: it can fall silent
   * without an error.
   */
  async #probe(cancel: () => void): Promise<void> {
    const before = this.#position;
    try {
      const head = await this.#log.head(before);
      if (comparePositions(head, before) <= 0) return;
      const { deadlineMs } = this.#engine.timings;
      await new Promise((resolve) => setTimeout(resolve, Math.min(deadlineMs, 1_000)).unref());
      if (this.#position !== before || this.#state !== 'following') return;
      cancel();
      this.#stop?.();
      this.#broken(
        new EngineFailure('unknown', {
          en: `the subscription is silent, and the log goes on to ${head ?? ''}`,
          zh: `订阅没有送来内容，而日志已到 ${head ?? ''}`,
        }),
      );
    } catch {
      // The engine cannot be read either. The subscription will break by itself, or the next probe
      // finds out.
    }
  }

  #enter(state: FeedState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#now();
  }
}

/** The index of the first place after a position, among places in order. */
function firstAfter(places: readonly FedPlace[], cursor: Position | undefined): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePositions(places[middle]?.position, cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
