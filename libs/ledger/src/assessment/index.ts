export { assessmentAnswer } from './assessment-answer.js';
export {
  assess,
  assessedAgain,
  boundCreator,
  commandSchema,
  computeAssessment,
  isMonthOver,
  sessionsHash,
  spanOf,
  verdictUnder,
} from './assessment.js';
