import {
  comparePositions,
  DamagedStreams,
  type EventStore,
  type Position,
} from '@penalty-ledger/event-store';
import { catchUpInItsOwnThread, healing, type ReadModels } from '@penalty-ledger/projections';
import { SpokenError, type InBoth } from '@penalty-ledger/ledger';
import type { KeyStore } from '../keys/key-store.js';
import { ReaderStates } from './reader-states.js';

/** An event written elsewhere has not arrived here in time: ask again, or without it. */
export class NotCaughtUpError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'not_caught_up';

  constructor(text: InBoth) {
    super(text);
    this.name = 'NotCaughtUpError';
  }
}

/** The store, and the parts that a follower brings up to its end. */
export interface Followed {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
}

/** Brings the read models and the cached states, on which answers rest, up to the store's end. */
export class HistoryFollower {
  readonly states: ReaderStates;
  readonly #followed: Followed;
  #refreshed: Promise<void> = Promise.resolve();
  #nextRefresh: Promise<void> | undefined;

  constructor(followed: Followed) {
    this.#followed = followed;
    const { store, readModels } = followed;
    this.states = new ReaderStates(store, (damage) => readModels.noteDamage(damage));
  }

  /** The last event in the read models; `undefined` before the first. */
  get position(): Position | undefined {
    return this.#followed.readModels.progress.cursor;
  }

  /**
   * Takes in what was appended before this call, by any process. Calls that come while one is
   * under way are served together by the next.
   */
  refresh(): Promise<void> {
    this.#nextRefresh ??= this.#refreshed.then(() => {
      this.#nextRefresh = undefined;
      const refreshing = this.#takeIn();
      this.#refreshed = refreshing.catch(() => undefined);
      return refreshing;
    });
    return this.#nextRefresh;
  }

  async #takeIn(): Promise<void> {
    const { keys, readModels, store } = this.#followed;
    keys.refresh();
    const head = await store.head();
    const isUnchanged = head === this.states.position;
    readModels.noticeChange();
    if (isUnchanged && readModels.isUsable) return;
    await healing(readModels, store, () => {
      // What was put in the place of the file is examined before anything is folded into it.
      if (readModels.isBehind) readModels.assertUsable();
      return catchUpInItsOwnThread(readModels, store);
    });
    await this.states.bringUpTo(head);
  }

  /**
   * Waits until answers rest on everything up to a position, which another node gave for what was
   * written there.
   *
   * @param position of this ledger's store
   * @param timeoutMs how long to wait, in milliseconds; 0 or more
   * @throws NotCaughtUpError when the position is not reached in time
   * @throws StoreUnavailableError
   * @throws RangeError when the text is not a position of this store
   */
  async atLeast(position: Position, timeoutMs: number): Promise<void> {
    if (!/^\d{1,20}(?:\/\d{1,20})?$/.test(position))
      throw new RangeError(
        `"${position}" is not a position: give the one that the writing node answered with`,
      );
    if (this.#has(position)) return;
    await this.refresh();
    if (this.#has(position)) return;
    await this.#awaitAppend(position, AbortSignal.timeout(timeoutMs));
    await this.refresh();
    if (this.#has(position)) return;
    const at = this.position;
    throw new NotCaughtUpError({
      en:
        `position ${position} was not there within ${timeoutMs} ms; ` +
        `this node is at ${at ?? 'the beginning'}`,
      zh: `全局位置 ${position} 未在 ${timeoutMs} 毫秒内到达；本节点位于 ${at ?? '开头'}`,
    });
  }

  #has(position: Position): boolean {
    return comparePositions(this.position, position) >= 0 && this.states.position !== undefined;
  }

  /** Returns once the store holds the position, or when the signal aborts. */
  async #awaitAppend(position: Position, signal: AbortSignal): Promise<void> {
    const after = this.position;
    const following = this.#followed.store.follow({
      ...(after !== undefined && { after }),
      signal,
      onDamage: new DamagedStreams(after).onDamage,
    });
    for await (const batch of following)
      if (comparePositions(batch.at(-1)?.position, position) >= 0) return;
  }

  /**
   * Counts the events of the store that the read models do not hold yet.
   *
   * @param max counting ends with the batch that exceeds it
   */
  async lagEvents(max: number): Promise<number> {
    const after = this.position;
    const damaged = new DamagedStreams(after);
    const reading = this.#followed.store.readAll({
      ...(after !== undefined && { after }),
      batchSize: 1_000,
      onDamage: damaged.onDamage,
    });
    let lag = 0;
    for await (const batch of reading) {
      lag += damaged.kept(batch).length;
      if (lag > max) break;
    }
    return lag;
  }
}
