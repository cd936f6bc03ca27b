export { assessmentAnswer } from './assessment-answer.js';
export { commandSchema, computeAssessment, isMonthOver, sessionsHash } from './assessment.js';
