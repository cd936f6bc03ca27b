export { compareStores } from './compare-stores.js';
export type { SameEvents } from './compare-stores.js';
export { copyEvents, CopyRefusedError, SourceMovedError } from './copy-events.js';
export type { EventsCopied } from './copy-events.js';
export { copyLedger, TargetHeldError } from './copy-ledger.js';
export type { CopyLedger, CopyStep, LedgerCopied } from './copy-ledger.js';
