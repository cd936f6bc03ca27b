import {
  rulebooks,
  abcPoints,
  aliMcn20180703,
  aliMcn20190307,
  clauseOf,
  rulebookHash,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { given, instant, shanghai, shanghaiZone } from '../support/given.js';
import { admit, appeal, deduct, expel, on, publish } from '../support/lines.js';

const shipped = rulebooks.rulebooksAt(rulebooks.empty, instant('2019-01-01'));

describe('E-30: a deduction names the rulebook it is judged by', () => {
  it('is the one in force when it happened, by id, version, hash and clause', () => {
    const judged = given(
      on('2019-01-10', admit()),
      on('2019-03-06 23:59:59.999', deduct('old', 1)),
      on('2019-03-07 00:00', deduct('new', 1)),
    );
    expect(judged.events('DeductionImposed').map(({ rulebook }) => rulebook)).toEqual([
      { id: 'ali-mcn', rulebookVersion: '2018-07-03', sha256: rulebookHash(aliMcn20180703) },
      { id: 'ali-mcn', rulebookVersion: '2019-03-07', sha256: rulebookHash(aliMcn20190307) },
    ]);
    expect(judged.events('DeductionImposed')[0]?.data).toMatchObject({
      clause: 'improper-operation',
    });
  });

  it('is the one in force when it happened, not when it counts or was recorded', () => {
    const late = given(
      on('2019-01-10', admit()),
      on(
        '2019-04-01',
        deduct('d1', 1, {
          occurredAt: shanghai('2019-03-06'),
          effectiveAt: shanghai('2019-03-20'),
        }),
      ),
    );
    expect(late.events('DeductionImposed')[0]?.rulebook).toMatchObject({
      rulebookVersion: '2018-07-03',
    });
  });

  it('is replaced only in a what-if, which says that it is one', () => {
    const judged = given(
      on('2019-01-10', admit()),
      on('2019-03-05', deduct('d1', 30, { clause: 'operating-metric-missed' })),
    );
    expect(judged.outcome.findings).toEqual(['tariff_mismatch']);
    const supposed = judged.whatIf({ rulebook: shipped.find('ali-mcn', '2019-03-07')! });
    expect(supposed).toMatchObject({
      whatIf: true,
      recorded: { balance: 30 },
      whatif: { balance: 40 },
    });
    expect(judged.points()).toBe(30);
  });
});

describe('E-31: the rate of 60 became 70 on 2019-03-07', () => {
  const rateAt = (at: string) => shipped.inForceAt(instant(at)).document.parameters.activityRate;

  it.each([
    ['2019-02', 60],
    ['2019-03', 60],
    ['2019-04', 70],
  ])('the version in force when %s starts has the rate %i', (month, rate) => {
    expect(
      shipped.inForceAt(shanghaiZone.startOfMonth(month)).document.parameters.activityRate.value,
    ).toBe(rate);
  });

  it('changes at midnight in Shanghai', () => {
    expect(rateAt('2019-03-06 23:59:59.999').value).toBe(60);
    expect(rateAt('2019-03-07 00:00').value).toBe(70);
  });

  it('judges what lies before every rulebook by the earliest', () => {
    expect(rateAt('2017-01-01').value).toBe(60);
  });

  it('was announced exactly seven days before, which is fair notice', () => {
    given()
      .when(on('2019-03-01', publish(aliMcn20190307)))
      .then('RulebookPublished')
      .thenFound();
  });
});

describe('E-32: a rulebook says when it was announced and from when it holds', () => {
  const announced = (announcedAt: string): Rulebook => ({
    ...aliMcn20190307,
    rulebookVersion: 'next',
    announcedAt,
  });

  it('is found to give short notice a millisecond under seven days', () => {
    given()
      .when(on('2019-03-01', publish(announced('2019-02-28T00:00:00.001+08:00'))))
      .then('RulebookPublished')
      .thenFound('short_notice');
    given()
      .when(on('2019-03-01', publish(announced('2019-02-28T00:00:00+08:00'))))
      .thenFound();
  });

  it('takes effect at its instant and not when it is published', () => {
    const books = given(
      on('2019-01-01', publish(aliMcn20180703)),
      on('2019-02-28', publish(aliMcn20190307)),
    ).rulebooks();
    expect(books.inForceAt(instant('2019-03-06')).reference.rulebookVersion).toBe('2018-07-03');
    expect(books.inForceAt(instant('2019-03-07')).reference.rulebookVersion).toBe('2019-03-07');
  });
});

/**
 * A ledger under the contrasting rulebook: A, B and C points, nodes, a carry-over, and its own
 * clocks.
 */
const contrasting = given(
  on('2019-01-01', publish(abcPoints)),
  on('2019-01-10', admit()),
  on('2019-02-01', deduct('a', 3, { clause: 'late-shipment' })),
  on('2019-03-01', deduct('b1', 12, { clause: 'false-promotion' })),
  on('2019-04-01', deduct('b2', 12, { clause: 'false-promotion' })),
  on('2019-05-01', deduct('c', 23, { clause: 'counterfeit-goods' })),
);

describe('E-33: points of different units are never added', () => {
  it('keeps a sum for each account', () => {
    expect(contrasting.balance().accounts).toEqual([
      { account: 'A', balance: 3, threshold: 48 },
      { account: 'B', balance: 24, threshold: 48 },
      { account: 'C', balance: 23, threshold: 48 },
    ]);
  });

  it('says of each line it leaves out that it is of another account', () => {
    expect(contrasting.balance({ account: 'B' })).toMatchObject({
      balance: 24,
      account: 'B',
      lines: [{ deductionId: 'b1' }, { deductionId: 'b2' }],
      notCounted: [
        { deductionId: 'a', reason: 'other_account' },
        { deductionId: 'c', reason: 'other_account' },
      ],
    });
  });

  it('pends no expulsion although all points together would reach the threshold', () => {
    const fifty = contrasting.balance().accounts!.reduce((sum, { balance }) => sum + balance, 0);
    expect(fifty).toBeGreaterThan(48);
    expect(contrasting.standing()).toBe('active');
  });

  it('pends it for whichever account reaches its own threshold', () => {
    const b = given(on('2019-01-01', publish(abcPoints)), on('2019-01-10', admit()));
    for (const day of ['01', '02', '03'])
      b.given(on(`2019-02-${day}`, deduct(`b${day}`, 12, { clause: 'false-promotion' })));
    b.when(on('2019-02-04', deduct('b04', 12, { clause: 'false-promotion' }))).then(
      'DeductionImposed',
      'PendingExpulsionOpened',
    );
    expect(b.events('PendingExpulsionOpened')[0]?.data).toMatchObject({
      account: 'B',
      balance: 48,
      threshold: 48,
    });
    expect(b.balance().pending).toMatchObject({ closesAt: '2019-02-08T00:00:00.000+08:00' });
  });

  it('leaves an earlier unit’s points readable when the unit changes', () => {
    const migrated = given(
      on('2018-07-01', publish(aliMcn20180703)),
      on('2018-08-01', admit()),
      on('2018-09-01', deduct('old', 40)),
      on('2018-12-01', publish(abcPoints)),
      on('2019-02-01', deduct('new', 3, { clause: 'late-shipment' })),
    );
    expect(migrated.balance()).toMatchObject({ balance: 3, account: 'A', threshold: 48 });
    expect(migrated.balance({ at: '2018-12-31' })).toMatchObject({
      balance: 40,
      account: 'points',
      threshold: 120,
    });
  });
});

describe('E-34: the rule of a deduction’s period is the one in force when it happened', () => {
  const byOccurrence: Rulebook = {
    ...aliMcn20190307,
    rulebookVersion: 'by-occurrence',
    effectiveFrom: '2019-12-01T00:00:00+08:00',
    parameters: {
      ...aliMcn20190307.parameters,
      attribution: { value: 'occurredAt', source: 'this test', assumed: false },
    },
  };
  const changed = given(
    on('2019-03-01', publish(aliMcn20190307)),
    on('2019-11-01', publish(byOccurrence)),
    on('2019-11-02', admit()),
    on(
      '2020-01-05',
      deduct('before', 10, {
        occurredAt: shanghai('2019-11-30'),
        effectiveAt: shanghai('2020-01-05'),
      }),
    ),
    on(
      '2020-01-05',
      deduct('after', 20, {
        occurredAt: shanghai('2019-12-01'),
        effectiveAt: shanghai('2020-01-05'),
      }),
    ),
  );

  it('so a change of the rule moves no deduction that happened before it', () => {
    expect(changed.balance().lines.map((line) => line.deductionId)).toEqual(['before']);
    expect(changed.points({ period: '2019' })).toBe(20);
  });
});

describe('E-35: a corrected rulebook', () => {
  const wrong: Rulebook = {
    ...aliMcn20190307,
    rulebookVersion: 'wrong',
    accounts: [{ ...aliMcn20190307.accounts[0]!, threshold: 100 }],
  };
  const right: Rulebook = {
    ...aliMcn20190307,
    rulebookVersion: 'right',
    supersedes: { id: 'ali-mcn', rulebookVersion: 'wrong' },
  };
  const corrected = given(
    on('2019-03-01', publish(wrong)),
    on('2019-03-08', admit()),
    on('2019-04-01', deduct('d1', 40)),
    on('2019-05-01', publish(right)),
  );

  it('holds from the same instant, for who knows of it', () => {
    expect(corrected.balance({ at: '2019-04-01' })).toMatchObject({
      threshold: 120,
      rulebook: { rulebookVersion: 'right' },
    });
  });

  it('leaves the answers given before reproducible, by the same hash', () => {
    expect(corrected.balance({ at: '2019-04-01', known: '2019-04-30' })).toMatchObject({
      threshold: 100,
      rulebook: { rulebookVersion: 'wrong', sha256: rulebookHash(wrong) },
    });
  });

  it('leaves the deduction’s own reference as recorded', () => {
    expect(corrected.events('DeductionImposed')[0]?.rulebook).toMatchObject({
      rulebookVersion: 'wrong',
    });
  });
});

describe('E-36: operators and units are data', () => {
  const threshold = (points: number): Rulebook => ({
    ...aliMcn20190307,
    accounts: [{ ...aliMcn20190307.accounts[0]!, threshold: points }],
  });

  it.each([
    [100, 100, 'pending_expulsion'],
    [100, 99, 'active'],
    [120, 120, 'pending_expulsion'],
    [120, 119, 'active'],
  ])('a threshold of %i and %i points make the standing %s', (at, points, standing) => {
    const ledger = given(
      on('2019-03-01', publish(threshold(at))),
      on('2019-03-08', admit()),
      on('2019-04-01', deduct('d1', points)),
    );
    expect(ledger.standing()).toBe(standing);
  });

  it('the nodes a balance has reached are the rulebook’s', () => {
    expect(contrasting.balance({ account: 'A' }).nodesReached).toEqual([]);
    expect(contrasting.balance({ account: 'B', at: '2019-03-01' }).nodesReached).toEqual([12]);
    expect(contrasting.balance({ account: 'B' }).nodesReached).toEqual([12, 24]);
    expect(contrasting.balance({ account: 'C' }).nodesReached).toEqual([]);
  });

  it('a rulebook bounds the points of a deduction', () => {
    contrasting
      .when(on('2019-06-01', deduct('c2', 49, { clause: 'counterfeit-goods' })))
      .thenRefused('invalid');
    given(on('2019-04-01', admit()))
      .when(on('2019-04-01', deduct('d1', 121)))
      .thenRefused('invalid')
      .when(on('2019-04-01', deduct('d1', 120)))
      .then('DeductionImposed', 'PendingExpulsionOpened');
  });

  it('its clocks are 3 days to appeal, 48 hours for evidence, 90 elapsed days of ban', () => {
    const clocks = given(
      on('2019-01-01', publish(abcPoints)),
      on('2019-01-10', admit()),
      on('2019-02-01 15:00', deduct('c', 48, { clause: 'counterfeit-goods' })),
      on('2019-02-01 15:00', appeal('p1', ['c'])),
      on('2019-02-05 15:00', expel()),
    );
    expect(clocks.appeal('p1')).toMatchObject({
      initiateBy: '2019-02-05T00:00:00.000+08:00',
      evidenceBy: '2019-02-03T15:00:00.000+08:00',
    });
    expect(clocks.balance().reentryFrom).toBe('2019-05-06T15:00:00.000+08:00');
  });
});

describe('a carry-over', () => {
  const counterfeits = (...points: readonly number[]) => {
    const ledger = given(on('2019-01-01', publish(abcPoints)), on('2019-01-10', admit()));
    for (const [index, each] of points.entries())
      ledger.given(
        on(
          `2019-0${String(index + 2)}-01`,
          deduct(`c${String(index)}`, each, { clause: 'counterfeit-goods' }),
        ),
      );
    return ledger;
  };

  it('starts the next year with 24 when 24 points were imposed, and with 0 when 23 were', () => {
    expect(counterfeits(24).balance({ at: '2020-01-01 00:00', account: 'C' })).toMatchObject({
      balance: 24,
      carriedOver: 24,
    });
    expect(counterfeits(23).balance({ at: '2020-01-01 00:00', account: 'C' })).toMatchObject({
      balance: 0,
      carriedOver: 0,
    });
  });

  it('is 24 whatever more was imposed', () => {
    expect(counterfeits(24, 20).points({ at: '2020-01-01 00:00', account: 'C' })).toBe(24);
  });

  it('is not carried over a second time', () => {
    expect(counterfeits(24).points({ at: '2021-01-01 00:00', account: 'C' })).toBe(0);
  });

  it('is the first part of the running total', () => {
    const next = counterfeits(24).given(
      on('2020-02-01', deduct('next', 10, { clause: 'counterfeit-goods' })),
    );
    expect(next.balance({ account: 'C' })).toMatchObject({
      balance: 34,
      lines: [{ deductionId: 'next', running: 34 }],
    });
  });

  it('is of its own account only', () => {
    expect(contrasting.points({ at: '2020-01-01 00:00', account: 'B' })).toBe(0);
  });
});

describe('a rulebook document', () => {
  it('is hashed by its content, so that one changed figure is another rulebook', () => {
    expect(rulebookHash(aliMcn20190307)).toMatch(/^[0-9a-f]{64}$/);
    const reversed = Object.fromEntries(Object.entries(aliMcn20190307).reverse()) as Rulebook;
    expect(rulebookHash(reversed)).toBe(rulebookHash(aliMcn20190307));
    expect(rulebookHash(aliMcn20180703)).not.toBe(rulebookHash(aliMcn20190307));
  });

  it.each([
    ['two accounts of one id', { accounts: [abcPoints.accounts[0]!, ...abcPoints.accounts] }],
    ['two clauses of one id', { clauses: [abcPoints.clauses[0]!, ...abcPoints.clauses] }],
    ['a clause of an account it has not', { accounts: abcPoints.accounts.slice(1) }],
    [
      'points that must be at least more than at most',
      {
        parameters: {
          ...abcPoints.parameters,
          minPoints: { value: 49, source: 'this test', assumed: false },
        },
      },
    ],
    ['an unknown field', { enforcedAt: '2019-01-01T00:00:00Z' }],
    ['no clause', { clauses: [] }],
  ])('is refused with %s', (_what, change) => {
    given()
      .when(on('2019-01-01', publish({ ...abcPoints, ...change })))
      .thenRefused('invalid');
  });

  it('has the tariffs of the agency rules', () => {
    expect(
      [
        'operating-metric-missed',
        'newcomer-target-missed',
        'improper-operation',
        'creator-violation',
      ].map((id) => clauseOf(aliMcn20190307, id)?.points),
    ).toEqual([40, 120, null, null]);
  });

  it('says of each parameter whether a source answers it', () => {
    const { parameters } = aliMcn20190307;
    expect(parameters.banDays).toMatchObject({ value: 180, assumed: false });
    expect(parameters.appealEvidenceHours).toMatchObject({ value: 72, assumed: false });
    expect(parameters.lastChanceDays).toMatchObject({ value: 7, assumed: true });
    expect(parameters.appealInitiateDays).toMatchObject({ value: 5, assumed: true });
  });
});
