import {
  comparePositions,
  DamagedStreams,
  IntegrityError,
  type EventDamage,
  type EventStore,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import type { Progress } from './connection.js';

/** Called while events are folded in: how many so far in this run. */
export type OnProgress = (events: number) => void;

/** Folds in a batch of stored events, as `ReadModels.apply` does. */
export type FoldBatch = (
  events: readonly StoredEvent[],
  after: Position | undefined,
  last: Position,
) => Promise<boolean>;

/** The options of `ReadModels.catchUp`. */
export interface CatchUpOptions {
  readonly onProgress?: OnProgress;
  /** Folds them into the same file. */
  readonly fold?: FoldBatch;
  /** The last event to fold in; that of the store unless given. */
  readonly upTo?: Position;
}

const catchUpBatch = 1_000;

/** Batches that may wait to be folded in while the next is read. */
const batchesAhead = 4;

/** The read models, as catching up sees them. */
interface CaughtUp {
  readonly progress: Progress;
  readonly fold: FoldBatch;
  /** Notes that a stream is damaged, and not folded in further. */
  noteDamage(damage: EventDamage): void;
}

/**
 * Folds in what the store holds and read models lack. The next batches are read while earlier ones
 * are folded in.
 *
 * @throws IntegrityError when the read models are ahead of the store
 */
export async function foldMissing(
  readModels: CaughtUp,
  store: EventStore,
  options: CatchUpOptions,
): Promise<void> {
  const { onProgress, fold = readModels.fold } = options;
  const head = await store.head();
  if (comparePositions(readModels.progress.cursor, head) > 0) {
    throw new IntegrityError(
      {
        en: 'the read models have seen later events than the store holds: its tail is gone',
        zh: '读模型已见过比存储中更晚的事件：存储的末尾已丢失',
      },
      { position: readModels.progress.cursor ?? '' },
    );
  }
  const end = options.upTo ?? head;
  let done = 0;
  let isRead = false;
  for (
    let { cursor } = readModels.progress;
    !isRead && comparePositions(cursor, end) < 0;
    { cursor } = readModels.progress
  ) {
    const folding: Promise<boolean>[] = [];
    const damaged = new DamagedStreams(cursor, (damage) => readModels.noteDamage(damage));
    isRead = true;
    for await (const batch of store.readAll({
      ...(cursor !== undefined && { after: cursor }),
      batchSize: catchUpBatch,
      onDamage: damaged.onDamage,
    })) {
      const isLastBatch = comparePositions(batch.at(-1)?.position, end) >= 0;
      const kept = damaged.kept(batch);
      const events = isLastBatch
        ? kept.filter(({ position }) => comparePositions(position, end) <= 0)
        : kept;
      const last = events.at(-1)?.position;
      if (last !== undefined) {
        if (folding.length >= batchesAhead && (await folding.shift()) === false) {
          isRead = false;
          break;
        }
        const folded = fold(events, cursor, last);
        // A failure is reported by the await below. Until then this handler keeps it from
        // counting as unhandled.
        folded.catch(() => undefined);
        folding.push(folded);
        cursor = last;
        done += events.length;
        onProgress?.(done);
      }
      if (isLastBatch) break;
    }
    // Another process was first: on from where it is.
    if ((await Promise.all(folding)).includes(false)) isRead = false;
  }
}
