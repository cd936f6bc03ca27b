import { instant, shanghai, type Line } from '../support/given.js';
import { admit, appeal, by, correct, deduct, on, reinstate, revoke } from '../support/lines.js';
import { TestLedger } from '../support/test-ledger.js';

let ledger: TestLedger;
afterEach(() => ledger.close());

async function given(...lines: readonly Line[]): Promise<void> {
  ledger = await TestLedger.open('observer');
  for (const { at, ...line } of lines)
    expect(await ledger.apply({ at: shanghai(at), ...line })).toMatchObject({ status: 'accepted' });
}

const act = (command: string, data: object): { command: string; data: Line['data'] } => ({
  command,
  data: { ...data },
});

const item = { evidenceId: 'e1', title: '推流日志', mediaType: 'text/csv', sha256: 'a'.repeat(64) };

const decided: readonly Line[] = [
  on('2019-01-10', admit()),
  on('2019-02-01', deduct('d1', 40)),
  on('2019-02-01', deduct('d2', 20)),
  on('2019-02-02', by('desk', appeal('p1', ['d1', 'd2'], { grounds: '场次漏记' }))),
  on('2019-02-03', by('desk', act('SubmitEvidence', { appealId: 'p1', items: [item] }))),
  // Acts on other things between those on the appeal.
  on('2019-02-04', deduct('d3', 10)),
  on(
    '2019-02-05',
    by(
      'judge',
      act('DecideAppeal', {
        ...{ appealId: 'p1', outcome: 'partly_upheld', reason: '部分属实' },
        adjustments: [{ deductionId: 'd1', points: 30 }],
      }),
    ),
  ),
];

const askAppeal = (appealId: string, more: object = {}): Promise<unknown> =>
  ledger.query({ query: 'appeal', appealId, ...more });

describe('the texts of an appeal', () => {
  it('are shown with each act, who recorded it, and what the decision changed', async () => {
    await given(...decided);
    expect(await askAppeal('p1')).toMatchObject({
      initiatedBy: 'desk',
      grounds: '场次漏记',
      evidenceSubmittedBy: 'desk',
      items: [item],
      withdrawal: null,
      decision: {
        by: 'judge',
        reason: '部分属实',
        adjustments: [{ deductionId: 'd1', was: 40, points: 30 }],
      },
    });
  });

  it('are those that were known at K', async () => {
    await given(...decided);
    expect(await askAppeal('p1', { knownAt: shanghai('2019-02-04') })).toMatchObject({
      items: [item],
      decision: null,
    });
    expect(await askAppeal('p1', { knownAt: shanghai('2019-02-02') })).toMatchObject({
      grounds: '场次漏记',
      evidenceSubmittedBy: null,
      items: [],
    });
  });

  it('are the same in an explanation, whose decisions have the appeal’s reason', async () => {
    await given(...decided);
    const answer = await askAppeal('p1');
    expect(await ledger.query({ query: 'explain', agencyId: 'a1' })).toMatchObject({
      appeals: [answer],
      explained: expect.arrayContaining([
        expect.objectContaining({
          deductionId: 'd1',
          decisions: [expect.objectContaining({ was: 40, points: 30, reason: '部分属实' })],
        }),
      ]) as unknown,
    });
  });

  it('say so when the agency’s key was destroyed', async () => {
    await given(...decided);
    const now = instant('2019-03-01');
    const erased = { withheld: 'erased' };
    const subject = 'agency:a1';
    expect(await ledger.ledger.erase({ subject }, 'officer-1', now)).toMatchObject({
      status: 'accepted',
    });
    expect(await askAppeal('p1')).toMatchObject({
      grounds: erased,
      items: [{ evidenceId: 'e1', title: erased }],
      decision: { by: 'judge', reason: erased },
    });
    expect(await ledger.query({ query: 'explain', agencyId: 'a1' })).toMatchObject({
      name: erased,
      timeline: [{ what: { en: 'admitted', zh: '入驻' }, by: 'simulation', reason: null }],
    });
  });

  it('include the reason of a withdrawal, or none', async () => {
    await given(
      on('2019-01-10', admit()),
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-01', deduct('d2', 40)),
      on('2019-02-02', appeal('p1', ['d1'])),
      on('2019-02-02', appeal('p2', ['d2'])),
      on('2019-02-03', by('desk', act('WithdrawAppeal', { appealId: 'p1', reason: '已协商' }))),
      on('2019-02-03', by('desk', act('WithdrawAppeal', { appealId: 'p2' }))),
    );
    expect(await askAppeal('p1')).toMatchObject({ withdrawal: { by: 'desk', reason: '已协商' } });
    expect(await askAppeal('p2')).toMatchObject({ withdrawal: { by: 'desk', reason: null } });
  });
});

describe('a text that is exactly the word for a withheld one', () => {
  const word = 'sealed';
  const reasoned = (command: string, data: object): ReturnType<typeof act> =>
    act(command, { ...data, reason: word });
  const session = { creatorId: 'c1', startedAt: shanghai('2026-01-31 20:00') };
  const endedAt = shanghai('2026-01-31 21:00');
  const statement = { facts: word, reason: word, basis: word, remedy: word };
  const notice = { caseNo: word, text: word };
  const complaint = { agencyId: 'a1', complainant: { kind: 'consumer' }, subject: word };
  const registered = { ...item, subject: { kind: 'agency', id: 'a1' }, title: word };
  const lines: readonly Line[] = [
    on('2026-01-10', admit({ name: word })),
    on('2026-01-11', act('BindCreator', { agencyId: 'a1', creatorId: 'c1', name: word })),
    on('2026-02-01', act('RecordSession', { ...session, endedAt, sessionId: 's1' })),
    on('2026-02-02', reasoned('CorrectSession', { sessionId: 's1', views: 7 })),
    on('2026-02-02', reasoned('VoidSession', { sessionId: 's1' })),
    on(
      '2026-02-02',
      act('FileComplaint', {
        ...{ ...complaint, complaintId: 'k1', caseNo: word, occurredAt: shanghai('2026-02-01') },
      }),
    ),
    on('2026-02-03', reasoned('CloseComplaint', { complaintId: 'k1', outcome: 'upheld' })),
    on(
      '2026-02-04',
      deduct('d1', 40, { notice, statement, basis: { kind: 'complaint', complaintId: 'k1' } }),
    ),
    on('2026-02-04', deduct('d2', 20)),
    on('2026-02-04', reasoned('CorrectDeduction', { deductionId: 'd1', points: 30 })),
    on('2026-02-05', appeal('p1', ['d1'], { grounds: word })),
    on('2026-02-05', act('RegisterEvidence', { ...registered, evidenceId: 'e0' })),
    on('2026-02-05', act('SubmitEvidence', { appealId: 'p1', items: [{ ...item, title: word }] })),
    on('2026-02-06', by('judge', reasoned('DecideAppeal', { appealId: 'p1', outcome: 'upheld' }))),
    on('2026-02-06', appeal('p2', ['d2'], { grounds: word })),
    on('2026-02-06', reasoned('WithdrawAppeal', { appealId: 'p2' })),
    on('2026-02-07', reasoned('RecordRevocation', { deductionId: 'd2' })),
    on('2026-02-07', reasoned('RecordReinstatement', { deductionId: 'd2' })),
    on('2026-02-07', reasoned('RecordPartialRevocation', { deductionId: 'd2', points: 5 })),
    on(
      '2026-02-08',
      act('RecordMeasure', { agencyId: 'a1', measureId: 'm1', kind: 'warning', statement }),
    ),
    on(
      '2026-02-08',
      reasoned('RequestHumanReview', { ...{ reviewId: 'r1', agencyId: 'a1' }, measureId: 'm1' }),
    ),
    on('2026-02-08', reasoned('AnswerHumanReview', { reviewId: 'r1', outcome: 'changed' })),
    on('2026-02-08', reasoned('LiftMeasure', { measureId: 'm1' })),
    on('2026-02-09', reasoned('RecordExpulsion', { agencyId: 'a1' })),
    on('2026-02-09', reasoned('RevokeExpulsion', { agencyId: 'a1' })),
    on('2026-02-10', reasoned('RecordExit', { agencyId: 'a1' })),
  ];

  /** Every answer that has texts. */
  async function answers(): Promise<unknown> {
    const { reader } = ledger;
    const effectiveAt = instant('2026-02-09 12:00');
    return {
      agency: await reader.agency({ query: 'balance', agencyId: 'a1' }),
      appeals: await Promise.all(['p1', 'p2'].map((appealId) => askAppeal(appealId))),
      complaint: await ledger.query({ query: 'complaint', complaintId: 'k1' }),
      creators: await reader.creators({ limit: 10, effectiveAt }),
      evidence: await reader.evidence({ limit: 10 }),
      explain: await ledger.query({ query: 'explain', agencyId: 'a1' }),
      name: await reader.nameOf('a1'),
      session: await ledger.query({ query: 'session', sessionId: 's1' }),
      timeline: await reader.timeline({ agencyId: 'a1', limit: 100 }),
    };
  }

  /** The places of a value; the texts that are withheld as one are one place. */
  function placesOf(value: unknown, answer: unknown, place = ''): string[] {
    if (JSON.stringify(answer) === JSON.stringify(value))
      return [place.replace(/(?<=\.(?:texts|statement))\..*/, '')];
    return typeof answer === 'object' && answer !== null
      ? Object.entries(answer).flatMap(([name, each]) => placesOf(value, each, `${place}.${name}`))
      : [];
  }

  it('is that text in every answer, and another value once its key is destroyed', async () => {
    await given(...lines);
    const before = await answers();
    expect(JSON.stringify(before)).not.toContain('withheld');
    const boxes = (await ledger.events()).flatMap(({ personal = [] }) => personal);
    for (const subject of new Set(boxes.map((each) => each.subject)))
      expect(await ledger.ledger.erase({ subject }, 'officer-1', instant('2036-01-01'))).toEqual(
        expect.objectContaining({ status: 'accepted' }),
      );
    const after = await answers();
    expect(placesOf(word, after)).toEqual([]);
    const places = placesOf({ withheld: 'erased' }, after);
    expect(places).toEqual([...new Set(placesOf(word, before))]);
    // As many fields as the answers have texts: the test looks at none that is not there.
    expect(new Set(places.map((each) => each.replace(/\d+/g, 'n'))).size).toBeGreaterThan(25);
  });
});

describe('the clocks of an appeal', () => {
  const clocksOf = async (appealId: string, more: object = {}): Promise<string[]> => {
    const { clocks } = (await askAppeal(appealId, more)) as {
      clocks: { step: string; state: string; rule: { name: string; assumed: boolean } }[];
    };
    return clocks.map(
      ({ step, state, rule: { name, assumed } }) =>
        `${step} ${state} ${name}${assumed ? ' assumed' : ''}`,
    );
  };

  it('are open, met or missed at K, each with its rule', async () => {
    await given(...decided);
    expect(await clocksOf('p1', { knownAt: shanghai('2019-02-02') })).toEqual([
      'initiation met appealInitiateDays assumed',
      'evidence open appealEvidenceHours',
    ]);
    expect(await clocksOf('p1', { knownAt: shanghai('2019-02-04') })).toEqual([
      'initiation met appealInitiateDays assumed',
      'evidence met appealEvidenceHours',
      'decision open appealDecideWorkingDays assumed',
    ]);
    expect(await clocksOf('p1')).toEqual([
      'initiation met appealInitiateDays assumed',
      'evidence met appealEvidenceHours',
      'decision met appealDecideWorkingDays assumed',
    ]);
  });

  it('follow the deadline of the notice that closes first', async () => {
    await given(
      on('2019-01-10', admit()),
      on('2019-02-01', deduct('d1', 40)),
      on('2019-02-01', deduct('d2', 40, { appealDeadline: shanghai('2019-02-03') })),
      on('2019-02-02', appeal('p1', ['d1', 'd2'])),
    );
    expect(await clocksOf('p1')).toEqual([
      'initiation met notice',
      'evidence open appealEvidenceHours',
    ]);
  });

  it('are one alone for an appeal that came late, and missed for one that lapsed', async () => {
    await given(
      on('2019-01-10', admit()),
      on('2019-02-01', deduct('d1', 10)),
      on('2019-02-01', deduct('d2', 10)),
      on('2019-02-02', appeal('p1', ['d1'])),
      on('2019-02-10', appeal('p2', ['d2'])),
    );
    expect(await clocksOf('p1')).toEqual([
      'initiation met appealInitiateDays assumed',
      'evidence missed appealEvidenceHours',
    ]);
    expect(await clocksOf('p2')).toEqual(['initiation missed appealInitiateDays assumed']);
  });
});

it('corrections and decisions show who, why, and each value before and after', async () => {
  await given(
    on('2019-01-10', admit()),
    on('2019-02-01', deduct('d1', 40)),
    on('2019-02-02', by('typist', correct('d1', { points: 30, reason: '录入错误' }))),
    on('2019-02-03', revoke('d1')),
    on('2019-02-04', reinstate('d1', { reason: '复核' })),
  );
  expect(await ledger.query({ query: 'explain', agencyId: 'a1' })).toMatchObject({
    explained: [
      {
        corrections: [
          { by: 'typist', reason: '录入错误', changed: [{ field: 'points', old: 40, new: 30 }] },
        ],
        decisions: [
          { kind: 'revoked', by: 'reviewer-1', was: 30, points: 0, reason: 'granted' },
          { kind: 'reinstated', by: 'reviewer-2', was: 0, points: 30, reason: '复核' },
        ],
      },
    ],
  });
});

it('a complaint shows who filed and who closed it, and why', async () => {
  await given(
    on('2019-01-10', admit()),
    on(
      '2019-02-01',
      by(
        'clerk',
        act('FileComplaint', {
          ...{ complaintId: 'k1', agencyId: 'a1', complainant: { kind: 'consumer', id: 'u-9' } },
          ...{ occurredAt: shanghai('2019-01-31'), subject: '虚假宣传' },
        }),
      ),
    ),
    on(
      '2019-02-02',
      by('judge', act('CloseComplaint', { complaintId: 'k1', outcome: 'upheld', reason: '属实' })),
    ),
  );
  const asked = { query: 'complaint', complaintId: 'k1' };
  const answer = await ledger.query(asked);
  const filed = { filedBy: 'clerk', subject: '虚假宣传' };
  expect(answer).toMatchObject({ ...filed, closedBy: 'judge', reason: '属实' });
  expect(JSON.stringify(answer)).not.toContain('u-9');
  expect(await ledger.query({ ...asked, knownAt: shanghai('2019-02-01') })).toMatchObject({
    ...filed,
    ...{ closedBy: null, reason: null },
  });
});

it('a session shows each correction and voiding, and its findings', async () => {
  const session = (sessionId: string, startedAt: string, endedAt: string): object => ({
    ...{ sessionId, creatorId: 'c1' },
    ...{ startedAt: shanghai(startedAt), endedAt: shanghai(endedAt) },
  });
  await given(
    on('2019-01-10', admit()),
    on('2019-01-11', act('BindCreator', { agencyId: 'a1', creatorId: 'c1', name: '主播' })),
    on('2019-02-01', act('RecordSession', session('s1', '2019-01-31 20:00', '2019-01-31 21:00'))),
    on('2019-02-02', act('RecordSession', session('s2', '2019-01-31 22:00', '2019-01-31 23:00'))),
    on(
      '2019-02-03',
      by(
        'typist',
        act('CorrectSession', {
          ...{ sessionId: 's2', reason: '时长更正', newFollowers: 7 },
          ...{ startedAt: shanghai('2019-01-31 20:30') },
        }),
      ),
    ),
    on('2019-02-04', by('judge', act('VoidSession', { sessionId: 's2', reason: '重复录入' }))),
  );
  const asked = { query: 'session', sessionId: 's2' };
  expect(await ledger.query(asked)).toMatchObject({
    recordedBy: 'simulation',
    corrections: 1,
    changes: [
      {
        ...{ kind: 'corrected', by: 'typist', reason: '时长更正' },
        changed: [
          { field: 'newFollowers', old: null, new: 7 },
          {
            field: 'startedAt',
            old: '2019-01-31T22:00:00.000+08:00',
            new: '2019-01-31T20:30:00.000+08:00',
          },
        ],
      },
      { kind: 'voided', by: 'judge', reason: '重复录入', changed: [] },
    ],
    findings: [{ code: 'overlapping_sessions', recordedAt: '2019-02-03T10:00:00.000+08:00' }],
  });
  expect(await ledger.query({ ...asked, knownAt: shanghai('2019-02-02') })).toMatchObject({
    ...{ changes: [], findings: [] },
  });
});

it('a measure shows who lifted it and why; a human review, its reason and its answer', async () => {
  await given(
    on('2026-02-10', admit()),
    on('2026-02-11', act('RecordMeasure', { measureId: 'm1', agencyId: 'a1', kind: 'warning' })),
    on(
      '2026-02-12',
      by(
        'desk',
        act('RequestHumanReview', {
          ...{ reviewId: 'r1', agencyId: 'a1', measureId: 'm1', reason: '系统误判' },
        }),
      ),
    ),
    on(
      '2026-02-13',
      by('judge', act('AnswerHumanReview', { reviewId: 'r1', outcome: 'changed', reason: '误判' })),
    ),
    on('2026-02-14', by('clerk', act('LiftMeasure', { measureId: 'm1', reason: '已纠正' }))),
  );
  expect(await ledger.query({ query: 'explain', agencyId: 'a1' })).toMatchObject({
    imposedMeasures: [
      {
        recordedBy: 'simulation',
        lifting: {
          by: 'clerk',
          reason: '已纠正',
          recordedAt: '2026-02-14T10:00:00.000+08:00',
        },
      },
    ],
    humanReviews: [
      { requestedBy: 'desk', reason: '系统误判', answer: { by: 'judge', reason: '误判' } },
    ],
  });
});
