import {
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  rulebookProblems,
} from '@penalty-ledger/ledger';
import { given } from '../support/given.js';
import { admit, appeal, by, decideAppeal, deduct, expel, on, publish } from '../support/lines.js';

describe('a live guild loses health points (rulebook of 2022, not current)', () => {
  const guild = () =>
    given(on('2022-04-20', publish(douyinGuildHealth2022)), on('2022-05-01', admit()));
  const grave = (id: string, points = 10) =>
    deduct(id, points, { clause: points === 10 ? 'grave-violation' : 'grave-circumstances' });
  const score = { start: 100, cap: 100 };

  it('shows 100 and no measure at first', () => {
    expect(guild().balance()).toMatchObject({
      balance: 0,
      threshold: 50,
      scale: { score: 100, ...score },
      measures: [],
    });
  });

  it('is warned at 80, and not at 81', () => {
    const above = guild().given(on('2022-06-01', grave('d1', 19)));
    expect(above.balance()).toMatchObject({ scale: { score: 81 }, measures: [] });
    const ledger = guild().given(on('2022-06-01', grave('d1')), on('2022-06-02', grave('d2')));
    expect(ledger.balance()).toMatchObject({ balance: 20, scale: { score: 80 } });
    expect(ledger.balance().measures).toEqual([
      {
        points: 20,
        measure: { en: 'Warning, talk and correction', zh: '公会警告，约谈整改' },
        from: '2022-06-02T10:00:00.000+08:00',
        until: null,
        inForce: true,
      },
    ]);
  });

  it('loses its settlement for 30 days at 70, and a later deduction begins no new term', () => {
    const ledger = guild().given(
      on('2022-06-01 12:00', grave('d1', 30)),
      on('2022-06-20', grave('d2', 10)),
    );
    const suspended = (at: string) =>
      ledger
        .until('2022-07-31')
        .balance({ at })
        .measures?.find(({ points }) => points === 30);
    expect(suspended('2022-06-20')).toMatchObject({
      from: '2022-06-01T12:00:00.000+08:00',
      until: '2022-07-02T00:00:00.000+08:00',
      inForce: true,
    });
    expect(suspended('2022-07-01 23:59:59.999')).toMatchObject({ inForce: true });
    expect(suspended('2022-07-02')).toMatchObject({ inForce: false });
  });

  it('loses the income of the month at 60, and not at 61', () => {
    const reached = (points: number) =>
      guild()
        .given(on('2022-06-01', grave('d1', points)))
        .balance()
        .measures?.map((measure) => measure.points);
    expect(reached(39)).toEqual([20, 30]);
    expect(reached(40)).toEqual([20, 30, 40]);
  });

  it('faces expulsion at 50, may appeal, and gets its points back with the decision', () => {
    const ledger = guild()
      .given(on('2022-06-01', grave('d1', 45)))
      .when(on('2022-06-10', grave('d2', 10)))
      .then('DeductionImposed', 'PendingExpulsionOpened');
    expect(ledger.balance()).toMatchObject({ balance: 55, scale: { score: 45 } });
    ledger
      .given(on('2022-06-11', appeal('p1', ['d1'])))
      .when(on('2022-06-13', by('reviewer-1', decideAppeal('p1', 'upheld'))))
      .then('AppealDecided', 'DeductionRevoked', 'PendingExpulsionLifted');
    expect(ledger.balance()).toMatchObject({ scale: { score: 90 }, measures: [] });
    expect(ledger.balance({ known: '2022-06-12' }).measures).toHaveLength(4);
  });

  it('starts anew each year, which is printed as assumed', () => {
    const ledger = guild()
      .given(on('2022-06-01', grave('d1', 30)))
      .until('2023-01-01');
    expect(ledger.balance({ at: '2022-12-31 23:59:59.999' }).scale?.score).toBe(70);
    expect(ledger.balance({ at: '2023-01-01' }).scale?.score).toBe(100);
    expect(ledger.balance().assumptions).toEqual(
      expect.arrayContaining(['health.reset=yearly', 'health.30.termDays=30']),
    );
  });
});

describe('an MCN agency loses credit points (rulebook of 2022, not current)', () => {
  const agency = () =>
    given(on('2022-11-05', publish(douyinMcnCredit2022)), on('2022-12-01', admit()));
  const violation = (id: string, points: number) =>
    deduct(id, points, { clause: 'agency-violation' });

  it('starts at 120, under a cap of 150', () => {
    expect(agency().balance().scale).toEqual({ score: 120, start: 120, cap: 150, additions: [] });
  });

  it('may bind no new creators for 30 days below 80, and for 60 below 40', () => {
    const ledger = agency().given(on('2023-02-01', violation('d1', 40)));
    expect(ledger.balance()).toMatchObject({ scale: { score: 80 }, measures: [] });
    ledger.given(on('2023-02-02', violation('d2', 1)));
    expect(ledger.balance()).toMatchObject({
      scale: { score: 79 },
      measures: [{ points: 41, until: '2023-03-05T00:00:00.000+08:00' }],
    });
    ledger.given(on('2023-02-03', violation('d3', 39)));
    expect(ledger.balance()).toMatchObject({ scale: { score: 40 }, nodesReached: [41] });
    ledger.given(on('2023-02-04', violation('d4', 1)));
    expect(ledger.balance()).toMatchObject({
      scale: { score: 39 },
      measures: [{ points: 41 }, { points: 81, until: '2023-04-06T00:00:00.000+08:00' }],
    });
  });

  it('is not expelled by arithmetic, not even at 120', () => {
    const ledger = agency()
      .when(on('2023-02-01', violation('d1', 120)))
      .then('DeductionImposed');
    expect(ledger.balance()).toMatchObject({
      balance: 120,
      scale: { score: 0 },
      standing: 'active',
      pending: null,
      expels: false,
      assumptions: expect.arrayContaining(['credit.expels=false']) as unknown,
    });
  });

  it('has no last chance, so an expulsion by the platform comes without one', () => {
    agency()
      .given(on('2023-02-01', violation('d1', 120)))
      .when(on('2023-02-02', expel()))
      .thenFound('no_last_chance');
  });

  it('a late entry for the year before finds no threshold', () => {
    agency()
      .given(on('2023-02-01', violation('d1', 41)))
      .when(
        on(
          '2023-02-02',
          deduct('d2', 100, {
            clause: 'agency-violation',
            occurredAt: '2022-12-20T00:00:00+08:00',
            effectiveAt: '2022-12-20T00:00:00+08:00',
          }),
        ),
      )
      .thenFound();
  });
});

describe('a falling scale', () => {
  const [account] = douyinGuildHealth2022.accounts;
  const changed = (change: object): string | undefined =>
    rulebookProblems({
      ...douyinGuildHealth2022,
      accounts: [{ ...account!, ...change }],
    })[0]?.en;

  it('of the shipped rulebooks has no problem', () => {
    expect(rulebookProblems(douyinGuildHealth2022)).toEqual([]);
    expect(rulebookProblems(douyinMcnCredit2022)).toEqual([]);
  });

  it.each([
    [
      'a node beside its score',
      { nodes: [{ ...account!.nodes[0]!, points: 21 }] },
      'accounts: "health" has a node at 21 points, and its score is reached at 20',
    ],
    ['a score without a scale', { scale: undefined }, 'has a node with a score and no scale'],
    [
      'a start above the cap',
      { scale: { ...account!.scale!, cap: { value: 99, source: 'x', assumed: true } } },
      'starts at 100, above its cap 99',
    ],
  ])('is refused with %s', (_what, change, problem) => {
    expect(changed(change)).toContain(problem);
  });
});
