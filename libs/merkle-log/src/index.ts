export {
  assertCurrent,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint.js';
export type { Checkpoint, OpenedCheckpoint } from './checkpoint.js';
export type { Hash } from './hashes.js';
export { MemoryTiles } from './memory-tiles.js';
export {
  decodeSignerKey,
  encodeSignerKey,
  formatVerifierKey,
  parseVerifierKey,
  signerKey,
} from './note-keys.js';
export type { SignerKey, VerifierKey } from './note-keys.js';
export {
  HeadPageError,
  proveAbsenceFrom,
  proveHeadFrom,
  rootOfPages,
  updatePages,
} from './head-pages.js';
export type { HeadPages } from './head-pages.js';
export { checkConsistency, checkInclusion } from './proofs.js';
export { checkReceipt, formatReceipt, parseReceipt, receiptByteLimit } from './receipt.js';
export type { CheckedReceipt, Receipt } from './receipt.js';
export { openNote, parseNote, signNote } from './signed-note.js';
export type { NoteSignature, OpenedNote, SignedNote } from './signed-note.js';
export {
  checkAbsence,
  checkHead,
  emptyMapRoot,
  headHash,
  streamKey,
} from './stream-head-proofs.js';
export type { AbsenceProof, HeadProof, MapEntry, StreamHead } from './stream-head-proofs.js';
export { StreamHeads } from './stream-heads.js';
export {
  appendLeaves,
  compactTreeAt,
  consistencyProof,
  inclusionProof,
  rootAt,
  TileError,
  tileWidth,
} from './tiles.js';
export type { Tile, TileReader } from './tiles.js';
export { CompactTree, emptyRoot, nodeHash, treeRoot } from './tree.js';
export { VerificationError } from './verification-error.js';
export type { VerificationProblem } from './verification-error.js';
