import fc from 'fast-check';
import { Oracle } from './oracle.js';
import { randomOperations } from './random-operations.js';

const sample = (seed: number) => fc.sample(randomOperations(), { seed, numRuns: 5 });

test('a seed gives one set of histories', () => {
  expect(sample(7)).toEqual(sample(7));
});

test('histories come to what the rules are about', () => {
  const met = new Set<string>();
  // The first 76 histories of this seed reach all of it.
  for (const { mode, lines, queries } of fc.sample(randomOperations(), { seed: 4, numRuns: 80 })) {
    const oracle = new Oracle(mode);
    for (const line of lines) {
      const { code, events, findings } = oracle.apply(line);
      const command = String(line['command']);
      for (const name of [
        ...events,
        ...findings,
        ...(code === null ? [] : [code, `${command}:${code}`]),
      ])
        met.add(name);
    }
    for (const fact of oracle.facts) {
      if (fact.type === 'SlotsAllocated') met.add(`ranked:${String(fact.ranking.length)}`);
      if (fact.type !== 'AssessmentComputed') continue;
      const { base, active, reasons, anyTime, alternative, sessions } = fact.assessment;
      if (sessions.overlapping > 0) met.add('sessions:overlapping');
      for (const reason of reasons) met.add(reason);
      if (alternative !== null) met.add('alternative');
      if (anyTime.base !== base) met.add('anyTime:base');
      if (anyTime.active !== active) met.add('anyTime:active');
    }
    for (const query of queries) {
      for (const [, name] of JSON.stringify(oracle.query(query)).matchAll(
        /"(?:verdict|error)":"(\w+)"/g,
      )) {
        met.add(name!);
      }
      for (const [, list] of JSON.stringify(oracle.query(query)).matchAll(/"reasons":\[(.*?)\]/g)) {
        for (const name of list!.split(',')) met.add(name.slice(1, -1));
      }
    }
  }
  expect(
    wanted
      .trim()
      .split(/\s+/)
      .filter((name) => !met.has(name)),
  ).toEqual([]);
}, 120_000);

const wanted = `
  CreatorBound CreatorUnbound ExposureRightGranted ExposureRightWithdrawn SessionRecorded
  SessionCorrected SessionVoided overlapping_sessions sessions:overlapping
  ComplaintFiled ComplaintClosed ComplaintsMerged ComplaintUnmerged AssessmentComputed
  GrowthPostRecorded SlotsAllocated
  SlotWaived SlotAssigned ThemeProposed ThemeSelected BlackoutDeclared
  DeductionImposed ExpulsionExecuted ExpulsionRevoked AgencyReadmitted PendingExpulsionOpened
  BindCreator:time_order BindCreator:not_admitted already_bound UnbindCreator:not_bound
  unknown_agency invalid conflict
  RecordSession:not_bound RecordSession:not_admitted unknown_session CorrectSession:not_bound
  already_void
  FileComplaint:not_bound unknown_complaint complaint_closed not_merged month_not_over
  blackout_date already_allocated no_slot too_few_creators not_qualified registration_closed
  unknown_proposal
  assessment_disagrees duplicate_assessment
  passed failed not_assessed not_computed activity headcount newcomer not_active alternative
  anyTime:base anyTime:active
  creators sessions share complaints standing ranked:0 ranked:1 ranked:2`;
