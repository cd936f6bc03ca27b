import {
  douyinGuildHealth2022,
  douyinMcnCredit2022,
  rulebookProblems,
} from '@penalty-ledger/ledger';
import { given, shanghai, type Scenario } from '../support/given.js';
import {
  add,
  admit,
  deduct,
  exit,
  on,
  publish,
  readmit,
  revokeAddition,
  type Act,
} from '../support/lines.js';

const violation = (id: string, points: number, data: object = {}): Act =>
  deduct(id, points, { clause: 'agency-violation', ...data });

/** An agency of the credit points of 2022, which start at 120 under a cap of 150. */
const agency = (): Scenario =>
  given(on('2022-11-05', publish(douyinMcnCredit2022)), on('2022-12-01', admit()));

const score = (ledger: Scenario, asked: { readonly at?: string; readonly known?: string } = {}) =>
  ledger.balance(asked).scale?.score;

describe('an addition', () => {
  it('raises the score and leaves the balance', () => {
    const ledger = agency()
      .given(on('2023-02-01', violation('d1', 40)))
      .when(on('2023-02-02', add('b1', 10)))
      .then('AdditionGranted');
    expect(ledger.balance()).toMatchObject({ balance: 40, scale: { score: 90 } });
    expect(ledger.balance().scale?.additions).toEqual([
      {
        additionId: 'b1',
        points: 10,
        counts: 10,
        effectiveAt: '2023-02-02T10:00:00.000+08:00',
        notCounted: null,
      },
    ]);
  });

  it('goes up to the cap, and what is above it is lost', () => {
    const ledger = agency().given(
      on('2023-02-01', add('b1', 25)),
      on('2023-02-02', add('b2', 10)),
      on('2023-02-03', add('b3', 1)),
    );
    expect(score(ledger)).toBe(150);
    expect(ledger.balance().scale?.additions.map(({ counts }) => counts)).toEqual([25, 5, 0]);
    ledger.given(on('2023-02-04', violation('d1', 20)));
    expect(score(ledger)).toBe(130);
  });

  it('gives the same score in whatever order the same acts were recorded', () => {
    const acts = [
      violation('d1', 30, {
        occurredAt: shanghai('2023-02-01'),
        effectiveAt: shanghai('2023-02-01'),
      }),
      add('b1', 50, { effectiveAt: shanghai('2023-02-02') }),
      violation('d2', 5, {
        occurredAt: shanghai('2023-02-03'),
        effectiveAt: shanghai('2023-02-03'),
      }),
      add('b2', 30, { effectiveAt: shanghai('2023-02-04') }),
    ];
    for (const [a, b, c, d] of permutations(acts)) {
      const ledger = agency().given(...[a, b, c, d].map((each) => on('2023-03-01', each!)));
      expect(score(ledger)).toBe(150);
      expect(score(ledger, { at: '2023-02-03 12:00' })).toBe(135);
    }
  });

  it('is taken back from its start, and was known until then', () => {
    const ledger = agency().given(
      on('2023-02-01', add('b1', 20)),
      on('2023-02-10', revokeAddition('b1')),
    );
    expect(score(ledger)).toBe(120);
    expect(score(ledger, { at: '2023-02-05' })).toBe(120);
    expect(score(ledger, { known: '2023-02-05' })).toBe(140);
    expect(ledger.balance().scale?.additions).toMatchObject([
      { additionId: 'b1', counts: 0, notCounted: 'revoked' },
    ]);
    ledger.when(on('2023-02-11', revokeAddition('b1'))).thenRefused('already_revoked');
    ledger.when(on('2023-02-11', revokeAddition('b9'))).thenRefused('unknown_addition');
  });

  it('is cleared with the year, and counts from its effectiveAt', () => {
    const ledger = agency().given(
      on('2023-02-10', add('b1', 20, { effectiveAt: shanghai('2023-02-01') })),
    );
    expect(score(ledger, { at: '2023-01-31' })).toBe(120);
    expect(score(ledger, { at: '2023-02-01' })).toBe(140);
    expect(score(ledger.until('2024-01-01'))).toBe(120);
    const reasons = (at: string) =>
      ledger.balance({ at }).scale?.additions.map(({ notCounted }) => notCounted);
    expect(reasons('2023-01-31')).toEqual(['scheduled']);
    expect(reasons('2024-01-01')).toEqual(['cleared_by_reset']);
  });

  it('counts from its very instant, and up to the last millisecond of its year', () => {
    const [first, last] = ['2023-02-01 10:00:00.000', '2023-12-31 23:59:59.999'];
    const ledger = agency().given(
      on('2023-02-10', add('b1', 20, { effectiveAt: shanghai(first) })),
      on(last, add('b2', 5, { effectiveAt: shanghai(last) })),
    );
    expect(score(ledger, { at: '2023-02-01 09:59:59.999' })).toBe(120);
    expect(score(ledger, { at: first })).toBe(140);
    expect(score(ledger, { at: '2023-12-31 23:59:59.998' })).toBe(140);
    expect(score(ledger, { at: last })).toBe(145);
    expect(score(ledger.until('2024-01-01 00:00'))).toBe(120);
    const notCounted = (at: string) =>
      ledger.balance({ at }).scale?.additions.map((each) => each.notCounted);
    expect(notCounted('2024-01-01 00:00')).toEqual(['cleared_by_reset', 'cleared_by_reset']);
  });

  it('of another episode does not count, nor one to another account', () => {
    const [credit] = douyinMcnCredit2022.accounts;
    const shop = { ...credit!, id: 'shop' };
    const both = {
      ...douyinMcnCredit2022,
      rulebookVersion: '2022-12-01',
      effectiveFrom: '2022-12-01T00:00:00+08:00',
      accounts: [credit!, shop],
    };
    const ledger = agency().given(
      on('2022-12-02', publish(both)),
      on('2023-02-01', add('b1', 20)),
      on('2023-02-02', exit()),
      on('2023-02-03', readmit()),
      on('2023-02-04', add('b2', 5, { account: 'shop' })),
      on('2023-02-05', add('b3', 1)),
    );
    const additions = (account: string) =>
      ledger.balance({ account }).scale?.additions.map((each) => [each.counts, each.notCounted]);
    expect(score(ledger)).toBe(121);
    expect(additions('credit')).toEqual([
      [0, 'other_episode'],
      [0, 'other_account'],
      [1, null],
    ]);
    expect(ledger.balance({ account: 'shop' }).scale?.score).toBe(125);
    expect(additions('shop')).toEqual([
      [0, 'other_episode'],
      [5, null],
      [0, 'other_account'],
    ]);
  });

  it('that takes the score from a node to above it, and not to it, ends its measure', () => {
    const ledger = agency().given(on('2023-02-01', violation('d1', 42)));
    const reached = () => ledger.balance().measures?.map(({ points }) => points);
    // Below 80 is 79 and less: the node is 41 points under the start.
    ledger.given(on('2023-02-02', add('b1', 1)));
    expect([score(ledger), reached()]).toEqual([79, [41]]);
    ledger.given(on('2023-02-03', add('b2', 1)));
    expect([score(ledger), reached()]).toEqual([80, []]);
  });

  it('above a node ends its measure, and falling again begins it anew', () => {
    const ledger = agency().given(
      on('2023-02-01', violation('d1', 41)),
      on('2023-02-10', add('b1', 10)),
    );
    const measures = (at: string) => ledger.balance({ at }).measures;
    expect(measures('2023-02-05')).toMatchObject([
      { points: 41, from: '2023-02-01T10:00:00.000+08:00' },
    ]);
    expect(ledger.balance()).toMatchObject({ measures: [], nodesReached: [41] });
    ledger.given(on('2023-03-01', violation('d2', 20)), on('2023-03-02', violation('d3', 1)));
    expect(ledger.balance().measures).toMatchObject([
      { points: 41, from: '2023-03-01T10:00:00.000+08:00', until: '2023-04-01T00:00:00.000+08:00' },
    ]);
  });

  it('of the same instant comes after the deductions', () => {
    const at = shanghai('2023-02-01');
    const ledger = agency().given(
      on('2023-03-01', add('b0', 30, { effectiveAt: shanghai('2023-01-15') })),
      on('2023-03-01', add('b1', 10, { effectiveAt: at })),
      on('2023-03-01', violation('d1', 10, { occurredAt: at, effectiveAt: at })),
    );
    expect(score(ledger)).toBe(150);
  });

  it.each([
    ['in the future', { effectiveAt: shanghai('2023-02-02') }, 'invalid'],
    ['of no account of the rulebook', { account: 'health' }, 'invalid'],
    ['before the admission', { effectiveAt: shanghai('2022-11-30') }, 'not_admitted'],
  ])('%s is refused', (_what, data, code) => {
    agency()
      .when(on('2023-02-01', add('b1', 10, data)))
      .thenRefused(code);
  });

  it('of an agency that left is refused', () => {
    agency()
      .given(on('2023-02-01', exit()))
      .when(on('2023-02-02', add('b1', 10)))
      .thenRefused('not_admitted');
  });

  it.each([
    ['without a scale', undefined],
    ['whose cap is its start', douyinGuildHealth2022],
  ])('to an account %s is refused', (_what, rulebook) => {
    const before = rulebook === undefined ? [] : [on('2022-04-20', publish(rulebook))];
    given(...before, on('2022-12-01', admit()))
      .when(on('2023-02-01', add('b1', 10)))
      .thenRefused('invalid');
  });
});

it('a platform’s own figure is compared with the score', () => {
  const observe = (balance: number): Act => ({
    command: 'ObservePlatformBalance',
    data: { agencyId: 'a1', balance, observedAt: shanghai('2023-02-03') },
  });
  const ledger = agency().given(
    on('2023-02-01', violation('d1', 30)),
    on('2023-02-02', add('b1', 5)),
  );
  ledger.when(on('2023-02-04', observe(95))).thenFound();
  ledger.when(on('2023-02-04', observe(25))).thenFound('balance_mismatch');
});

it('an account that expels has no cap above its start', () => {
  const [account] = douyinMcnCredit2022.accounts;
  const expelling = { ...account!, expels: { value: true, source: 'x', assumed: true } };
  const problems = rulebookProblems({ ...douyinMcnCredit2022, accounts: [expelling] });
  expect(problems.map(({ en }) => en)).toEqual([
    expect.stringContaining('has a cap 150 above its start 120, and expels'),
  ]);
});

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
