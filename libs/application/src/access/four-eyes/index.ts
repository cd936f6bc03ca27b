export { HeldActSchema } from './act.js';
export type { HeldAct } from './act.js';
export {
  actHours,
  FourEyes,
  maxPendingActs,
  PendingActError,
  PendingActSchema,
} from './four-eyes.js';
export type { PendingAct } from './four-eyes.js';
