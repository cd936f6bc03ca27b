import {
  comparePositions,
  IntegrityError,
  type EventStore,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import { canonicalJson, leafHashOf, readEvent, type InBoth } from '@penalty-ledger/ledger';
import { damagedPages, ReadModelsDamagedError, rebuildChannel } from './file/damage.js';
import { catchUpInItsOwnThread } from './fold-thread.js';
import { ReadModels } from './read-models.js';

/**
 * Opens read models that decisions and answers may rest on: {@link examineReadModels} finds
 * nothing. Damaged ones are replaced by empty ones. Fold in what is missing next.
 */
export async function openReadModels(path: string, store: EventStore): Promise<ReadModels> {
  let readModels: ReadModels;
  try {
    readModels = ReadModels.open(path);
  } catch (error) {
    if (!(error instanceof ReadModelsDamagedError)) throw error;
    rebuildChannel.publish({ path, found: error.found });
    return ReadModels.openAnew(path);
  }
  try {
    const [found] = await examineReadModels(readModels, store);
    if (found !== undefined) replace(readModels);
    return readModels;
  } catch (error) {
    readModels.close();
    throw error;
  }
}

/**
 * Looks whether every page is as it was written, and whether the last event folded in is the one
 * that the store has there. Damage that it finds ends the use of the read models.
 *
 * @returns the damage; nothing when they are whole
 */
export async function examineReadModels(
  readModels: ReadModels,
  store: EventStore,
): Promise<readonly InBoth[]> {
  const found: InBoth[] = [];
  try {
    const damaged = readModels.compareAllPages();
    if (damaged.length > 0) found.push(damagedPages(damaged));
    const difference = await differenceFrom(store, readModels);
    if (difference !== undefined) found.push(difference);
  } catch (error) {
    if (!(error instanceof ReadModelsDamagedError)) throw error;
    found.push(error.found);
  }
  const [first] = found;
  if (first !== undefined) readModels.markDamaged(first);
  return found;
}

/** The difference between the last event folded in and the one that the store has there. */
async function differenceFrom(
  store: EventStore,
  { lastEvent, progress: { cursor, lastRecordedAt } }: ReadModels,
): Promise<InBoth | undefined> {
  // Later events than the store has are another damage, which `catchUp` reports.
  if (lastEvent === undefined || comparePositions(cursor, await store.head()) > 0) return undefined;
  const { stream, revision, leafHash } = lastEvent;
  const found = await eventOrDamage(store, stream, revision);
  // Damage of the stream says nothing of the read models.
  if (found === 'damaged') return undefined;
  // Both hashes are of the event as it is read, which an upcast may have changed.
  if (found !== undefined && found.position === cursor) {
    const event = readEvent(found);
    if (leafHashOf(canonicalJson(event)) === leafHash && event.recordedAt === lastRecordedAt)
      return undefined;
  }
  return {
    en: `their last event, ${stream} at revision ${String(revision)}, is not the one in the store`,
    zh: `其最后一个事件（${stream}，流内序号 ${String(revision)}）与存储中的不同`,
  };
}

async function eventOrDamage(
  store: EventStore,
  stream: string,
  revision: number,
): Promise<StoredEvent | 'damaged' | undefined> {
  try {
    for await (const [found] of store.readStream(stream, { from: revision, batchSize: 1 }))
      return found;
    return undefined;
  } catch (error) {
    if (error instanceof IntegrityError) return 'damaged';
    throw error;
  }
}

const healings = new WeakMap<ReadModels, Promise<void>>();

/**
 * Rebuilds damaged read models from the events, in place. Those who ask meanwhile wait for the same
 * rebuild.
 *
 * @throws ReadModelsDamagedError when the rebuilt ones are damaged too
 */
export function healReadModels(readModels: ReadModels, store: EventStore): Promise<void> {
  let healing = healings.get(readModels);
  if (healing === undefined) {
    healing = heal(readModels, store).finally(() => {
      healings.delete(readModels);
    });
    healings.set(readModels, healing);
  }
  return healing;
}

async function heal(readModels: ReadModels, store: EventStore): Promise<void> {
  // A file that was put there is looked at as one that is opened.
  if (readModels.isBehind) await examineReadModels(readModels, store);
  replace(readModels);
  await catchUpInItsOwnThread(readModels, store);
}

function replace(readModels: ReadModels): void {
  const found = readModels.replaceDamaged();
  if (found !== undefined) rebuildChannel.publish({ path: readModels.path, found });
}

/**
 * Runs work that rests on read models. When they turn out to be damaged, rebuilds them and runs it
 * once more.
 *
 * @param work changes nothing before it has met the damage
 */
export async function healing<Result>(
  readModels: ReadModels,
  store: EventStore,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ReadModelsDamagedError)) throw error;
    await healReadModels(readModels, store);
    return work();
  }
}
