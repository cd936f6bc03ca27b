export {
  AccessLog,
  AccessLogBusyError,
  AccessLogDamagedError,
  AccessLogStoppedError,
  damagedLog,
  firstLineProblem,
  sentenceOf,
} from './access-log.js';
export type { AccessLogParts } from './access-log.js';
export { Anchors } from './anchors.js';
export type { PlacedAnchor } from './anchors.js';
export { AnchorSchema, lineOf, readEntry } from './entry.js';
export type { Access, AccessEntry, Anchor } from './entry.js';
export { AccessLogCopier } from './log-copies.js';
export type { CopyTarget } from './log-copies.js';
export { AccessLogAge } from './log-age.js';
export { isCutLine, isSignedBy, lineOfCut, readCut, startOf } from './log-cut.js';
export type { LogCut } from './log-cut.js';
export { AccessPageSchema, readAccessLog } from './read-access-log.js';
export type { AccessPage } from './read-access-log.js';
export { localUser, UnloggedActs } from './unlogged-acts.js';
export type { Act } from './unlogged-acts.js';
export { verifyAccessLog } from './verify-access-log.js';
export type { AccessLogVerdict } from './verify-access-log.js';
export { followProblem, walk } from './walk.js';
export type { WalkFrom } from './walk.js';
