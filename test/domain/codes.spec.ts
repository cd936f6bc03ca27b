import {
  aliMcn20190307,
  findingSeverities,
  type FindingCode,
  type RejectionCode,
} from '@penalty-ledger/ledger';
import { given, givenToOperator, shanghai, type Line, type Scenario } from '../support/given.js';
import {
  admit,
  answerReview,
  appeal,
  applyForReentry,
  by,
  closeComplaint,
  decideAppeal,
  deduct,
  exit,
  expel,
  failMonth,
  fileComplaint,
  lastChance,
  liftMeasure,
  measure,
  observe,
  on,
  publish,
  readmit,
  reduce,
  reinstate,
  requestReview,
  revoke,
  revokeAddition,
  revokeExpulsion,
  submit,
  unmergeComplaint,
  withdraw,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());
const imposed = [admitted, on('2019-02-01', deduct('d1', 40))];
const appealed = [...imposed, on('2019-02-02', appeal('p1', ['d1']))];
const submitted = [...appealed, on('2019-02-03', submit('p1'))];
const expelled = [admitted, on('2019-02-01', deduct('d1', 120)), on('2019-02-10', expel())];

/** The lines before a code, and the line that gives it. */
type Case = readonly [...before: Line[], last: Line];

const run = (start: (...lines: readonly Line[]) => Scenario, lines: Case): Scenario =>
  start(...lines.slice(0, -1)).when(lines.at(-1)!);

/** Codes of the application itself: an id is taken, and by which agency. */
type Elsewhere = 'conflict' | 'unknown_agency';

/**
 * Codes of slots and themes, outside an agency's scenario; `slots.spec.ts` and `themes.spec.ts`
 * have the cases.
 */
type InTraffic =
  | 'blackout_date'
  | 'already_allocated'
  | 'no_slot'
  | 'too_few_creators'
  | 'not_qualified'
  | 'registration_closed'
  | 'unknown_proposal';

/** Codes of legal holds; `legal-hold.spec.ts` of the application has the cases. */
type InHolds = 'unknown_subject' | 'already_erased' | 'unknown_hold';

/**
 * Codes of creators, sessions and computations; `roster.spec.ts`, `sessions.spec.ts` and
 * `assessment.spec.ts` have the cases.
 */
type InRoster =
  'already_bound' | 'not_bound' | 'unknown_session' | 'already_void' | 'month_not_over';

// A code without a case does not compile.
const rejections: Readonly<
  Record<Exclude<RejectionCode, Elsewhere | InHolds | InTraffic | InRoster>, Case>
> = {
  invalid: [admitted, on('2019-02-01', deduct('d1', 121))],
  time_order: [admitted, on('2019-02-01', exit({ effectiveAt: shanghai('2019-01-09') }))],
  not_admitted: [admitted, on('2019-02-01', exit()), on('2019-02-02', deduct('d1', 40))],
  unknown_clause: [admitted, on('2019-02-01', deduct('d1', 40, { clause: 'no-such-clause' }))],
  duplicate_assessment: [
    admitted,
    on('2019-03-05', failMonth('d1', '2019-02')),
    on('2019-03-06', failMonth('d2', '2019-02')),
  ],
  unknown_deduction: [admitted, on('2019-02-01', revoke('d1'))],
  already_revoked: [...imposed, on('2019-02-02', revoke('d1')), on('2019-02-03', revoke('d1'))],
  not_lower: [...imposed, on('2019-02-02', reduce('d1', 40))],
  not_higher: [...imposed, on('2019-02-02', reinstate('d1'))],
  exceeds_original: [...imposed, on('2019-02-02', reinstate('d1', { points: 41 }))],
  no_pending_expulsion: [...imposed, on('2019-02-02', lastChance('p1', ['d1']))],
  not_expelled: [...imposed, on('2019-02-02', revokeExpulsion())],
  already_expelled: [...expelled, on('2019-02-11', expel())],
  already_appealed: [...appealed, on('2019-02-03', appeal('p2', ['d1']))],
  unknown_appeal: [...imposed, on('2019-02-02', withdraw('p1'))],
  appeal_closed: [...appealed, on('2019-02-03', withdraw('p1')), on('2019-02-04', withdraw('p1'))],
  evidence_already_submitted: [...submitted, on('2019-02-03', submit('p1'))],
  evidence_window_closed: [...appealed, on('2019-02-05', submit('p1'))],
  unknown_complaint: [admitted, on('2019-02-05', closeComplaint('c1', 'upheld'))],
  unknown_measure: [admitted, on('2019-02-05', liftMeasure('m1'))],
  already_lifted: [
    admitted,
    on('2019-02-05', measure('m1')),
    on('2019-02-06', liftMeasure('m1')),
    on('2019-02-07', liftMeasure('m1')),
  ],
  unknown_addition: [admitted, on('2019-02-05', revokeAddition('b1'))],
  unknown_review: [admitted, on('2019-02-05', answerReview('r1', 'confirmed'))],
  review_closed: [
    ...imposed,
    on('2019-02-05', requestReview('r1', { deductionId: 'd1' })),
    on('2019-02-06', answerReview('r1', 'confirmed')),
    on('2019-02-07', answerReview('r1', 'changed')),
  ],
  complaint_closed: [
    admitted,
    on('2019-02-05', fileComplaint('c1', '2019-02-01')),
    on('2019-02-06', closeComplaint('c1', 'withdrawn')),
    on('2019-02-07', closeComplaint('c1', 'upheld')),
  ],
  not_merged: [
    admitted,
    on('2019-02-05', fileComplaint('c1', '2019-02-01')),
    on('2019-02-06', unmergeComplaint('c1')),
  ],
};

it.each(Object.entries(rejections))('a command is refused with %s', (code, lines) => {
  const { outcome } = run(given, lines).thenRefused(code);
  expect(outcome.message).not.toBe('');
});

/** Need computed assessments, or sessions: in `assessment.spec.ts` and `overlaps.spec.ts`. */
type Later = 'assessment_disagrees' | 'overlapping_sessions';

// A code without a case does not compile.
const findings: Readonly<Record<Exclude<FindingCode, Later>, Case>> = {
  tariff_mismatch: [
    admitted,
    on('2019-02-01', deduct('d1', 30, { clause: 'operating-metric-missed' })),
  ],
  possible_duplicate: [
    ...imposed,
    on('2019-02-02', deduct('d2', 40, { occurredAt: shanghai('2019-02-01') })),
  ],
  retroactive_threshold: [
    on('2018-12-01', admit()),
    on(
      '2019-01-05',
      deduct('d1', 120, {
        occurredAt: shanghai('2018-12-20'),
        effectiveAt: shanghai('2018-12-20'),
      }),
    ),
  ],
  appeal_late: [...imposed, on('2019-03-01', appeal('p1', ['d1']))],
  appeal_worsened: [
    ...submitted,
    on(
      '2019-02-04',
      decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd1', points: 41 }] }),
    ),
  ],
  same_actor: [...submitted, on('2019-02-04', by('officer-1', decideAppeal('p1', 'rejected')))],
  no_last_chance: [admitted, on('2019-02-01', deduct('d1', 120)), on('2019-02-02', expel())],
  below_threshold: [
    admitted,
    on('2019-02-01', deduct('d1', 120)),
    on('2019-02-20', expel({ effectiveAt: shanghai('2019-01-31') })),
  ],
  reentry_early: [
    admitted,
    on('2019-02-01', deduct('d1', 120)),
    on('2019-02-09', expel()),
    on('2019-03-01', readmit()),
  ],
  balance_mismatch: [...imposed, on('2019-02-03', observe(39, '2019-02-02'))],
  short_notice: [
    on('2019-03-01', publish({ ...aliMcn20190307, announcedAt: aliMcn20190307.effectiveFrom })),
  ],
};

const found = Object.entries(findings) as [FindingCode, Case][];

it.each(found)('an observer stores an act with the finding %s', (code, lines) => {
  run(given, lines).thenFound(code);
});

it.each(found.filter(([code]) => findingSeverities[code] === 'breach'))(
  'an operator refuses an act with the breach %s, with its code as the reason',
  (code, lines) => {
    run(givenToOperator, lines).thenRefused(code);
  },
);

it.each(found.filter(([code]) => findingSeverities[code] === 'warning'))(
  'an operator stores an act with the warning %s',
  (code, lines) => {
    run(givenToOperator, lines).thenFound(code);
  },
);

it('the breaches are the ones that interchange.md calls so', () => {
  const breaches = (Object.keys(findingSeverities) as FindingCode[]).filter(
    (code) => findingSeverities[code] === 'breach',
  );
  expect(breaches).toEqual([
    'tariff_mismatch',
    'appeal_worsened',
    'no_last_chance',
    'below_threshold',
    'reentry_early',
  ]);
});

describe('where two codes apply, the one that interchange.md lists first is given', () => {
  const months = [admitted, on('2019-03-05', failMonth('d1', '2019-02'))];
  const cases: readonly (readonly [wins: string, over: string, lines: Case])[] = [
    [
      'invalid',
      'unknown_clause',
      [admitted, on('2019-02-01', deduct('d1', 121, { clause: 'no-such-clause' }))],
    ],
    [
      'unknown_clause',
      'not_admitted',
      [
        admitted,
        on('2019-02-01', exit()),
        on('2019-02-02', deduct('d1', 1, { clause: 'no-such-clause' })),
      ],
    ],
    [
      'not_admitted',
      'duplicate_assessment',
      [...months, on('2019-03-06', exit()), on('2019-03-07', failMonth('d2', '2019-02'))],
    ],
    [
      'exceeds_original',
      'not_higher',
      [
        ...submitted,
        on(
          '2019-02-04',
          decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd1', points: 50 }] }),
        ),
        on('2019-02-05', reinstate('d1', { points: 45 })),
      ],
    ],
    [
      'unknown_deduction',
      'no_pending_expulsion',
      [...imposed, on('2019-02-02', lastChance('p1', ['d9']))],
    ],
    [
      'no_pending_expulsion',
      'already_revoked',
      [...imposed, on('2019-02-02', revoke('d1')), on('2019-02-03', lastChance('p1', ['d1']))],
    ],
    [
      'already_appealed',
      'already_revoked',
      [...appealed, on('2019-02-03', revoke('d1')), on('2019-02-04', appeal('p2', ['d1']))],
    ],
    [
      'appeal_closed',
      'evidence_already_submitted',
      [...submitted, on('2019-02-03', withdraw('p1')), on('2019-02-03', submit('p1'))],
    ],
    [
      'evidence_already_submitted',
      'evidence_window_closed',
      [...submitted, on('2019-03-01', submit('p1'))],
    ],
    [
      'appeal_closed',
      'unknown_deduction',
      [
        ...appealed,
        on('2019-02-03', withdraw('p1')),
        on(
          '2019-02-04',
          decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd9', points: 1 }] }),
        ),
      ],
    ],
    [
      'unknown_deduction',
      'not_lower',
      [
        ...submitted,
        on(
          '2019-02-04',
          decideAppeal('p1', 'partly_upheld', {
            adjustments: [
              { deductionId: 'd1', points: 40 },
              { deductionId: 'd9', points: 1 },
            ],
          }),
        ),
      ],
    ],
    [
      'time_order',
      'not_admitted',
      [
        admitted,
        on('2019-02-01', exit()),
        on('2019-02-02', exit({ effectiveAt: shanghai('2019-01-31') })),
      ],
    ],
  ];

  it.each(cases)('%s before %s', (wins, _over, lines) => {
    run(given, lines).thenRefused(wins);
  });
});

describe('not_expelled is about the standing', () => {
  it.each([
    ['applying', applyForReentry()],
    ['readmission', readmit()],
  ])('for %s of an agency that is active or pending', (_what, act) => {
    given(admitted).when(on('2019-02-01', act)).thenRefused('not_expelled');
    given(admitted, on('2019-02-01', deduct('d1', 120)))
      .when(on('2019-02-02', act))
      .thenRefused('not_expelled');
  });
});
