import type { EventStore } from '@penalty-ledger/event-store';
import { agencyOfStream, endOfTime, type InBoth } from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  creatorsOfAgency,
  examineReadModels,
  openReadModels,
  ReadModels,
  ReadModelsDamagedError,
  registrationKey,
  registrationLookup,
  type NamedKind,
  type Progress,
  type UsedId,
} from '@penalty-ledger/projections';
import { nearestIds } from './nearest-ids.js';

export { rebuildChannel, rebuildReadModels } from '@penalty-ledger/projections';
export type { Rebuild } from '@penalty-ledger/projections';

/** The kinds of records that belong to an agency and are looked up by their own id. */
export type OwnedKind =
  'addition' | 'appeal' | 'complaint' | 'deduction' | 'measure' | 'review' | 'session';

/** The state of the read models in a file. */
export interface ReadModelsExamined {
  readonly progress: Progress;
  /** The damage; nothing when they are whole. */
  readonly damage: readonly InBoth[];
}

/** Checks the read models in a file, and replaces nothing. */
export async function examineReadModelsAt(
  path: string,
  store: EventStore,
): Promise<ReadModelsExamined> {
  const nothing = { cursor: undefined, events: 0, lastRecordedAt: undefined };
  let readModels: ReadModels;
  try {
    readModels = ReadModels.open(path);
  } catch (error) {
    if (error instanceof ReadModelsDamagedError)
      return { progress: nothing, damage: [error.found] };
    throw error;
  }
  try {
    const damage = await examineReadModels(readModels, store);
    return { progress: damage.length === 0 ? readModels.progress : nothing, damage };
  } finally {
    readModels.close();
  }
}

/**
 * The agency that an id was recorded for, where no reader is open; `undefined` when nothing of this
 * id was recorded.
 *
 * @param path the file of the store's read models, which are brought up to its end
 */
export function recordedAgencyOf(
  kind: OwnedKind,
  id: string,
  store: EventStore,
  path: string,
): Promise<string | undefined> {
  return withReadModels(store, path, ({ database }) => {
    const stream = registrationLookup(database)(registrationKey(kind, id))?.stream;
    return stream === undefined ? undefined : agencyOfStream(stream);
  });
}

/** The creators that were ever bound to an agency, where no reader is open. */
export function recordedCreatorsOf(
  agencyId: string,
  store: EventStore,
  path: string,
): Promise<readonly string[]> {
  return withReadModels(store, path, ({ database }) =>
    creatorsOfAgency(database)(agencyId, endOfTime),
  );
}

/** The ids in use that look most like one, as {@link nearestIds}, where no reader is open. */
export function nearestRecordedIds(
  kind: NamedKind,
  id: string,
  store: EventStore,
  path: string,
): Promise<readonly UsedId[]> {
  return withReadModels(store, path, ({ database }) => nearestIds(kind, id, database));
}

async function withReadModels<Result>(
  store: EventStore,
  path: string,
  read: (readModels: ReadModels) => Result,
): Promise<Result> {
  const readModels = await openReadModels(path, store);
  try {
    await catchUpInItsOwnThread(readModels, store);
    return read(readModels);
  } finally {
    readModels.close();
  }
}
