import type { Rulebook } from '@penalty-ledger/ledger';
import { count } from '../terminal/words.js';

type Parameters = Rulebook['parameters'];

const attributions: Readonly<Record<Parameters['attribution']['value'], string>> = {
  effectiveAt: 'a deduction belongs to the year in which it takes effect',
  occurredAt: 'a deduction belongs to the year in which the violation happened',
  assessmentMonthEnd: 'a deduction for a month belongs to the year in which that month ends',
};

/** The meaning of each parameter's value, as a sentence without capital and period. */
export const parameterWords: {
  readonly [Name in keyof Parameters]: (value: Parameters[Name]['value']) => string;
} = {
  attribution: (value) => `${attributions[value]}, unless its notice names one`,
  minPoints: (value) => `a deduction has at least ${count(value, 'point')}`,
  maxPoints: (value) => `a deduction has ${count(value, 'point')} or fewer`,
  lastChanceDays: (value) =>
    `a pending expulsion leaves ${count(value, 'natural day')} for the last chance`,
  appealInitiateDays: (value) => `an appeal is possible for ${count(value, 'natural day')}`,
  appealEvidenceHours: (value) =>
    `evidence is due within ${count(value, 'hour')} of the appeal's initiation`,
  appealDecideWorkingDays: (value) =>
    `a decision is due within ${count(value, 'working day')} of the evidence`,
  banDays: (value) => `an expelled agency stays out for ${count(value, 'day')}`,
  banCount: (value) =>
    value === 'natural_days'
      ? 'these days are natural days: the day of expulsion is not counted'
      : 'these days are 24 hours each, from the instant of expulsion',
  activityRate: (value) => `a month needs ${String(value)}% active creators`,
  activityMinEffectiveSessions: (value) =>
    `a creator is active with ${count(value, 'effective session')} in the month`,
  effectiveSessionMinutes: (value) => `a session is effective from ${count(value, 'minute')} on`,
  headcountMin: (value) => `a month needs ${count(value, 'bound creator')}`,
  newcomerDays: (value) => `the first ${count(value, 'day')} of an admission are not assessed`,
};
