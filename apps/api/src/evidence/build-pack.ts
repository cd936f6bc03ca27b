import type { LedgerReader } from '@penalty-ledger/application';
import type { EvidenceFiles } from '@penalty-ledger/application/evidence-files';
import {
  buildInItsOwnThread,
  gatherPack,
  PackRefusedError,
  registeredIn,
} from '@penalty-ledger/application/packing';
import { PackError } from '@penalty-ledger/evidence';
import { counted, type EvidenceSubjectReference } from '@penalty-ledger/ledger';
import type { ServedLedger } from '../served/served-ledger.js';
import type { ServedLog } from '../served/served-log.js';
import type { BuildPack } from './evidence-packs.js';

/** Makes packs of the served ledger: gathered in turns at its log, built in a thread of its own. */
export function packBuilder(ledger: ServedLedger, log: ServedLog, files: EvidenceFiles): BuildPack {
  return async (wanted, { agencyId: own }, { onProgress, signal }) => {
    const gathered = await gatherPack((work) => log.use(work), wanted, {
      onProgress: (done, of) => onProgress({ step: 'gathering', done, of }),
      signal,
      creatorsOf: (agencyId) => ledger.reader.creatorsOf(agencyId),
      ...(own !== undefined && {
        ownBindingsOnly: true,
        maySee: (about: EvidenceSubjectReference) => isOwn(about, own, ledger.reader),
      }),
    });
    onProgress({ step: 'printing', done: 0, of: 1 });
    const attachments = await attachmentsOf(wanted.attach ?? [], registeredIn(gathered), files);
    return buildInItsOwnThread({ gathered, wanted, attachments }, signal);
  };
}

/** The bytes of attachments that one pack may hold; all of them are in memory while it is made. */
const maxAttachedBytes = 268_435_456;

/**
 * Reads the files to attach.
 *
 * @throws PackRefusedError for a file that is not registered for the case, or was not kept: a
 *   requester does not learn which
 * @throws PackError when they are too large together
 */
async function attachmentsOf(
  hashes: readonly string[],
  registered: ReadonlySet<string>,
  files: EvidenceFiles,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const attachments = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const sha256 of hashes) {
    const content = registered.has(sha256) ? await files.read(sha256) : undefined;
    if (content === undefined)
      throw new PackRefusedError(
        'unknown_evidence',
        {
          en: `no file with the SHA-256 "${sha256}" is kept and registered for this case`,
          zh: `没有已保存且为本案登记的 SHA-256 为 "${sha256}" 的文件`,
        },
        sha256,
      );
    bytes += content.length;
    if (bytes > maxAttachedBytes)
      throw new PackError('attachments_too_large', {
        en:
          `the attached files have more than ${counted(maxAttachedBytes, 'byte')}; ` +
          'attach fewer, or make the pack with "ledger evidence"',
        zh:
          `附件合计超过 ${maxAttachedBytes} 字节；` +
          '请减少附件，或改用命令 "ledger evidence" 生成证据包',
      });
    attachments.set(sha256, content);
  }
  return attachments;
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
