import { agency, aliMcn20190307, instantOfLine, rulebookHash } from '@penalty-ledger/ledger';
import { given, instant, shanghai, shanghaiZone } from '../support/given.js';
import {
  admit,
  appeal,
  by,
  deduct,
  exit,
  expel,
  on,
  readmit,
  reduce,
  revoke,
  revokeExpulsion,
} from '../support/lines.js';

const admitted = on('2019-01-10', admit());

describe('the answer to a balance', () => {
  it('has the fields of interchange.md', () => {
    const ledger = given(
      admitted,
      on('2019-04-01', deduct('d1', 40)),
      on('2019-04-02', deduct('d0', 40)),
      on('2019-04-02', deduct('d2', 1)),
      on('2019-04-03', revoke('d2')),
    );
    expect(ledger.balance({ at: '2019-04-05', known: '2019-04-03' })).toMatchObject({
      agencyId: 'a1',
      period: '2019',
      effectiveAt: '2019-04-05T10:00:00.000+08:00',
      knownAt: '2019-04-03T10:00:00.000+08:00',
      balance: 80,
      threshold: 120,
      standing: 'active',
      pending: null,
      expulsion: null,
      reentryFrom: null,
      lines: [
        {
          deductionId: 'd1',
          points: 40,
          counts: 40,
          effectiveAt: '2019-04-01T10:00:00.000+08:00',
          running: 40,
        },
        {
          deductionId: 'd0',
          points: 40,
          counts: 40,
          effectiveAt: '2019-04-02T10:00:00.000+08:00',
          running: 80,
        },
      ],
      notCounted: [{ deductionId: 'd2', reason: 'revoked' }],
      findings: [],
      assumptions: ['attribution=effectiveAt'],
      rulebook: {
        id: 'ali-mcn',
        rulebookVersion: '2019-03-07',
        sha256: rulebookHash(aliMcn20190307),
      },
    });
  });

  it('has lines of one instant in the order of their ids, by code unit', () => {
    const ledger = given(
      admitted,
      ...['b', 'a', 'B', '10', '9'].map((id) => on('2019-04-01', deduct(id, 1))),
    );
    expect(ledger.balance().lines.map(({ deductionId }) => deductionId)).toEqual([
      '10',
      '9',
      'B',
      'a',
      'b',
    ]);
  });

  it('says nothing of a deduction that is not yet known', () => {
    const ledger = given(admitted, on('2019-04-01', deduct('d1', 40)));
    expect(ledger.balance({ known: '2019-04-01 09:59:59.999' })).toMatchObject({
      lines: [],
      notCounted: [],
    });
  });

  it('gives the first reason of revoked, scheduled, other_episode, cleared_by_reset', () => {
    const next = { effectiveAt: shanghai('2020-02-01') };
    const ledger = given(
      admitted,
      on('2019-12-01', deduct('cleared', 1)),
      on('2019-12-01', deduct('revoked', 1, next)),
      on('2019-12-01', deduct('scheduled', 1, next)),
      on('2019-12-02', revoke('revoked')),
    );
    expect(ledger.balance({ at: '2020-01-15' }).notCounted).toEqual([
      { deductionId: 'cleared', reason: 'cleared_by_reset' },
      { deductionId: 'revoked', reason: 'revoked' },
      { deductionId: 'scheduled', reason: 'scheduled' },
    ]);
    const returned = given(
      admitted,
      on('2019-12-01', deduct('old', 1)),
      on('2019-12-02', exit()),
      on('2020-01-05', readmit()),
    );
    expect(returned.balance().notCounted).toEqual([
      { deductionId: 'old', reason: 'other_episode' },
    ]);
  });

  it('names the assumptions its standing rests on', () => {
    const pending = given(admitted, on('2019-04-01', deduct('d1', 120)));
    expect(pending.balance().assumptions).toEqual(['attribution=effectiveAt', 'lastChanceDays=7']);
    expect(pending.given(on('2019-04-09', expel())).balance().assumptions).toEqual([
      'attribution=effectiveAt',
      'banCount=natural_days',
    ]);
  });

  it('names each finding that touches the period, once, when it is known', () => {
    const mismatch = { clause: 'operating-metric-missed' };
    const ledger = given(
      admitted,
      on('2019-04-01', deduct('d1', 30, mismatch)),
      on('2019-04-02', deduct('d2', 31, mismatch)),
      on('2019-05-01', appeal('p1', ['d1'])),
    );
    expect(ledger.balance().findings).toEqual(['tariff_mismatch', 'appeal_late']);
    expect(ledger.balance({ known: '2019-04-30' }).findings).toEqual(['tariff_mismatch']);
    expect(ledger.balance({ period: '2020' }).findings).toEqual([]);
  });

  describe('has the findings that its standing rests on, whatever period they are of', () => {
    const fixed = { clause: 'operating-metric-missed' };
    const reached = [admitted, on('2019-04-01', deduct('d1', 120, fixed))];
    const hasty = [...reached, on('2019-04-02', expel())];
    const revoked = [...hasty, on('2019-04-03', by('officer-1', revokeExpulsion()))];

    it.each([
      ['a pending expulsion', reached, ['tariff_mismatch']],
      ['an expulsion', hasty, ['tariff_mismatch', 'no_last_chance']],
    ])('%s', (_what, lines, findings) => {
      expect(given(...lines).balance().findings).toEqual(findings);
      expect(given(...lines).balance({ period: '2017' }).findings).toEqual(findings);
    });

    it('and no longer once the expulsion is revoked, nor before it was known', () => {
      const back = given(...revoked, on('2019-04-04', revoke('d1')));
      expect(back.balance().findings).toEqual(['tariff_mismatch', 'no_last_chance', 'same_actor']);
      expect(back.balance({ period: '2017' }).findings).toEqual([]);
      expect(given(...hasty).balance({ known: '2019-04-01', period: '2017' }).findings).toEqual([
        'tariff_mismatch',
      ]);
    });
  });

  it('is not to be had before the agency is known', () => {
    const history = given(
      on('2019-03-01', admit({ effectiveAt: shanghai('2019-01-10') })),
    ).history();
    expect(agency.isKnownAt(history, instant('2019-03-01 09:59:59.999'))).toBe(false);
    expect(agency.isKnownAt(history, instant('2019-03-01 10:00'))).toBe(true);
  });

  it('is not_admitted before the admission takes effect, though it is known', () => {
    const ledger = given(on('2019-03-01', admit({ effectiveAt: shanghai('2019-01-10') })));
    expect(ledger.standing({ at: '2019-01-10 09:59:59.999' })).toBe('not_admitted');
    expect(ledger.standing({ at: '2019-01-10 10:00' })).toBe('active');
  });
});

it('the entry of an agency agrees with its balance', () => {
  const ledger = given(admitted, on('2019-04-01', deduct('d1', 120)));
  const asked = { effectiveAt: instant('2019-04-01'), knownAt: instant('2019-04-01') };
  expect(
    agency.agencyEntry(ledger.history(), asked, {
      rulebooks: ledger.rulebooks(),
      zone: shanghaiZone,
    }),
  ).toEqual({
    agencyId: 'a1',
    balance: 120,
    standing: 'pending_expulsion',
  });
});

describe('a what-if', () => {
  const ledger = given(
    admitted,
    on('2019-02-01', deduct('d1', 40)),
    on('2019-03-01', deduct('d2', 40)),
    on('2019-04-01', deduct('d3', 40)),
    on('2019-04-02', reduce('d3', 39)),
  );

  it('without changes is what was recorded', () => {
    expect(ledger.whatIf({})).toMatchObject({
      recorded: { balance: 119, thresholdReachedAt: null },
      whatif: { balance: 119, thresholdReachedAt: null },
      partsAt: null,
      differences: [],
      unknown: [],
    });
  });

  it('leaves deductions out, and says from when on that makes a difference', () => {
    expect(ledger.whatIf({ without: ['d2'] })).toMatchObject({
      whatif: { balance: 79 },
      partsAt: '2019-03-01T10:00:00.000+08:00',
      differences: [{ deductionId: 'd2', recorded: 40, whatif: 0 }],
    });
  });

  it('gives a deduction other points, and says when the threshold would have been reached', () => {
    expect(ledger.whatIf({ points: { d2: 80 } })).toMatchObject({
      recorded: { thresholdReachedAt: null },
      whatif: { balance: 159, thresholdReachedAt: '2019-03-01T10:00:00.000+08:00' },
      partsAt: '2019-03-01T10:00:00.000+08:00',
    });
  });

  it('leaves what a decision set as decided', () => {
    expect(ledger.whatIf({ points: { d3: 100 } })).toMatchObject({
      whatif: { balance: 119 },
      partsAt: null,
    });
  });

  it('is asked of what was known at an instant, too', () => {
    expect(
      ledger.whatIf({ without: ['d1'] }, { at: '2019-04-01', known: '2019-04-01' }),
    ).toMatchObject({
      recorded: { balance: 120, thresholdReachedAt: '2019-04-01T10:00:00.000+08:00' },
      whatif: { balance: 80, thresholdReachedAt: null },
    });
  });

  it('says of the threshold only when it was reached inside the period', () => {
    const late = { period: '2019', effectiveAt: shanghai('2020-01-05') };
    const spilled = given(
      admitted,
      on('2019-12-01', deduct('d1', 80)),
      on('2019-12-02', deduct('d2', 40, late)),
    );
    expect(spilled.whatIf({}).recorded).toEqual({ balance: 80, thresholdReachedAt: null });
  });

  it('names what it was asked to change and does not know', () => {
    expect(ledger.whatIf({ without: ['d9'], points: { d8: 1 } }).unknown).toEqual(['d8', 'd9']);
  });

  it('is never stored', () => {
    const before = ledger.recorded().length;
    ledger.whatIf({ without: ['d1', 'd2', 'd3'] });
    expect(ledger.recorded()).toHaveLength(before);
    expect(ledger.points()).toBe(119);
  });
});

it('a line that is wrong still moves the clock, if it has an instant', () => {
  expect(instantOfLine({ at: '2019-04-01T10:00:00+08:00', command: 17 })).toBe(
    '2019-04-01T02:00:00.000Z',
  );
  expect(instantOfLine({ at: 'tomorrow' })).toBeUndefined();
  expect(instantOfLine(null)).toBeUndefined();
});
