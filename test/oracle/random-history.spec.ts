import fc from 'fast-check';
import { Oracle } from './oracle.js';
import { parseInstant } from './calendar.js';
import { appeals } from './questions.js';
import { randomHistory, randomQueries, type CommandLine } from './random-history.js';

const sample = (seed: number) => fc.sample(randomHistory(), { seed, numRuns: 10 });

test('a seed gives one set of histories', () => {
  expect(sample(7)).toEqual(sample(7));
});

test('instants never go back, save in lines damaged so, and stay within the years promised', () => {
  for (const { mode, lines } of sample(3)) {
    const oracle = new Oracle(mode);
    for (const line of lines) oracle.apply(line);
    expect(oracle.now! >= '2018-10' && oracle.now! < '2021').toBe(true);
  }
});

test('histories come to what the rules are about', () => {
  const met = new Set<string>();
  // The first 52 histories of this seed reach all of it.
  for (const { mode, lines, queries } of fc.sample(randomHistory(), { seed: 3, numRuns: 60 })) {
    const oracle = new Oracle(mode);
    for (const line of lines) {
      const { status, code, events, findings } = oracle.apply(line);
      for (const name of [status, code ?? status, ...events, ...findings]) met.add(name);
      for (const name of Object.keys(line['data'] as object)) met.add(`${name}:${code ?? status}`);
      if (code === null && cameAfterLapse(line, oracle)) met.add('ended_lapse');
    }
    for (const query of queries) {
      const answer = oracle.query(query);
      for (const [, name] of JSON.stringify(answer).matchAll(
        /"(?:standing|state|reason|error)":"(\w+)"/g,
      ))
        met.add(name!);
    }
  }
  for (const name of wanted.trim().split(/\s+/))
    expect([name, met.has(name)]).toEqual([name, true]);
});

test('queries can be drawn over lines of one’s own', () => {
  const { mode, lines } = sample(5)[0]!;
  expect(fc.sample(randomQueries(mode, lines), { seed: 1, numRuns: 3 })).toHaveLength(3);
});

/** Evidence in time that was recorded when its appeal had lapsed. */
function cameAfterLapse({ at, command, data }: CommandLine, { facts }: Oracle): boolean {
  const { appealId, submittedAt } = data as Readonly<Record<string, unknown>>;
  const one = appeals(facts).find((each) => each.appealId === appealId);
  const recordedAt = parseInstant(at) ?? 0;
  return command === 'SubmitEvidence' && submittedAt !== undefined && recordedAt >= one!.evidenceBy;
}

const wanted = `
  accepted duplicate rejected
  invalid conflict unknown_agency time_order not_admitted unknown_clause duplicate_assessment
  unknown_deduction already_revoked
  not_lower exceeds_original not_higher no_pending_expulsion not_expelled already_appealed
  unknown_appeal appeal_closed
  evidence_already_submitted evidence_window_closed already_expelled
  tariff_mismatch possible_duplicate retroactive_threshold appeal_late appeal_worsened same_actor
  no_last_chance
  below_threshold reentry_early balance_mismatch
  AgencyAdmitted AgencyExited DeductionImposed DeductionRevoked DeductionAdjusted
  DeductionReinstated DeductionCorrected
  AppealInitiated AppealEvidenceSubmitted AppealWithdrawn AppealDecided PendingExpulsionOpened
  PendingExpulsionLifted
  ExpulsionExecuted ExpulsionUnsupported ExpulsionRevoked ReentryApplied AgencyReadmitted
  PlatformBalanceObserved
  EvidenceRegistered
  active pending_expulsion expelled exited
  initiated evidence_submitted lapsed out_of_time withdrawn upheld partly_upheld
  revoked scheduled other_episode cleared_by_reset
  initiatedAt:accepted initiatedAt:invalid submittedAt:accepted submittedAt:invalid
  submittedAt:evidence_window_closed ended_lapse withdrawnAt:accepted withdrawnAt:invalid
  decidedAt:accepted decidedAt:invalid`;
