export { assessmentAnswer } from './assessment-answer.js';
export {
  commandSchema,
  computeAssessment,
  isMonthOver,
  sessionsHash,
  verdictUnder,
} from './assessment.js';
