import {
  abcPoints,
  aliMcn20190307,
  canonicalJson,
  openPersonalData,
  readCommandLine,
  rulebookHash,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { given, instant, keyOf, shanghai } from '../support/given.js';
import {
  admit,
  appeal,
  appealExpulsion,
  decideAppeal,
  deduct,
  expel,
  observe,
  on,
  publish,
  reduce,
  revoke,
  type Act,
} from '../support/lines.js';

const admitted = () => given(on('2019-04-01', admit()));

describe('what an event says beyond its act', () => {
  it('a lifted pending expulsion names the threshold and its rulebook', () => {
    const lifted = admitted().given(
      on('2019-04-02', deduct('d1', 120)),
      on('2019-04-03', reduce('d1', 100)),
    );
    const rulebook = {
      id: 'ali-mcn',
      rulebookVersion: '2019-03-07',
      sha256: rulebookHash(aliMcn20190307),
    };
    expect(lifted.events('PendingExpulsionOpened')).toMatchObject([
      { data: { threshold: 120 }, rulebook },
    ]);
    expect(lifted.events('PendingExpulsionLifted')).toMatchObject([
      { data: { account: 'points', balance: 100, threshold: 120 }, rulebook },
    ]);
  });

  it('an observed balance names the account that was computed', () => {
    const observed = given(on('2019-01-01', publish(abcPoints)), on('2019-01-10', admit())).given(
      on('2019-04-01', observe(0, '2019-03-01')),
    );
    expect(observed.events('PlatformBalanceObserved')).toMatchObject([
      { data: { account: 'A', computed: 0 } },
    ]);
  });

  it('what a decision on an appeal revokes or adjusts was decided when the decision was', () => {
    const decidedAt = instant('2019-04-04 09:00');
    const decision = { decidedAt: shanghai('2019-04-04 09:00') };
    const decided = admitted().given(
      on('2019-04-02', deduct('d1', 40)),
      on('2019-04-02', deduct('d2', 40, { occurredAt: shanghai('2019-04-01 12:00') })),
      on('2019-04-03', appeal('p1', ['d1'])),
      on('2019-04-03', appeal('p2', ['d2'])),
      on('2019-04-05', decideAppeal('p1', 'upheld', decision)),
      on(
        '2019-04-05',
        decideAppeal('p2', 'partly_upheld', {
          ...decision,
          adjustments: [{ deductionId: 'd2', points: 10 }],
        }),
      ),
    );
    expect(decided.events('DeductionRevoked')).toMatchObject([
      { decidedAt, data: { appealId: 'p1' } },
    ]);
    expect(decided.events('DeductionAdjusted')).toMatchObject([
      { decidedAt, data: { appealId: 'p2' } },
    ]);

    const late = { decidedAt: shanghai('2019-04-13 12:00') };
    const expelled = admitted().given(
      on('2019-04-02', deduct('d1', 120)),
      on('2019-04-12', expel()),
      on('2019-04-13', appealExpulsion('p1')),
      on('2019-04-14', decideAppeal('p1', 'upheld', late)),
    );
    expect(expelled.events('ExpulsionRevoked')).toMatchObject([
      { decidedAt: instant('2019-04-13 12:00'), data: { appealId: 'p1' } },
    ]);
  });

  it('and has no decidedAt when the command gave none', () => {
    const decided = admitted().given(
      on('2019-04-02', deduct('d1', 40)),
      on('2019-04-03', appeal('p1', ['d1'])),
      on('2019-04-05', decideAppeal('p1', 'upheld')),
    );
    for (const type of ['AppealDecided', 'DeductionRevoked'] as const)
      expect(decided.events(type)[0]).not.toHaveProperty('decidedAt');
  });

  it('a notice’s case number and text are sealed; only its hash is in the clear', () => {
    const sha256 = 'c'.repeat(64);
    const notice = { caseNo: '浙扣〔2019〕17号', text: '扣40分', sha256 };
    const [event] = admitted()
      .given(on('2019-04-02', deduct('d1', 40, { notice })))
      .events('DeductionImposed');
    expect(event!.data).toMatchObject({ noticeSha256: sha256 });
    expect(event!.data).not.toHaveProperty('notice');
    expect(canonicalJson(event!.data)).not.toContain('浙扣');
    expect(openPersonalData(event!.personal!, event!.id, keyOf('agency:a1'))).toEqual({
      caseNo: notice.caseNo,
      noticeText: notice.text,
    });
  });
});

describe('a number that an event cannot hold', () => {
  const problemsOf = (act: Act) => readCommandLine(act).problems?.map(({ en }) => en);
  const evidence = (bytes: number): Act => ({
    command: 'SubmitEvidence',
    data: {
      appealId: 'p1',
      items: [
        { evidenceId: 'e1', title: 't', mediaType: 'image/png', sha256: 'a'.repeat(64), bytes },
      ],
    },
  });

  it.each([2 ** 53, 1e300, Number.POSITIVE_INFINITY])(
    '%d is invalid, wherever it stands',
    (bytes) => {
      expect(problemsOf(evidence(bytes))).toHaveLength(1);
      expect(problemsOf(evidence(bytes))![0]).toMatch(/^data\.items\.0\.bytes: /);
    },
  );

  it('is named once', () => {
    expect(problemsOf(deduct('d1', 0.5, { occurredAt: shanghai('2019-04-01') }))).toEqual([
      'data.points: must be an integer from 1 on',
    ]);
  });

  it('minus zero is zero', () => {
    const read = readCommandLine({
      command: 'ObservePlatformBalance',
      data: { ...observe(-0, '2019-04-01').data },
    });
    expect(read).toMatchObject({
      line: { command: { data: { balance: 0 } }, dataAsSent: { balance: 0 } },
    });
    expect(problemsOf(evidence(-0))).toBeUndefined();
    admitted()
      .when(on('2019-04-02', observe(-0, '2019-04-01')))
      .then('PlatformBalanceObserved');
  });
});

describe('a media type', () => {
  const register = (mediaType: string): Act => ({
    command: 'RegisterEvidence',
    data: {
      evidenceId: 'e1',
      subject: { kind: 'agency', id: 'a1' },
      title: 't',
      mediaType,
      sha256: 'a'.repeat(64),
    },
  });

  it('is type and subtype, in RegisterEvidence too', () => {
    expect(readCommandLine(register('image/png')).problems).toBeUndefined();
    for (const wrong of ['png', 'image/', 'image/png; name="张三.png"', 'image/p ng'])
      expect(readCommandLine(register(wrong)).problems?.map(({ en }) => en)).toEqual([
        'data.mediaType: must be a media type: image/png',
      ]);
  });
});

describe('a rulebook is bounded', () => {
  const problemsOf = (change: (book: Rulebook) => Rulebook) =>
    readCommandLine(publish(change(structuredClone(aliMcn20190307)))).problems?.map(({ en }) => en);
  const clause = aliMcn20190307.clauses[0]!;
  const clauses = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...clause,
      id: `c${String(index)}`,
      text: { en: 'x'.repeat(length), zh: '' },
    }));
  const parameter = (name: keyof Rulebook['parameters'], value: number) => (book: Rulebook) => ({
    ...book,
    parameters: { ...book.parameters, [name]: { value, source: 's', assumed: true } },
  });

  it('to 200,000 bytes of canonical JSON', () => {
    const withClauses = (book: Rulebook) => ({ ...book, clauses: clauses(11, 18_500) });
    expect(problemsOf(withClauses)).toEqual([
      expect.stringMatching(
        /^data\.rulebook: 2\d{5} bytes of canonical JSON; the limit is 200000$/,
      ),
    ]);
    expect(problemsOf((book) => ({ ...book, clauses: clauses(10, 18_500) }))).toBeUndefined();
  });

  it.each([
    ['days of more than a hundred years', parameter('banDays', 36_501)],
    ['hours of more than a hundred years', parameter('appealEvidenceHours', 876_001)],
    ['a count over a million', parameter('maxPoints', 1_000_001)],
    [
      'a threshold over a million',
      (book: Rulebook) => ({ ...book, accounts: [{ ...book.accounts[0]!, threshold: 1e9 }] }),
    ],
    [
      'a tariff over a million',
      (book: Rulebook) => ({ ...book, clauses: [{ ...clause, points: 1_000_001 }] }),
    ],
    [
      'a title that is a book',
      (book: Rulebook) => ({ ...book, title: { en: 'x'.repeat(401), zh: '' } }),
    ],
    ['too many clauses', (book: Rulebook) => ({ ...book, clauses: clauses(1_001, 1) })],
  ])('%s is invalid', (_what, change) => {
    expect(problemsOf(change)).toHaveLength(1);
  });

  it('and the longest times still lead to instants the ledger can write', () => {
    const maxTimes = [
      parameter('banDays', 36_500),
      parameter('lastChanceDays', 36_500),
      parameter('appealEvidenceHours', 876_000),
    ];
    const book = maxTimes.reduce<Rulebook>((held, change) => change(held), aliMcn20190307);
    const far = given(
      on('2019-04-01', publish({ ...book, rulebookVersion: 'longest' })),
      on('2019-04-02', admit()),
    );
    far
      .given(
        on('2019-04-03', deduct('d1', 120)),
        on('2019-04-04', appeal('p1', ['d1'], { kind: 'last_chance' })),
      )
      .given(on('2019-04-05', revoke('d1')))
      .when(on('2019-04-06', expel()))
      .then('ExpulsionExecuted');
  });
});
