import type { Deadline } from '@penalty-ledger/application';
import { epochMsOf, instantOf, type Instant } from '@penalty-ledger/ledger';
import { instant, shanghai, shanghaiZone, type Line } from '../support/given.js';
import {
  admit,
  answerReview,
  appeal,
  appealExpulsion,
  applyForReentry,
  correct,
  decideAppeal,
  deduct,
  expel,
  lastChance,
  on,
  readmit,
  requestReview,
  revoke,
  revokeExpulsion,
  submit,
  withdraw,
} from '../support/lines.js';
import { TestLedger, type TestOutcome } from '../support/test-ledger.js';

let ledger: TestLedger;
afterEach(() => ledger.close());

const apply = ({ at, ...line }: Line): Promise<TestOutcome> =>
  ledger.apply({ at: shanghai(at), ...line });

async function given(...lines: readonly Line[]): Promise<void> {
  ledger = await TestLedger.open('observer');
  for (const line of lines) expect(await apply(line)).toMatchObject({ status: 'accepted' });
  await ledger.finish();
}

/** Each as `kind subject at`, in the ledger's zone. */
async function deadlines(
  query: { readonly effectiveAt?: Instant; readonly knownAt?: Instant } = {},
): Promise<string[]> {
  const found = (await ledger.reader.deadlines({
    agencyId: 'a1',
    ...query,
  })) as readonly Deadline[];
  return found.map(
    ({ kind, subjectId, at }) => `${kind} ${subjectId} ${shanghaiZone.format(at).slice(0, 19)}`,
  );
}

const admitted = on('2019-01-10', admit());
const imposed = [admitted, on('2019-02-01', deduct('d1', 40))];
const pending = [admitted, on('2019-02-01', deduct('d1', 120))];
const expelled = [...pending, on('2019-02-10', expel())];

describe('what is due', () => {
  it('is an appeal against each deduction that counts, from its notice on', async () => {
    await given(
      ...imposed,
      on('2019-02-01', deduct('d2', 10, { notifiedAt: shanghai('2019-01-31') })),
      on('2019-02-01', deduct('d3', 10, { appealDeadline: shanghai('2019-02-03 18:00') })),
    );
    expect(await deadlines()).toEqual([
      'appeal_deduction d3 2019-02-03T18:00:00',
      'appeal_deduction d2 2019-02-06T00:00:00',
      'appeal_deduction d1 2019-02-07T00:00:00',
    ]);
  });

  it('is evidence within 72 hours of the initiation, instead of the appeal', async () => {
    await given(...imposed, on('2019-02-02', appeal('p1', ['d1'])));
    expect(await deadlines()).toEqual(['submit_evidence p1 2019-02-05T10:00:00']);
  });

  it('is no evidence of an appeal entered late, whose 72 hours are over', async () => {
    await given(
      ...imposed,
      on('2019-11-04', appeal('p1', ['d1'], { initiatedAt: shanghai('2019-02-02') })),
      on('2019-11-04', deduct('d2', 10)),
      on('2019-11-05', appeal('p2', ['d2'], { initiatedAt: shanghai('2019-11-04 12:00') })),
    );
    expect(await deadlines()).toEqual(['submit_evidence p2 2019-11-07T12:00:00']);
  });

  it('is the last chance, until it is taken', async () => {
    await given(...pending);
    expect(await deadlines()).toEqual([
      'appeal_deduction d1 2019-02-07T00:00:00',
      'last_chance 0 2019-02-09T00:00:00',
    ]);
    await apply(on('2019-02-02', lastChance('p1', ['d1'])));
    expect(await deadlines()).toEqual(['submit_evidence p1 2019-02-05T10:00:00']);
  });

  it('is an appeal against the expulsion, and then the return', async () => {
    await given(...expelled);
    expect(await deadlines()).toEqual([
      'appeal_expulsion 0 2019-02-16T00:00:00',
      'reentry 0 2019-08-10T00:00:00',
    ]);
    await apply(on('2019-02-11', appealExpulsion('p1')));
    expect(await deadlines()).toEqual([
      'submit_evidence p1 2019-02-14T10:00:00',
      'reentry 0 2019-08-10T00:00:00',
    ]);
  });
});

describe('nothing is due any more', () => {
  it.each<[string, Line[]]>([
    ['once the deduction is revoked', [...imposed, on('2019-02-02', revoke('d1'))]],
    [
      'once the appeal is withdrawn',
      [...imposed, on('2019-02-02', appeal('p1', ['d1'])), on('2019-02-03', withdraw('p1'))],
    ],
    [
      'once the appeal is decided',
      [
        ...imposed,
        on('2019-02-02', appeal('p1', ['d1'])),
        on('2019-02-03', decideAppeal('p1', 'rejected')),
      ],
    ],
    ['for an appeal out of time', [...imposed, on('2019-02-20', appeal('p1', ['d1']))]],
    ['once the expulsion is revoked', [...expelled, on('2019-02-11', revokeExpulsion())]],
    ['after the readmission', [...expelled, on('2019-08-10', readmit())]],
    ['after every window', [...imposed, on('2019-03-01', appeal('p1', ['d1']))]],
  ])('%s', async (_when, lines) => {
    await given(...lines);
    // A revoked expulsion leaves the agency active over the threshold, and a new last chance opens.
    expect((await deadlines()).filter((each) => !each.startsWith('last_chance'))).toEqual([]);
  });

  it('of a pending expulsion that was lifted', async () => {
    await given(...pending, on('2019-02-02', revoke('d1')));
    expect(await deadlines()).toEqual([]);
  });
});

describe('what the platform owes', () => {
  const submitted = [
    ...imposed,
    on('2019-02-02', appeal('p1', ['d1'])),
    on('2019-02-03', submit('p1')),
  ];
  const all = async (day: string) =>
    (await ledger.reader.deadlines({
      agencyId: 'a1',
      effectiveAt: instant(day),
    })) as readonly Deadline[];

  it('is a decision once evidence is in, and stays when it is overdue', async () => {
    await given(...submitted);
    // The week of the Spring Festival lies between; 2 February was worked for it.
    const due = { kind: 'decide_appeal', subjectId: 'p1', at: instant('2019-02-13 00:00') };
    expect(await all('2019-02-12')).toEqual([expect.objectContaining(due)]);
    expect((await all('2019-02-12'))[0]).not.toHaveProperty('overdue');
    expect(await all('2019-02-13')).toEqual([expect.objectContaining({ ...due, overdue: true })]);
    expect(await all('2019-05-01')).toEqual([expect.objectContaining({ ...due, overdue: true })]);
  });

  it.each<[string, Line]>([
    ['decided', on('2019-03-01', decideAppeal('p1', 'rejected'))],
    ['withdrawn', on('2019-03-01', withdraw('p1'))],
  ])('is nothing once the appeal is %s', async (_how, line) => {
    await given(...submitted, line);
    expect(await deadlines()).toEqual([]);
    expect(await deadlines({ knownAt: instant('2019-02-28') })).toEqual([
      'decide_appeal p1 2019-02-13T00:00:00',
    ]);
  });

  it('is the answer to a request for human review, until it is given', async () => {
    await given(...imposed, on('2019-03-04', requestReview('r1', { deductionId: 'd1' })));
    expect(await deadlines()).toEqual(['answer_review r1 2019-03-07T00:00:00']);
    expect(await all('2019-03-07')).toEqual([
      expect.objectContaining({ kind: 'answer_review', overdue: true }),
    ]);
    await apply(on('2019-03-08', answerReview('r1', 'confirmed')));
    expect(await deadlines()).toEqual([]);
  });

  it('is unknown, and not guessed, where no calendar has the year', async () => {
    await given(
      admitted,
      on('2026-12-20', deduct('d1', 40)),
      on('2026-12-29', appeal('p1', ['d1'], { initiatedAt: shanghai('2026-12-21') })),
    );
    await apply(on('2026-12-30', submit('p1', { submittedAt: shanghai('2026-12-22') })));
    expect(await deadlines()).toEqual(['decide_appeal p1 2026-12-25T00:00:00']);
    await apply(on('2026-12-30', deduct('d2', 40)));
    await apply(on('2026-12-30', appeal('p2', ['d2'])));
    await apply(on('2026-12-31', submit('p2')));
    expect(await deadlines()).toEqual(['decide_appeal p1 2026-12-25T00:00:00']);
  });
});

describe('at (E, K)', () => {
  it('only what falls after E is given, and at its very instant it is over', async () => {
    await given(...imposed);
    const at = instant('2019-02-07 00:00');
    expect(await deadlines({ effectiveAt: instantOf(epochMsOf(at) - 1) })).toHaveLength(1);
    expect(await deadlines({ effectiveAt: at })).toEqual([]);
  });

  it('only what was recorded at or before K plays a part', async () => {
    await given(
      ...expelled,
      on('2019-02-11', appealExpulsion('p1')),
      on('2019-02-12', submit('p1')),
      on('2019-02-13', revokeExpulsion()),
    );
    const known = (date: string) =>
      deadlines({ effectiveAt: instant('2019-01-01'), knownAt: instant(date) });
    expect(await known('2019-02-05')).toEqual([
      'appeal_deduction d1 2019-02-07T00:00:00',
      'last_chance 0 2019-02-09T00:00:00',
    ]);
    expect(await known('2019-02-10')).toEqual([
      'appeal_deduction d1 2019-02-07T00:00:00',
      'appeal_expulsion 0 2019-02-16T00:00:00',
      'reentry 0 2019-08-10T00:00:00',
    ]);
    expect(await known('2019-02-11')).toContain('submit_evidence p1 2019-02-14T10:00:00');
    expect(await known('2019-02-12')).not.toContain('submit_evidence p1 2019-02-14T10:00:00');
    expect(await known('2019-02-13')).not.toContain('reentry 0 2019-08-10T00:00:00');
    expect(
      await ledger.reader.deadlines({ agencyId: 'a1', knownAt: instant('2019-01-01') }),
    ).toEqual({
      error: 'unknown_agency',
    });
  });

  it('a correction moves on the revision of the deadline and keeps its uid', async () => {
    await given(...imposed, on('2019-02-02', correct('d1', { points: 30 })));
    const at = async (knownAt: Instant) =>
      (await ledger.reader.deadlines({ agencyId: 'a1', knownAt })) as Deadline[];
    const uid = 'appeal_deduction/a1/d1';
    expect(await at(instant('2019-02-01'))).toMatchObject([
      { uid, revision: 0, knownSince: instant('2019-02-01') },
    ]);
    expect(await at(instant('2019-02-02'))).toMatchObject([
      { uid, revision: 1, knownSince: instant('2019-02-02') },
    ]);
  });
});

/** Commands that the ledger accepts a millisecond before a deadline, and their outcome at it. */
it.each<[string, readonly Line[], Omit<Line, 'at'>, Partial<TestOutcome>]>([
  ['appeal_deduction', imposed, appeal('p9', ['d1']), { findings: ['appeal_late'] }],
  ['appeal_expulsion', expelled, appealExpulsion('p9'), { findings: ['appeal_late'] }],
  ['last_chance', pending, lastChance('p9', ['d1']), { findings: ['appeal_late'] }],
  [
    'submit_evidence',
    [...imposed, on('2019-02-02', appeal('p1', ['d1']))],
    submit('p1'),
    { code: 'evidence_window_closed' },
  ],
])(
  'the instant of %s is the first at which the ledger finds it too late',
  async (kind, lines, act, late) => {
    for (const early of [1, 0]) {
      await given(...lines);
      const all = (await ledger.reader.deadlines({ agencyId: 'a1' })) as readonly Deadline[];
      const { at } = all.find((each) => each.kind === kind)!;
      const outcome = await apply({ at: instantOf(epochMsOf(at) - early), ...act });
      if (early === 0) expect(outcome).toMatchObject(late);
      else expect(outcome).toMatchObject({ status: 'accepted', findings: [] });
      if (early === 1) await ledger.close();
    }
  },
);

it('the instant of reentry is the first at which an application is admissible', async () => {
  for (const early of [1, 0]) {
    await given(...expelled);
    const all = (await ledger.reader.deadlines({ agencyId: 'a1' })) as readonly Deadline[];
    const { at } = all.find(({ kind }) => kind === 'reentry')!;
    await apply({ at: instantOf(epochMsOf(at) - early), ...applyForReentry() });
    const applied = (await ledger.events()).find((event) => event.type === 'ReentryApplied')!;
    expect(applied.data.admissible).toBe(early === 0);
    if (early === 1) await ledger.close();
  }
});

it('of all agencies, they come in the order of time', async () => {
  await given(
    ...imposed,
    on('2019-02-01', admit({ agencyId: 'a2' })),
    on('2019-02-01', deduct('d2', 10, { agencyId: 'a2', appealDeadline: shanghai('2019-02-03') })),
  );
  const all = (await ledger.reader.deadlines()) as readonly Deadline[];
  expect(all.map(({ uid }) => uid)).toEqual(['appeal_deduction/a2/d2', 'appeal_deduction/a1/d1']);
});
