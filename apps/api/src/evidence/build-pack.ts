import type { LedgerReader } from '@penalty-ledger/application';
import { buildInItsOwnThread, gatherPack } from '@penalty-ledger/application/packing';
import type { EvidenceSubjectReference } from '@penalty-ledger/ledger';
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
        maySee: (about: EvidenceSubjectReference) => isOwn(about, own, ledger.reader),
      }),
    });
    onProgress({ step: 'printing', done: 0, of: 1 });
    return buildInItsOwnThread({ gathered, wanted }, signal);
  };
}

/** Says whether evidence is about an agency's own record. */
async function isOwn(
  { kind, id }: EvidenceSubjectReference,
  own: string,
  reader: LedgerReader,
): Promise<boolean> {
  switch (kind) {
    case 'agency':
      return id === own;
    case 'appeal':
    case 'complaint':
    case 'deduction':
    case 'session':
      return (await reader.agencyOf(kind, id)) === own;
    default:
      return false;
  }
}
