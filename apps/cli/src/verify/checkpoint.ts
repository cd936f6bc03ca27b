import {
  formatVerifierKey,
  openCheckpoint,
  type OpenedCheckpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { inLedgerZone } from '../terminal/ledger-zone.js';
import { count, figure } from '../terminal/words.js';
import type { SignedFacts, Verdict } from './verdict.js';
import { said } from '../terminal/language.js';

/** Checks who signed a checkpoint. @throws VerificationError */
export function verifyCheckpoint(bytes: Uint8Array, keys: readonly VerifierKey[]): SignedFacts {
  const opened = openCheckpoint(bytes, keys);
  return { origin: opened.origin, found: checkpointFields(opened) };
}

/** The content of a checkpoint, and its signers. */
export function checkpointFields({
  origin,
  size,
  root,
  streamHeads,
  signedAt,
  signedBy,
}: OpenedCheckpoint): Verdict['found'] {
  return [
    [said('ledger', '账本'), origin],
    [
      said('signed for', '签署范围'),
      said(
        `${count(size, 'event')} in ${count(streamHeads.count, 'stream')}, ` +
          `at ${inLedgerZone(signedAt)}`,
        `${figure(size)} 个事件，${figure(streamHeads.count)} 个事件流，` +
          `于 ${inLedgerZone(signedAt)}`,
      ),
    ],
    [said('root', '根哈希'), root],
    ...signedBy.map((key) => [said('signed by', '签署方'), formatVerifierKey(key)] as const),
  ];
}
