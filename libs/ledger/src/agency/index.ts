export { appealAnswer, answerOfAppeal, appealDueAt } from './answers/appeal-answer.js';
export { appealClocks, AppealClockSchema } from './answers/appeal-clocks.js';
export type { AppealClock } from './answers/appeal-clocks.js';
export {
  appealKnownAt,
  appealStateAt,
  expulsionInitiateByOf,
  hasLastChanceLeft,
  initiateByOf,
  isAppealableAt,
  isAppealedAt,
  lastAppealOf,
  isContestedAt,
  lastChanceAppeal,
  openWindowOf,
  stateOfKnown,
} from './answers/appeal-state.js';
export { assessmentAt } from './answers/assessment-at.js';
export { agencyEntry, balanceAnswer, isKnownAt } from './answers/balance-answer.js';
export { balanceAt, pointsAt, sumAt, sumsAt, valuesAt } from './answers/balance.js';
export { complaintAnswer } from './answers/complaint-answer.js';
export {
  complaintLinksAt,
  complaintOfDeduction,
  complaintsAt,
  complaintStateAt,
  headOf,
  mergedIntoAt,
} from './answers/complaint-state.js';
export type { ComplaintLinks } from './answers/complaint-state.js';
export { findingsAt } from './answers/findings-at.js';
export { holdGroundTerms, HoldSchema, holdsOf, lastToEnd, retentionOf } from './answers/holds.js';
export {
  HumanReviewSchema,
  ImposedMeasureSchema,
  measuresAt,
  reviewDueAt,
  reviewsAt,
} from './answers/measures.js';
export type { HumanReview, ImposedMeasure } from './answers/measures.js';
export { observationCauses } from './answers/observation-causes.js';
export { periodOf } from './answers/period.js';
export { episodeAt, isRevoked, standingAt } from './answers/standing.js';
export { AdditionAtSchema, shownAt } from './answers/scale.js';
export type { AdditionAt } from './answers/scale.js';
export { supportFactsOf } from './answers/support-facts.js';
export { assessedMonths, whatIfAnswer } from './answers/what-if.js';
export { commandSchemas, StatementSchema, subjectOfCommand } from './commands.js';
export { decide } from './decide/decide.js';
export { complete, execute, passClock } from './decide/execute.js';
export { complaintSubjectOf, eventVersions, measureKinds, subjectOf } from './events.js';
export { additionOf, emptyHistory, evolve } from './history.js';
export { packEvents, unpackEvents } from './packed-events.js';
