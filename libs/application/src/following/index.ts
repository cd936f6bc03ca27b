export { confirmFence } from './fence-confirmation.js';
export type { Fenced, FenceOrder } from './fence-confirmation.js';
export { followLedger } from './follow-ledger.js';
export type { FollowLedger } from './follow-ledger.js';
export { readStatus, statusFileOf } from './follow-status.js';
export type { FollowState, FollowStatus } from './follow-status.js';
export { copyDetailsOf, FollowedCopy, nothingCopied, sqliteLocationOf } from './followed-copy.js';
export type { CopyDetails } from './followed-copy.js';
export { promoteLedger, promotionOutlook, PromotionRefusedError } from './promote-ledger.js';
export type {
  LedgerPromoted,
  PromoteLedger,
  PromotionOutlook,
  PromotionStep,
} from './promote-ledger.js';
export { PromotionProofError, termProved } from './promotion-proof.js';
export type { PromotionProof } from './promotion-proof.js';
export {
  maxPageBytes,
  maxPageRecords,
  RecordPageHeadSchema,
  writeRecordPage,
} from './record-page.js';
export type { RecordPageHead } from './record-page.js';
export { maxSharedSubjects } from './copied-keys.js';
export {
  SealingKeysSchema,
  SourceConnection,
  SourceUrlError,
  sourceUrlOf,
} from './source-connection.js';
export type { SealingKeys, SourceAddress } from './source-connection.js';
export {
  HistoriesDifferError,
  SourceAwayError,
  SourceForbidsError,
  SourceRefusedError,
} from './source-errors.js';
