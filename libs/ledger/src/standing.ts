import { enumOf, type Shape } from './schema.js';

/** The standing of an agency (rules §5). */
export type Standing = Shape<typeof StandingSchema>;
export const StandingSchema = enumOf([
  'not_admitted',
  'active',
  'pending_expulsion',
  'expelled',
  'exited',
]);

/** Says whether an agency of this standing may bind creators, stream and be charged (rules §5). */
export function isAdmitted(standing: Standing): boolean {
  return standing === 'active' || standing === 'pending_expulsion';
}
