import {
  comparePositions,
  DamagedStreams,
  StoreClosedError,
  type EventStore,
} from '@penalty-ledger/event-store';
import { readEvent } from '@penalty-ledger/ledger';
import { healing, type ReadModels } from '@penalty-ledger/projections';

/**
 * Keeps a reader's read models up with what others append, so that a question finds little left to
 * fold in. Others may fold into the same file: the second skips a batch.
 */
export class FollowedReadModels {
  readonly #store: EventStore;
  readonly #readModels: ReadModels;
  #following: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  #failure: Error | undefined;

  constructor(store: EventStore, readModels: ReadModels) {
    this.#store = store;
    this.#readModels = readModels;
  }

  /** The damage that ended it. An engine that is away does not end it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Follows from where the read models are; does nothing while it does. */
  start(): void {
    if (this.#following !== undefined) return;
    const stop = new AbortController();
    const done = this.#follow(stop.signal).catch((error: unknown) => {
      if (error instanceof StoreClosedError) return;
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
    this.#following = { stop, done };
  }

  /** Ends when the batch that is being folded in is done. */
  async stop(): Promise<void> {
    const following = this.#following;
    this.#following = undefined;
    following?.stop.abort();
    await following?.done;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let { cursor } = this.#readModels.progress;
    const from = cursor === undefined ? {} : { after: cursor };
    const damaged = new DamagedStreams(cursor, (damage) => this.#readModels.noteDamage(damage));
    const { onDamage } = damaged;
    for await (const batch of this.#store.follow({ ...from, signal, batchSize: 1_000, onDamage })) {
      const kept = damaged.kept(batch);
      const last = kept.at(-1)?.position;
      if (last === undefined) continue;
      const events = kept.map((record) => readEvent(record));
      await healing(this.#readModels, this.#store, async () => {
        const wasFirst = this.#readModels.apply(events, cursor, last);
        if (!wasFirst && comparePositions(this.#readModels.progress.cursor, last) < 0)
          await this.#readModels.catchUp(this.#store, { upTo: last });
      });
      cursor = last;
    }
  }
}
