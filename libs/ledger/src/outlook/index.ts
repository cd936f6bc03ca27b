export { monthOutlook } from './month-outlook.js';
export type { MonthOutlook } from './month-outlook.js';
export { agencyOutlook, namedParameter } from './outlook-answer.js';
