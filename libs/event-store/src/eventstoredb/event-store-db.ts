import type { EventRecord, Instant } from '@penalty-ledger/ledger';
import { appendRequestOf } from '../append-request.js';
import type { OnCommitted } from '../committed-group.js';
import { StoreClosedError, StoreUnavailableError } from '../errors.js';
import { damageError, type OnDamage } from '../event-damage.js';
import {
  type Appended,
  type DecidedTogether,
  type EventStore,
  type ExpectedRevision,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
} from '../event-store.js';
import { Arrivals } from '../following.js';
import { batchSizeOf, fromOf } from '../read-options.js';
import { AppendLane } from './append-lane.js';
import type { Engine, Fence } from './engine.js';
import { isOutage } from './failures.js';
import { Lease, type LeaseOptions } from './lease.js';
import { type FeedHealth, LiveFeed } from './live-feed.js';
import { LogPages } from './log-pages.js';
import { SideStream } from './side-stream.js';
import { type KnownHeads, StreamPages } from './stream-pages.js';
import { type LateAppend, Terms } from './terms.js';
import { backoffMs } from './timings.js';
import { type Alarm, lateAlarms, type SideLook, tripwires } from './tripwires.js';
import type { Namespace } from './wire-event.js';

/** The health of a store on an engine. */
export interface EngineHealth extends FeedHealth {
  /** The engine's URL without credentials. */
  readonly engine: string;
  /** Exceptions of the client that were kept from ending the process, and the last of them. */
  readonly contained: number;
  readonly lastContained: string | undefined;
  /** Appends met so far that came from a writer whose term had ended. */
  readonly lateAppends: number;
}

/** An event store on EventStoreDB; opened by `openEventStoreDb`. */
export class EventStoreDb implements EventStore {
  readonly #engine: Engine;
  readonly #namespace: Namespace;
  readonly #now: () => Instant;
  readonly #terms: Terms;
  readonly #streams: StreamPages;
  readonly #log: LogPages;
  readonly #lane: AppendLane | undefined;
  readonly #arrivals = new Arrivals();
  readonly #feed: LiveFeed;
  #followers = 0;
  #closed: Promise<void> | undefined;

  constructor(
    engine: Engine,
    namespace: Namespace,
    access: 'write' | 'read',
    now: () => Instant,
    onCommitted?: OnCommitted,
    private readonly knownHeads?: KnownHeads,
  ) {
    this.#engine = engine;
    this.#namespace = namespace;
    this.#now = now;
    const terms = new Terms(engine, namespace);
    this.#terms = terms;
    this.#streams = new StreamPages(engine, namespace, terms, knownHeads?.revisionOf);
    this.#log = new LogPages(engine, namespace, terms);
    this.#feed = new LiveFeed(engine, namespace, this.#log, terms, this.#arrivals, now);
    this.#lane =
      access === 'read'
        ? undefined
        : new AppendLane(engine, namespace, this.#streams, this.#log, terms, onCommitted);
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
    together?: DecidedTogether,
  ): Promise<Appended> {
    this.#assertOpen();
    if (this.#lane === undefined)
      throw new StoreUnavailableError({
        en: `${this.#engine.shown} is open for reading only`,
        zh: `${this.#engine.shown} 仅以只读方式打开`,
      });
    return this.#lane.append(appendRequestOf(stream, expected, events), together);
  }

  async *readStream(
    stream: string,
    options?: ReadOptions & { readonly from?: number },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    let next = fromOf(options);
    for (;;) {
      this.#assertOpen();
      // Each batch is read with the event before it, so that the chain is checked over every
      // boundary.
      const predecessors = next === 0 ? 0 : 1;
      const events = await this.#streams.from(
        stream,
        next - predecessors,
        batchSize + predecessors,
      );
      this.#assertOpen();
      const batch = predecessors === 0 ? events : events.slice(1);
      if (batch.length === 0) return;
      next += batch.length;
      yield batch;
      if (batch.length < batchSize) return;
    }
  }

  async *readAll(
    options?: ReadAllOptions & { readonly after?: Position },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const after = positionOf(options?.after);
    this.#assertOpen();
    const until = this.#log.head(after);
    for await (const batch of this.#log.batches(after, batchSize, until, options?.onDamage)) {
      this.#assertOpen();
      yield batch;
    }
  }

  async *follow(
    options: ReadAllOptions & { readonly after?: Position; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const batchSize = batchSizeOf(options);
    const { signal } = options;
    const isOver = (): boolean => signal.aborted;
    let cursor = positionOf(options.after);
    const onDamage = options.onDamage && onceEach(options.onDamage);
    this.#assertOpen();
    this.#followers += 1;
    try {
      while (!isOver()) {
        this.#assertOpen();
        if (this.#feed.failure !== undefined) throw this.#feed.failure;
        const batch = this.#feed.after(cursor, batchSize);
        if (batch === undefined) {
          for await (const read of this.#caughtUp(cursor, batchSize, signal, onDamage)) {
            cursor = read.at(-1)?.position;
            yield read;
            if (isOver()) return;
            this.#assertOpen();
          }
          if (!this.#closing) this.#feed.start(cursor);
        } else if (batch.length === 0) {
          await this.#arrivals.next(signal);
        } else {
          cursor = batch.at(-1)?.position;
          const events: StoredEvent[] = [];
          for (const { event, damages } of batch) {
            const [damage] = damages;
            if (damage !== undefined && onDamage === undefined) {
              if (events.length > 0) yield events;
              throw damageError(damage);
            }
            for (const each of damages) onDamage?.(each);
            if (event !== undefined) events.push(event);
          }
          if (events.length > 0) yield events;
        }
      }
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0) this.#feed.stop();
    }
  }

  async head(): Promise<Position | undefined> {
    this.#assertOpen();
    return this.#log.head();
  }

  health(): EngineHealth {
    const { shown, contained } = this.#engine;
    return {
      engine: shown,
      ...this.#feed.health,
      contained: contained.count,
      lastContained: contained.last,
      lateAppends: this.#terms.lateCount,
    };
  }

  /**
   * Finds threats to the ledger's streams, and harm already done; docs/spec/eventstoredb.md lists
   * the alarms.
   *
   * @param streams the ledger's streams to look at
   * @param beside side streams to look at
   * @throws StoreUnavailableError
   */
  async tripwires(
    streams: Iterable<string>,
    beside?: readonly SideLook[],
  ): Promise<readonly Alarm[]> {
    this.#assertOpen();
    const found = await tripwires(this.#engine, this.#namespace, streams, beside);
    return [...found, ...lateAlarms(this.#terms.late)];
  }

  /**
   * Asks from now on before each append to the engine, also when it is sent again because its
   * outcome was unknown. A refused append was not sent. The engine stores none after the end.
   */
  fence(fence: Fence): void {
    this.#engine.fence(fence);
  }

  /**
   * Begins a term of this process as the writer. Reads made from now on show everything that was
   * recorded before it; an append of an earlier term that still lands is {@link lateAppends | late}
   * for everybody.
   *
   * @param term greater than every earlier one
   * @throws IntegrityError when a later one has begun; ConflictError when one begins just now
   */
  async beginTerm(term: number, holder: string): Promise<void> {
    this.#assertOpen();
    await this.#terms.begin(term, holder);
  }

  /**
   * Appends met so far that came from a writer whose term had ended, the first thousand: they are
   * on the engine and not in the ledger.
   */
  get lateAppends(): readonly LateAppend[] {
    return this.#terms.late;
  }

  /** A lease on a stream of its own, beside the ledger's events. */
  lease(name: string, options: Omit<LeaseOptions, 'now'>): Lease {
    this.#assertOpen();
    return new Lease(this.side(name), { ...options, now: this.#now });
  }

  /** A stream beside the ledger's events, for what nodes tell each other. */
  side(name: string): SideStream {
    this.#assertOpen();
    return new SideStream(this.#engine, this.#namespace.sideNameOf(name));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#arrivals.announce();
    this.#feed.stop();
    await this.#lane?.settled();
    await this.#engine.dispose();
    this.knownHeads?.close();
  }

  /** As a page read, but for as long as the engine is away: a follower outlives its restart. */
  async *#caughtUp(
    after: Position | undefined,
    batchSize: number,
    signal: AbortSignal,
    onDamage: OnDamage | undefined,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    let cursor = after;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        for await (const batch of this.#log.batches(cursor, batchSize, undefined, onDamage)) {
          cursor = batch.at(-1)?.position;
          attempt = 0;
          yield batch;
        }
        return;
      } catch (error) {
        if (!isOutage(error)) throw error;
        await this.#engine.pause(backoffMs(attempt, this.#engine.timings), signal);
        this.#assertOpen();
      }
    }
  }

  get #closing(): boolean {
    return this.#closed !== undefined;
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new StoreClosedError();
  }
}

/** Reports each damage once: what comes again after an outage was reported already. */
function onceEach(onDamage: OnDamage): OnDamage {
  const reported = new Set<string>();
  return (damage) => {
    const { stream = '', revision = '', position = '' } = damage;
    const key = `${position} ${revision} ${stream}`;
    if (reported.has(key)) return;
    reported.add(key);
    onDamage(damage);
  };
}

/** @throws RangeError when it is not a position of this engine */
function positionOf(position: Position | undefined): Position | undefined {
  if (position !== undefined && !/^\d{1,20}\/\d{1,20}$/.test(position)) {
    throw new RangeError(`"${position}" is not a position in this store`);
  }
  return position;
}
