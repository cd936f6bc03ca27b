/** The standing of an agency (rulebook §5). */
export type Standing = 'not_admitted' | 'active' | 'pending_expulsion' | 'expelled' | 'exited';

/** Says whether an agency of this standing may bind creators, stream and be charged (rulebook §5). */
export function isAdmitted(standing: Standing): boolean {
  return standing === 'active' || standing === 'pending_expulsion';
}
