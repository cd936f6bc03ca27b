export { assessmentAnswer } from './assessment-answer.js';
export {
  assessedAgain,
  commandSchema,
  computeAssessment,
  isMonthOver,
  sessionsHash,
  verdictUnder,
} from './assessment.js';
