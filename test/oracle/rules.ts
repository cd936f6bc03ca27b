import { parseInstant } from './calendar.js';

/**
 * The two shipped versions of `ali-mcn`; within the oracle's scope they differ in their rate (rules
 * §10).
 */

export const threshold = 120;
export const lastChanceDays = 7;
export const initiateDays = 5;
export const evidenceHours = 72;
export const banDays = 180;
export const minEffectiveSessions = 10;
export const minCreators = 5;
/** The first day of an episode on which a month that starts is assessed. */
export const firstAssessedDay = 91;
export const effectiveLength = 30 * 60_000;
export const slotHours: readonly number[] = [10, 11];

export interface Rulebook {
  readonly id: string;
  readonly rulebookVersion: string;
  readonly effectiveFrom: number;
  /** Percentage of active creators that passes. */
  readonly rate: number;
  /** Points of each clause, or null when it has no fixed points. */
  readonly clauses: Readonly<Record<string, number | null>>;
}

const clauses = {
  'operating-metric-missed': 40,
  'newcomer-target-missed': 120,
  'improper-operation': null,
  'creator-violation': null,
};

function shipped(rulebookVersion: string, rate: number): Rulebook {
  const effectiveFrom = parseInstant(`${rulebookVersion}T00:00:00+08:00`);
  if (effectiveFrom === null) throw new Error(rulebookVersion);
  return { id: 'ali-mcn', rulebookVersion, effectiveFrom, rate, clauses };
}

const earliest = shipped('2018-07-03', 60);
const shippedRulebooks: readonly Rulebook[] = [earliest, shipped('2019-03-07', 70)];

/** The last with `effectiveFrom <= t`, else the earliest (interchange §2, last paragraph). */
export function rulebookAt(t: number): Rulebook {
  return shippedRulebooks.findLast((rulebook) => rulebook.effectiveFrom <= t) ?? earliest;
}
