import type { EventStore } from '@penalty-ledger/event-store';
import { agencyOfStream } from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  ReadModels,
  registrationKey,
  registrationLookup,
} from '@penalty-ledger/projections';
import type { OwnedKind } from './reader-context.js';

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
