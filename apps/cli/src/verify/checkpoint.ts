import {
  formatVerifierKey,
  openCheckpoint,
  type OpenedCheckpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import { count } from '../terminal/words.js';
import type { Verdict } from './verdict.js';

/** Checks who signed a checkpoint. @throws VerificationError */
export function verifyCheckpoint(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
): Verdict['found'] {
  return checkpointFields(openCheckpoint(bytes, keys));
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
    ['ledger', origin],
    [
      'signed for',
      `${count(size, 'event')} in ${count(streamHeads.count, 'stream')}, at ${signedAt} (UTC)`,
    ],
    ['root', root],
    ...signedBy.map((key) => ['signed by', formatVerifierKey(key)] as const),
  ];
}
