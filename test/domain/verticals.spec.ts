import {
  agency,
  vertical,
  type AgencyMonth,
  type CreatorMonth,
  type SessionOfMonth,
  type Standing,
} from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { given, instant, shanghaiZone } from '../support/given.js';
import { admit, expel, exit, on } from '../support/lines.js';

/** A creator of beauty with 20 effective sessions, 100 fen of sales and the changes of the test. */
function creator(creatorId: string, changes: Partial<CreatorMonth> = {}): CreatorMonth {
  return {
    creatorId,
    bound: true,
    sales: new Map([['beauty', 100n]]),
    effectiveSessions: 20,
    effectiveByContent: new Map(),
    ...changes,
  };
}

/** An agency that just passes every gate in beauty. */
function agencyMonth(agencyId: string, changes: Partial<AgencyMonth> = {}): AgencyMonth {
  return {
    agencyId,
    standing: 'active',
    complaintIds: [],
    posts: 0,
    newlyBound: 0,
    creators: ['1', '2', '3', '4', '5'].map((number) => creator(`${agencyId}-${number}`)),
    ...changes,
  };
}

const selling = (fen: bigint) => new Map([['beauty', fen]]);
const refusedFor = (changes: Partial<AgencyMonth>) =>
  vertical.verticalRanking('beauty', [agencyMonth('a1', changes)]).refused[0]?.reasons;
const order = (...agencies: readonly AgencyMonth[]) =>
  vertical.verticalRanking('beauty', agencies).ranking.map(({ agencyId }) => agencyId);

describe('a creator’s main vertical', () => {
  const main = (sales: Record<string, bigint>, content: Record<string, number> = {}) =>
    vertical.mainVerticalOf({
      sales: new Map(Object.entries(sales)),
      effectiveByContent: new Map(Object.entries(content)),
    });

  it('is the one it sold most in', () => {
    expect(main({ beauty: 100n, food: 101n }, { beauty: 30 })).toBe('food');
  });

  it('is, at equal sales, the one with more effective sessions of that content', () => {
    expect(main({ beauty: 100n, food: 100n }, { food: 2, beauty: 1, toys: 9 })).toBe('food');
  });

  it('is, at equal sessions too, the lesser name by code point', () => {
    expect(main({ food: 100n, beauty: 100n })).toBe('beauty');
    expect(main({ 美食: 100n, 美妆: 100n })).toBe('美妆');
    // By UTF-16 code unit the emoji would come first.
    expect(main({ '\u{1F484}': 1n, '\uE000': 1n })).toBe('\uE000');
    expect(main({ ab: 1n, a: 1n })).toBe('a');
  });

  it('is none without recorded sales, whatever the content', () => {
    expect(main({}, { beauty: 20 })).toBeUndefined();
    expect(main({ food: 0n }, { beauty: 20 })).toBe('food');
  });
});

describe('the gates of vertical incubation', () => {
  it('let an agency through that just meets each', () => {
    expect(vertical.verticalRanking('beauty', [agencyMonth('a1')])).toEqual({
      ranking: [
        { agencyId: 'a1', sales: 500, creators: 5, sessions: 100, newlyBound: 0, posts: 0 },
      ],
      refused: [],
    });
  });

  it('ask for five bound creators of that main vertical', () => {
    const four = agencyMonth('a1').creators.slice(1);
    expect(refusedFor({ creators: four })).toEqual(['creators']);
    expect(refusedFor({ creators: [...four, creator('gone', { bound: false })] })).toEqual([
      'creators',
    ]);
    const food = creator('cook', { sales: new Map([...selling(100n), ['food', 101n]]) });
    expect(refusedFor({ creators: [...four, food] })).toEqual(['creators']);
  });

  it('ask for twenty effective sessions on average: 19 and 21 make 20, one less does not', () => {
    const [first, second, ...rest] = agencyMonth('a1').creators as [
      CreatorMonth,
      CreatorMonth,
      ...CreatorMonth[],
    ];
    const uneven = (sessions: number) => [
      { ...first, effectiveSessions: 19 },
      { ...second, effectiveSessions: sessions },
      ...rest,
    ];
    expect(refusedFor({ creators: uneven(21) })).toBeUndefined();
    expect(refusedFor({ creators: uneven(20) })).toEqual(['sessions']);
  });

  it('do not count the sessions of creators of other verticals, nor of those gone', () => {
    const short = agencyMonth('a1').creators.map((each) => ({ ...each, effectiveSessions: 19 }));
    const gone = creator('gone', { bound: false, effectiveSessions: 100 });
    const cook = creator('cook', { sales: new Map([['food', 1n]]), effectiveSessions: 100 });
    expect(refusedFor({ creators: [...short, gone, cook] })).toEqual(['sessions']);
  });

  it('ask for a tenth of all sales, to the fen', () => {
    const cook = (fen: bigint) => creator('cook', { sales: new Map([['food', fen]]) });
    const beauty = agencyMonth('a1').creators;
    expect(refusedFor({ creators: [...beauty, cook(4500n)] })).toBeUndefined();
    expect(refusedFor({ creators: [...beauty, cook(4501n)] })).toEqual(['share']);
  });

  it('count the sales of everybody who sold for the agency in the month', () => {
    const gone = creator('gone', {
      bound: false,
      sales: new Map([...selling(50n), ['food', 4000n]]),
    });
    const [ranked] = vertical.verticalRanking('beauty', [
      agencyMonth('a1', { creators: [...agencyMonth('a1').creators, gone] }),
    ]).ranking;
    expect(ranked).toMatchObject({ sales: 550, creators: 5, sessions: 100 });
  });

  it('ask for no complaint in the way', () => {
    expect(refusedFor({ complaintIds: ['c1'] })).toEqual(['complaints']);
  });

  it.each<[Standing, boolean]>([
    ['active', true],
    ['pending_expulsion', true],
    ['expelled', false],
    ['exited', false],
    ['not_admitted', false],
  ])('and for an admitted agency: %s', (standing, passes) => {
    expect(refusedFor({ standing })).toEqual(passes ? undefined : ['standing']);
  });

  it('name every reason, always in the same order', () => {
    const cook = creator('cook', { sales: new Map([['food', 10_000n]]) });
    const weak = creator('k1', { effectiveSessions: 1 });
    expect(
      refusedFor({ standing: 'expelled', complaintIds: ['c1'], creators: [cook, weak] }),
    ).toEqual(['creators', 'sessions', 'share', 'complaints', 'standing']);
  });

  it('refuse an agency that has nothing in the vertical for its creators alone', () => {
    expect(refusedFor({ creators: [] })).toEqual(['creators']);
  });
});

describe('the ranking', () => {
  const withSales = (agencyId: string, fen: bigint, changes: Partial<AgencyMonth> = {}) =>
    agencyMonth(agencyId, {
      creators: agencyMonth(agencyId).creators.map((each) => ({ ...each, sales: selling(fen) })),
      ...changes,
    });

  it('goes by the sales of the vertical', () => {
    expect(order(withSales('a1', 100n), withSales('a2', 101n), withSales('a3', 99n))).toEqual([
      'a2',
      'a1',
      'a3',
    ]);
  });

  it('then by creators newly bound, then by posts, then by the lesser id', () => {
    expect(
      order(
        agencyMonth('a2', { posts: 1 }),
        agencyMonth('a1', { posts: 1 }),
        agencyMonth('a3', { posts: 2 }),
        agencyMonth('a4', { newlyBound: 1 }),
        agencyMonth('B'),
        agencyMonth('a'),
      ),
    ).toEqual(['a4', 'a3', 'a1', 'a2', 'B', 'a']);
  });

  it('writes a sum beyond the safe integers as digits, and compares it exactly', () => {
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const five = (fen: bigint) => ({
      creators: [creator('x', { sales: selling(fen) }), ...agencyMonth('a1').creators],
    });
    const { ranking } = vertical.verticalRanking('beauty', [
      agencyMonth('a1', five(safe - 500n)),
      agencyMonth('a2', five(safe - 499n)),
      agencyMonth('a3', five(safe - 498n)),
    ]);
    expect(ranking.map(({ sales }) => sales)).toEqual([
      '9007199254740993',
      '9007199254740992',
      9007199254740991,
    ]);
  });

  it('does not depend on the order in which anything is given', () => {
    const some = fc.array(
      fc.record({
        newlyBound: fc.nat(2),
        posts: fc.nat(2),
        standing: fc.constantFrom<Standing>('active', 'expelled'),
        creators: fc.array(
          fc.record({
            bound: fc.boolean(),
            effectiveSessions: fc.nat(60),
            sales: fc.dictionary(fc.constantFrom('beauty', 'food'), fc.bigInt(0n, 3n)),
          }),
          { maxLength: 9 },
        ),
      }),
      { maxLength: 6 },
    );
    const agencies = some.map((drawn) =>
      drawn.map(({ creators, ...rest }, index) =>
        agencyMonth(`a${index}`, {
          ...rest,
          creators: creators.map(({ sales, ...each }, number) =>
            creator(`k${index}-${number}`, { ...each, sales: new Map(Object.entries(sales)) }),
          ),
        }),
      ),
    );
    fc.assert(
      fc.property(agencies, (given) => {
        const turned = [...given].reverse().map((each) => ({
          ...each,
          creators: [...each.creators]
            .reverse()
            .map((one) => ({ ...one, sales: new Map([...one.sales].reverse()) })),
        }));
        const result = vertical.verticalRanking('beauty', given);
        expect(vertical.verticalRanking('beauty', turned)).toEqual(result);
        // Each agency is ranked or refused, and never both.
        const named = [...result.ranking, ...result.refused].map(({ agencyId }) => agencyId).sort();
        expect(named).toEqual(given.map(({ agencyId }) => agencyId).sort());
      }),
    );
  });
});

describe('a month of sessions', () => {
  const session = (creatorId: string, changes: Partial<SessionOfMonth> = {}): SessionOfMonth => ({
    creatorId,
    effective: true,
    contentVertical: 'beauty',
    sales: [
      { vertical: 'beauty', amountFen: 2 },
      { vertical: 'food', amountFen: 1 },
    ],
    ...changes,
  });

  it('is added up by creator: sales of every session, counts of the effective ones', () => {
    const sessions = [
      session('k1'),
      session('k1', { effective: false }),
      session('k2', { sales: [] }),
    ];
    expect(vertical.creatorMonthsOf(sessions, ['k3', 'k1'])).toEqual([
      {
        creatorId: 'k3',
        bound: true,
        sales: new Map(),
        effectiveSessions: 0,
        effectiveByContent: new Map(),
      },
      {
        creatorId: 'k1',
        bound: true,
        sales: new Map([
          ['beauty', 4n],
          ['food', 2n],
        ]),
        effectiveSessions: 1,
        effectiveByContent: new Map([['beauty', 1]]),
      },
      {
        creatorId: 'k2',
        bound: false,
        sales: new Map(),
        effectiveSessions: 1,
        effectiveByContent: new Map([['beauty', 1]]),
      },
    ]);
  });

  it('says which creators an agency may give its slot to', () => {
    const creators = vertical.creatorMonthsOf(
      [session('k2'), session('k1'), session('k3', { sales: [] })],
      ['k1', 'k2', 'k3'],
    );
    expect(vertical.qualifiedCreators({ creators }, 'beauty')).toEqual(['k1', 'k2']);
    expect(vertical.qualifiedCreators({ creators }, 'food')).toEqual([]);
  });
});

describe('the answer to “vertical”', () => {
  const query = {
    month: '2019-04',
    vertical: 'beauty',
    effectiveAt: instant('2019-05-02'),
    knownAt: instant('2019-05-02'),
  };

  it('has the ranking, the refusals and the figures it rests on', () => {
    expect(
      vertical.verticalAnswer(query, [agencyMonth('a1'), agencyMonth('a0', { creators: [] })], {
        zone: shanghaiZone,
      }),
    ).toMatchObject({
      month: '2019-04',
      vertical: 'beauty',
      effectiveAt: '2019-05-02T10:00:00.000+08:00',
      knownAt: '2019-05-02T10:00:00.000+08:00',
      ranking: [
        { agencyId: 'a1', sales: 500, creators: 5, sessions: 100, newlyBound: 0, posts: 0 },
      ],
      refused: [{ agencyId: 'a0', reasons: ['creators'] }],
      terms: { minCreators: 5, minSessionsEach: 20, minSharePercent: 10 },
    });
  });

  it('takes the standing at E, as known at K', () => {
    const ledger = given(
      on('2019-01-10', admit()),
      on('2019-05-02', expel()),
      on('2019-05-03', {
        command: 'RevokeExpulsion',
        data: { agencyId: 'a1', reason: 'without basis' },
      }),
      on('2019-05-04', exit()),
    );
    const standing = (effectiveAt: string, knownAt: string) =>
      agency.supportFactsOf(
        ledger.history(),
        '2019-04',
        { effectiveAt: instant(effectiveAt), knownAt: instant(knownAt) },
        shanghaiZone,
      ).standing;
    expect(standing('2019-05-01', '2019-05-05')).toBe('active');
    expect(standing('2019-05-02 12:00', '2019-05-02 12:00')).toBe('expelled');
    expect(standing('2019-05-02 12:00', '2019-05-03')).toBe('active');
    expect(standing('2019-05-04', '2019-05-05')).toBe('exited');
  });
});
