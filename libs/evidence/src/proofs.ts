import { shape } from '@penalty-ledger/ledger';
import type { AbsenceProof, Hash, HeadProof } from '@penalty-ledger/merkle-log';
import { PackError } from './pack-error.js';
import { readPackJson } from './pack-json.js';

const { integerFrom, isAscending, isHash, isStream, listOf, objectOf } = shape;

/** `proofs.json` (`docs/spec/evidence-pack.md`). */
export interface Proofs {
  readonly absent: readonly (AbsenceProof & { readonly stream: string })[];
  readonly consistency: readonly { readonly from: number; readonly proof: readonly Hash[] }[];
  readonly heads: readonly (HeadProof & { readonly stream: string })[];
  readonly inclusion: readonly Hash[];
  readonly indexes: readonly number[];
}

const isHashes = listOf(isHash);

const isProofs = objectOf({
  absent: listOf(
    objectOf({
      'other?': objectOf({ head: isHash, key: isHash }),
      siblings: isHashes,
      stream: isStream,
    }),
  ),
  consistency: listOf(objectOf({ from: integerFrom(0), proof: isHashes })),
  heads: listOf(objectOf({ siblings: isHashes, stream: isStream })),
  inclusion: isHashes,
  indexes: listOf(integerFrom(0)),
});

/** @throws PackError `proofs_bytes`, `proofs_form` */
export function readProofs(bytes: Uint8Array, events: number): Proofs {
  const proofs = readPackJson(bytes, 'proofs', isProofs) as Proofs;
  const inOrder =
    isAscending(proofs.indexes) &&
    isAscending(proofs.heads.map(({ stream }) => stream)) &&
    isAscending(proofs.absent.map(({ stream }) => stream)) &&
    isAscending(proofs.consistency.map(({ from }) => from));
  if (!inOrder) throw new PackError('proofs_form', { en: 'not in order', zh: '次序有误' });
  if (proofs.indexes.length !== events)
    throw new PackError('proofs_form', {
      en: `${proofs.indexes.length} indexes for ${events} events`,
      zh: `${proofs.indexes.length} 个序号，${events} 个事件`,
    });
  return proofs;
}
