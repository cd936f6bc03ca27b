import { buildInItsOwnThread, gatherPack } from '@penalty-ledger/application/packing';
import { agencyOfStream, type EvidenceSubjectReference } from '@penalty-ledger/ledger';
import { registrationKey } from '@penalty-ledger/projections';
import type { ServedLedger } from '../served/served-ledger.js';
import type { ServedLog } from '../served/served-log.js';
import type { BuildPack } from './evidence-packs.js';

/** Makes packs of the served ledger: gathered in turns at its log, built in a thread of its own. */
export function packBuilder(ledger: ServedLedger, log: ServedLog): BuildPack {
  return async (wanted, { agencyId: own }, { onProgress, signal }) => {
    const gathered = await gatherPack((work) => log.use(work), wanted, {
      onProgress: (done, of) => onProgress({ step: 'gathering', done, of }),
      signal,
      ...(own !== undefined && {
        maySee: (about: EvidenceSubjectReference) => isOwn(about, own, ledger),
      }),
    });
    onProgress({ step: 'printing', done: 0, of: 1 });
    return buildInItsOwnThread({ gathered, wanted }, signal);
  };
}

/** Whether evidence is about what is an agency's. */
async function isOwn(
  { kind, id }: EvidenceSubjectReference,
  own: string,
  ledger: ServedLedger,
): Promise<boolean> {
  switch (kind) {
    case 'agency':
      return id === own;
    case 'appeal':
    case 'complaint':
    case 'deduction':
      return (await ledger.agencyOf(kind, id)) === own;
    case 'session': {
      await ledger.opened.reader.refresh();
      const stream = ledger.lookUp(registrationKey('session', id))?.stream;
      return stream !== undefined && agencyOfStream(stream) === own;
    }
    default:
      return false;
  }
}
