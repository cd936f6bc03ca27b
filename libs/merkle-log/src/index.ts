export type { Hash } from './hashes.js';
export { MemoryTiles } from './memory-tiles.js';
export { checkConsistency, checkInclusion } from './proofs.js';
export { checkAbsence, checkHead, emptyMapRoot, headHash, streamKey } from './stream-head-proofs.js';
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
