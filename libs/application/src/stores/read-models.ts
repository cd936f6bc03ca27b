import type { EventStore } from '@penalty-ledger/event-store';
import { agencyOfStream } from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  ReadModels,
  registrationKey,
  registrationLookup,
  type Progress,
} from '@penalty-ledger/projections';

export { rebuildReadModels } from '@penalty-ledger/projections';
export type { Rebuild } from '@penalty-ledger/projections';

/** The kinds of records that belong to an agency and are looked up by their own id. */
export type OwnedKind = 'appeal' | 'complaint' | 'deduction' | 'session';

/** The progress of the read models in a file; they are made where there are none. */
export function progressOfReadModels(path: string): Progress {
  const readModels = ReadModels.open(path);
  try {
    return readModels.progress;
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
export async function recordedAgencyOf(
  kind: OwnedKind,
  id: string,
  store: EventStore,
  path: string,
): Promise<string | undefined> {
  const readModels = ReadModels.open(path);
  try {
    await catchUpInItsOwnThread(readModels, store);
    const stream = registrationLookup(readModels.database)(registrationKey(kind, id))?.stream;
    return stream === undefined ? undefined : agencyOfStream(stream);
  } finally {
    readModels.close();
  }
}
