import {
  comparePositions,
  IntegrityError,
  type EventStore,
  type Position,
} from '@penalty-ledger/event-store';
import type { LedgerEvent } from '@penalty-ledger/ledger';
import type { Projector } from '@penalty-ledger/projections';
import type { KeyStore } from '../keys/key-store.js';
import { AppendBatch, type Decided, type Outgoing } from './append-batch.js';

/**
 * The number of events folded into the read models at once: enough to make their transaction cheap,
 * few enough to hold.
 */
const foldBatch = 1000;

/**
 * The number of acknowledged events outside the read models before commands wait, beside those
 * being folded in; some 2 KB each.
 */
const maxUnfolded = 20_000;

/** The observer of what becomes of decisions. */
export interface CommitListener {
  /** These events are in the read models from now on. */
  readonly folded: (events: readonly LedgerEvent[]) => void;
  /** An append or a fold failed, and nothing after it is durable. */
  readonly failed: (cause: unknown) => void;
}

/** The decisions that may not be stored yet. */
export interface Unsettled {
  /** Says whether some of them go to this stream. */
  has(stream: string): boolean;
  /** Resolves when all of it is durable. */
  settle(): Promise<unknown>;
}

/**
 * Takes decisions into the store in their order and, once acknowledged, into the read models.
 * Decisions do not wait for it.
 */
export class CommitQueue {
  readonly #store: EventStore;
  readonly #keys: KeyStore;
  readonly #projector: Projector;
  readonly #listener: CommitListener;
  /** Acknowledged, not yet in the read models. */
  #unfolded: LedgerEvent[] = [];
  #position: Position | undefined;
  /** Resolves when all that was acknowledged up to its last call is in the read models. */
  #folded: Promise<void> = Promise.resolve();
  #isFolding = false;
  /** Decided, and not yet handed to the store. */
  readonly #batch = new AppendBatch();
  /** Hands {@link #batch} to the store; there while something is in it. */
  #send: (() => void) | undefined;
  #isGathering = false;
  #settled: Promise<unknown> = Promise.resolve();
  /** The number of batches begun. */
  #begun = 0;
  /** The last batch that appends to a stream, until it is durable. */
  readonly #lastBatch = new Map<string, number>();

  /** @param position of the last event in the store */
  constructor(
    parts: { readonly store: EventStore; readonly keys: KeyStore; readonly projector: Projector },
    position: Position | undefined,
    listener: CommitListener,
  ) {
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#projector = parts.projector;
    this.#position = position;
    this.#listener = listener;
  }

  /** The position of the last event that was acknowledged, or was there before. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Resolves when everything added so far is durable; rejects when some of it is not. */
  get settled(): Promise<unknown> {
    return this.#settled;
  }

  readonly unsettled: Unsettled = {
    has: (stream) => this.#lastBatch.has(stream),
    settle: () => {
      this.send();
      return this.#settled;
    },
  };

  /**
   * Resolves when the read models are near enough for more decisions: senders that are faster wait
   * here, and not in memory.
   */
  async room(): Promise<void> {
    if (this.#unfolded.length > maxUnfolded) await this.#folded;
  }

  /** Keeps what is added from going to the store until {@link release}. */
  gather(): void {
    this.#isGathering = true;
  }

  release(): void {
    if (this.#isGathering) this.send();
    this.#isGathering = false;
  }

  /**
   * Adds the events that one command appends to a stream. They go to the store at the end of this
   * turn of the event loop, or when the gathered batch is released.
   */
  add(decided: Decided): void {
    if (this.#send === undefined) this.#start();
    this.#lastBatch.set(decided.stream, this.#begun);
    this.#batch.add(decided);
  }

  /** Hands what was added to the store now. */
  send(): void {
    this.#send?.();
  }

  /** Brings the read models up to everything acknowledged. */
  fold(): Promise<void> {
    this.#folded = this.#folded.then(() => this.#fold());
    return this.#folded;
  }

  #start(): void {
    const before = this.#settled;
    this.#begun += 1;
    const batch = this.#begun;
    const sent = new Promise<void>((resolve) => {
      this.#send = () => {
        this.#send = undefined;
        resolve(this.#append(before, batch));
      };
    });
    setImmediate(() => {
      if (!this.#isGathering) this.send();
    });
    sent.catch(this.#listener.failed);
    this.#settled = sent;
  }

  /** One durable write of the new keys that the events need, and then the events. */
  async #append(before: Promise<unknown>, batch: number): Promise<void> {
    const appends = this.#batch.take();
    this.#keys.save();
    const sent = appends.map(async ({ stream, expected, records, together, events }) => {
      const { position } = await this.#store.append(stream, expected, records, together);
      return { events, position, group: together?.group };
    });
    const [, stored] = await Promise.all([before, Promise.all(sent)]);
    for (const { events, position } of inStoredOrder(stored)) this.#acknowledged(events, position);
    for (const { stream } of appends)
      if (this.#lastBatch.get(stream) === batch) this.#lastBatch.delete(stream);
  }

  #acknowledged(events: readonly LedgerEvent[], position: Position): void {
    // Read models are folded in the order of the decisions, and made again in that of the store.
    if (comparePositions(position, this.#position) <= 0)
      throw new IntegrityError(
        {
          en: 'the store put an event before one that was decided earlier',
          zh: '存储把一个事件放在了更早作出的事件之前',
        },
        { position },
      );
    this.#unfolded.push(...events);
    this.#position = position;
    if (this.#unfolded.length >= foldBatch && !this.#isFolding)
      this.fold().catch(this.#listener.failed);
  }

  async #fold(): Promise<void> {
    const last = this.#position;
    const events = this.#unfolded;
    if (events.length === 0 || last === undefined) return;
    this.#unfolded = [];
    this.#isFolding = true;
    await this.#projector.fold(events, last);
    this.#isFolding = false;
    this.#listener.folded(events);
  }
}

interface Stored {
  readonly events: Outgoing['events'];
  readonly position: Position;
  readonly group: object | undefined;
}

/**
 * The appends in the order in which the store had to keep them; those decided together, in the
 * order the store gave them.
 */
function inStoredOrder(stored: readonly Stored[]): readonly Stored[] {
  const ordered: Stored[] = [];
  for (let from = 0; from < stored.length;) {
    const group = stored[from]?.group;
    let to = from + 1;
    while (group !== undefined && stored[to]?.group === group) to += 1;
    ordered.push(
      ...stored.slice(from, to).sort((a, b) => comparePositions(a.position, b.position)),
    );
    from = to;
  }
  return ordered;
}
