import { parseInstant, startOfYear } from './calendar.js';
import type { Fact } from './facts.js';
import {
  appeals,
  deductions,
  deductionWindow,
  expulsions,
  pendings,
  reentryFrom,
} from './questions.js';

/** The instants at which an answer changes, or should not. Ascending, without repeats. */
export function interestingInstants(facts: readonly Fact[]): number[] {
  return ascending([
    ...fixed,
    ...facts.map((fact) => fact.recordedAt),
    ...effects(facts),
    ...closings(facts).flatMap(([, at]) => at),
  ]);
}

/**
 * Future instants that matter to a command: the windows to keep, the ban to wait for, the reset to
 * straddle.
 */
export function closingInstants(command: string, facts: readonly Fact[], now: number): number[] {
  const ahead = (instants: readonly number[]): number[] =>
    ascending(instants.filter((instant) => instant >= now));
  const own = ahead(
    closings(facts)
      .filter(([commands]) => commands.includes(command))
      .flatMap(([, at]) => at),
  );
  // Not further than six weeks, or a history would be over after a few of them.
  return own.length > 0
    ? own
    : ahead([...resets, ...effects(facts)]).filter((instant) => instant < now + 42 * 86_400_000);
}

const resets = ['2019', '2020', '2021'].map(startOfYear);
const fixed = [...resets, parseInstant('2019-03-07T00:00:00+08:00') ?? 0];

function effects(facts: readonly Fact[]): number[] {
  const effective = facts.flatMap((fact) =>
    'effectiveAt' in fact && fact.effectiveAt !== null ? [fact.effectiveAt] : [],
  );
  return [...effective, ...deductions(facts).map((one) => one.effectiveAt)];
}

function closings(facts: readonly Fact[]): (readonly [readonly string[], number[]])[] {
  const agencies = [...new Set(facts.flatMap((fact) => fact.agencyId ?? []))];
  const lastChances = agencies
    .flatMap((agencyId) => pendings(facts, agencyId))
    .map((pending) => pending.closesAt);
  const bans = agencies.flatMap((agencyId) => expulsions(facts, agencyId)).map(reentryFrom);
  const evidence = appeals(facts).map((one) => one.evidenceBy);
  return [
    [
      ['InitiateAppeal'],
      [...deductions(facts).map(deductionWindow), ...appeals(facts).map((one) => one.initiateBy)],
    ],
    [['InitiateAppeal', 'RecordExpulsion'], lastChances],
    [['SubmitEvidence', 'WithdrawAppeal', 'DecideAppeal', 'RecordExpulsion'], evidence],
    [['RecordReadmission', 'ApplyForReentry'], bans],
  ];
}

function ascending(instants: readonly number[]): number[] {
  return [...new Set(instants)].toSorted((a, b) => a - b);
}
