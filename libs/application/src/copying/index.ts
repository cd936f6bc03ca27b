export { compareStores } from './compare-stores.js';
export type { SameEvents } from './compare-stores.js';
export { copyEvents, CopyRefusedError, SourceMovedError } from './copy-events.js';
export type { EventsCopied } from './copy-events.js';
export { copyLedger } from './copy-ledger.js';
export type { CopyLedger, CopyStep, LedgerCopied } from './copy-ledger.js';
export { keptCheckpoints } from './kept-checkpoints.js';
export { TargetHeldError, takeTarget } from './target-lease.js';
