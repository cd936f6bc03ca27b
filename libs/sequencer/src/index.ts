export { LogFile } from './log-file.js';
export type { KeptCheckpoint, LogProgress, StoredHead, StoredTile } from './log-file.js';
export { NothingToProveError, NotYetSignedError, Sequencer } from './sequencer.js';
export type { InclusionProof, OnProgress, SignedTree } from './sequencer.js';
