import {
  aliMcn20190307,
  douyinMcnCredit2022,
  epochMsOf,
  instantOf,
  outlook,
} from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { instant, shanghaiZone } from '../support/given.js';
import {
  add,
  admit,
  deduct,
  expel,
  on,
  publish,
  revokeExpulsion,
  type Act,
} from '../support/lines.js';
import { rounds } from '../support/rounds.js';
import { bind, compute, Roster, session, stream, unbind } from '../support/roster.js';

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `c${String(index + 1)}`);

const lookAt = (roster: Roster) => {
  const { now } = roster.agencies.context;
  const history = roster.agencies.history('a1');
  const context = { zone: shanghaiZone, rulebooks: roster.agencies.rulebooks() };
  const month = outlook.monthOutlook(history, roster.assessed(), now, context);
  return outlook.agencyOutlook(history, month, now, context);
};

/** The outlook of a1, which was admitted long ago and has `base` creators, on 20 April 2019. */
const on20April = (base: number, ...acts: readonly Act[]) => {
  const roster = new Roster().given(...names(base).map((name) => on('2019-03-20', bind(name))));
  roster.given(...acts.map((act) => on('2019-04-20', act))).agencies.until('2019-04-20');
  return lookAt(roster);
};

describe('the month so far', () => {
  const halfway = on20April(7, ...['c1', 'c2', 'c3'].flatMap((c) => stream(c, '2019-04', 10)));

  it('is an inequality of integers, with the rule and the parameters it rests on', () => {
    expect(halfway.assessment).toMatchObject({
      rule: 'rules §6',
      month: '2019-04',
      endsAt: '2019-05-01T00:00:00.000+08:00',
      prospect: 'within_reach',
      verdict: 'failed',
      reasons: ['activity'],
      active: 3,
      base: 7,
      activeTimes100: 300,
      rateTimesBase: 490,
      missingActive: 2,
      missingCreators: 0,
      rulebook: { rulebookVersion: '2019-03-07' },
    });
    expect(halfway.assessment.parameters).toContainEqual({
      name: 'activityRate',
      value: 70,
      source: 'agency rules of 2019-03-07 as an agency operator described them',
      assumed: false,
    });
    expect(halfway.assumptions).toContain('activityMinEffectiveSessions=10');
    expect(halfway.asOf).toBe('2019-04-20T10:00:00.000+08:00');
  });

  it('says by when each inactive creator has to begin the sessions it lacks', () => {
    const { inactive, streamBefore, possibleBefore } = on20April(
      7,
      ...['c1', 'c2', 'c3'].flatMap((c) => stream(c, '2019-04', 10)),
      ...stream('c5', '2019-04', 8),
    ).assessment;
    expect(inactive.map(({ creatorId, missing, dead }) => [creatorId, missing, dead])).toEqual([
      ['c5', 2, false],
      ['c4', 10, true],
      ['c6', 10, true],
      ['c7', 10, true],
    ]);
    expect(inactive[0]?.startBefore).toBe('2019-04-30T23:30:00.000+08:00');
    expect(inactive[1]?.startBefore).toBe('2019-04-30T19:30:00.000+08:00');
    // c5 and one of the others; with a smaller base c5 suffices, as five are active then.
    expect(streamBefore).toBe('2019-04-30T19:30:00.000+08:00');
    expect(possibleBefore).toBe('2019-04-30T23:30:00.000+08:00');
  });

  it('passes as it stands, and then nothing is missing', () => {
    const { assessment } = on20April(5, ...names(4).flatMap((c) => stream(c, '2019-04', 10)));
    expect(assessment).toMatchObject({
      prospect: 'passing',
      verdict: 'passed',
      missingActive: 0,
      streamBefore: null,
      possibleBefore: '2019-05-01T00:00:00.000+08:00',
    });
  });

  it('needs creators when the headcount is short, whatever is streamed', () => {
    expect(on20April(3).assessment).toMatchObject({
      prospect: 'needs_creators',
      reasons: ['activity', 'headcount'],
      missingCreators: 2,
      streamBefore: null,
      possibleBefore: '2019-04-30T19:30:00.000+08:00',
    });
  });

  it('says what unbinding changes: the base is who is bound at the end of the month', () => {
    const { unbinding, anyTime } = on20April(
      7,
      ...names(4).flatMap((c) => stream(c, '2019-04', 10)),
    ).assessment;
    expect(unbinding).toEqual({
      deadAccounts: 3,
      one: { base: 6, active: 4, verdict: 'failed', reasons: ['activity'] },
      allDead: { base: 4, active: 4, verdict: 'failed', reasons: ['headcount'] },
      passesWithout: 2,
    });
    expect(anyTime).toEqual({ base: 7, active: 4 });
  });

  it('is not assessed while a newcomer, nor in a month of a revoked expulsion', () => {
    const newcomer = new Roster(on('2019-03-10', admit())).given(on('2019-04-20', bind('c1')));
    expect(lookAt(newcomer).assessment).toMatchObject({
      prospect: 'not_assessed',
      reasons: ['newcomer'],
    });
    const revoked = new Roster(
      on('2018-01-01', admit()),
      on('2019-04-02', expel()),
      on('2019-04-03', revokeExpulsion()),
    );
    expect(lookAt(revoked).assessment).toMatchObject({
      prospect: 'not_assessed',
      reasons: ['not_active'],
    });
  });
});

describe('points', () => {
  const year = new Roster(
    on('2018-01-01', admit()),
    on('2019-04-02', deduct('d1', 40)),
    on('2019-04-03', deduct('d2', 7, { effectiveAt: '2019-12-24T00:00:00+08:00' })),
  );

  it('are so far from the threshold, and the reset clears those that count by then', () => {
    const { thresholds, reset } = lookAt(year);
    expect(thresholds).toEqual([
      {
        rule: 'rules §5',
        account: 'points',
        balance: 40,
        threshold: 120,
        left: 80,
        expels: true,
        parameters: [],
      },
    ]);
    expect(reset).toMatchObject({
      rule: 'rules §4',
      at: '2020-01-01T00:00:00.000+08:00',
      period: '2019',
      accounts: [{ account: 'points', clears: 47, remains: 0 }],
      parameters: [{ name: 'attribution', value: 'effectiveAt', assumed: true }],
    });
  });

  it('of a falling score are so far from it as the score is, with its additions', () => {
    const credit = new Roster(
      on('2022-11-05', publish(douyinMcnCredit2022)),
      on('2022-12-01', admit()),
      on('2023-02-01', deduct('d1', 40, { clause: 'agency-violation' })),
    );
    const left = () => lookAt(credit).thresholds.map((each) => [each.balance, each.left]);
    expect(left()).toEqual([[40, 41]]);
    credit.given(on('2023-02-02', add('b1', 10)));
    expect(left()).toEqual([[40, 51]]);
    // The cap of 150 is 30 above the start: what is beyond it is lost.
    credit.given(on('2023-02-03', add('b2', 100)));
    expect(left()).toEqual([[40, 111]]);
    credit.given(on('2023-02-04', deduct('d2', 112, { clause: 'agency-violation' })));
    expect(left()).toEqual([[152, -1]]);
  });
});

const minuteMs = 60_000;
const end = epochMsOf(instant('2019-05-01 00:00'));

/** Rules of an assessment, and the length of a session under them. */
const terms = fc.record({
  rate: fc.integer({ min: 0, max: 110 }),
  minSessions: fc.integer({ min: 0, max: 4 }),
  minutes: fc.constantFrom(0, 30, 45),
  headcountMin: fc.integer({ min: 0, max: 4 }),
});
type Terms = typeof terms extends fc.Arbitrary<infer T> ? T : never;

const lengthOf = ({ minutes }: Terms) => Math.max(1, minutes * minuteMs);

/** A creator's month up to now: sessions so long before the end of April, and how it ended. */
const past = fc.record({
  sessions: fc.array(fc.integer({ min: 3, max: 40 }), { maxLength: 5 }),
  short: fc.boolean(),
  unbound: fc.boolean(),
});

const history = fc.record({
  terms,
  creators: fc.array(past, { maxLength: 6 }),
  /** Before the end of the month: mostly in its last hours, where the answer changes. */
  leftMs: fc.oneof(fc.integer({ min: 1, max: 260 * minuteMs }), fc.constant(1)),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** The agency at `end - leftMs`, with everything before it recorded. */
function rosterOf({ terms: asked, creators, leftMs }: History): Roster {
  const { parameters } = aliMcn20190307;
  const roster = new Roster(
    on('2018-01-01', admit()),
    on(
      '2018-01-02',
      publish({
        ...aliMcn20190307,
        id: 'test',
        rulebookVersion: '1',
        announcedAt: '2017-01-01T00:00:00+08:00',
        effectiveFrom: '2017-06-01T00:00:00+08:00',
        parameters: {
          ...parameters,
          activityRate: { ...parameters.activityRate, value: asked.rate },
          activityMinEffectiveSessions: {
            ...parameters.activityMinEffectiveSessions,
            value: asked.minSessions,
          },
          effectiveSessionMinutes: { ...parameters.effectiveSessionMinutes, value: asked.minutes },
          headcountMin: { ...parameters.headcountMin, value: asked.headcountMin },
        },
      }),
    ),
  );
  const now = instantOf(end - leftMs);
  roster.given(...creators.map((_, index) => on('2019-03-20', bind(`c${String(index)}`))));
  for (const [index, { sessions, short, unbound }] of creators.entries()) {
    const id = `c${String(index)}`;
    for (const [number, hours] of sessions.entries()) {
      const start = end - leftMs - hours * 60 * minuteMs;
      const length = short && number === 0 ? Math.max(1, lengthOf(asked) - 1) : lengthOf(asked);
      roster.given(on(now, held(`${id}.${String(number)}`, id, start, start + length)));
    }
    if (unbound) roster.given(on(now, unbind(id)));
  }
  roster.agencies.until(now);
  return roster;
}

const held = (id: string, creatorId: string, start: number, over: number): Act =>
  session(id, creatorId, instantOf(start), instantOf(over));

/** The month as it is assessed when it is over. */
function assessed(roster: Roster) {
  roster.given(on(instantOf(end + 3 * 24 * 60 * minuteMs), compute('2019-04', 'a1')));
  return roster.assessment('2019-04');
}

const afterwards = instantOf(end + 2 * 24 * 60 * minuteMs);

/** Acts from now on: who is bound, who is unbound, and who streams as long as the month lasts. */
interface Plan {
  readonly unbound: readonly string[];
  readonly bound: readonly string[];
  /** Sessions of a creator, each so long after the one before; one after another. */
  readonly streams: ReadonlyMap<string, readonly number[]>;
}

function carryOut(roster: Roster, { terms: asked, leftMs }: History, plan: Plan): void {
  const now = end - leftMs;
  for (const id of plan.bound) roster.given(on(instantOf(now), bind(id)));
  for (const id of plan.unbound)
    roster.given(on(afterwards, unbind(id, { effectiveAt: instantOf(end - 1) })));
  for (const [id, gaps] of plan.streams) {
    let start = now;
    for (const [number, gap] of gaps.entries()) {
      start += gap;
      if (start >= end) break;
      // Refused where the creator was unbound before.
      roster.when(
        on(afterwards, held(`${id}.later.${String(number)}`, id, start, start + lengthOf(asked))),
      );
      start += lengthOf(asked);
    }
  }
}

const numRuns = 60 * rounds;

it('if nothing more happens, the month ends as the outlook says', () => {
  fc.assert(
    fc.property(history, (given) => {
      const roster = rosterOf(given);
      const { verdict, reasons, base, active, anyTime } = lookAt(roster).assessment;
      expect(assessed(roster)).toMatchObject({ verdict, reasons, base, active, anyTime });
    }),
    { numRuns },
  );
});

it('a month within reach passes when those who lack least begin at the last instant', () => {
  fc.assert(
    fc.property(history, (given) => {
      const roster = rosterOf(given);
      const { prospect, missingActive, inactive, streamBefore } = lookAt(roster).assessment;
      fc.pre(prospect === 'within_reach');
      const needed = inactive.slice(0, missingActive);
      const starts = needed.map(({ startBefore }) => epochMsOf(instant(startBefore!)));
      expect(Math.min(...starts)).toBe(epochMsOf(instant(streamBefore!)));
      const streams = needed.map(({ creatorId, missing }, index) => {
        const wait = starts[index]! - 1 - (end - given.leftMs);
        return [creatorId, [wait, ...Array<number>(missing - 1).fill(0)]] as const;
      });
      carryOut(roster, given, { unbound: [], bound: [], streams: new Map(streams) });
      expect(assessed(roster).verdict).toBe('passed');
    }),
    { numRuns },
  );
});

const laterOn = fc.record({
  unbound: fc.subarray(names(6)),
  newcomers: fc.integer({ min: 0, max: 6 }),
  rebound: fc.boolean(),
  gaps: fc.array(fc.constantFrom(0, 0, 1, minuteMs), { maxLength: 5 }),
});

it('a month out of reach fails whatever is streamed, bound and unbound after', () => {
  fc.assert(
    fc.property(history, laterOn, (given, later) => {
      const roster = rosterOf(given);
      fc.pre(lookAt(roster).assessment.prospect === 'out_of_reach');
      const former = given.creators.flatMap((each, index) =>
        each.unbound ? [`c${String(index)}`] : [],
      );
      const current = given.creators.flatMap((each, index) =>
        each.unbound ? [] : [`c${String(index)}`],
      );
      const newcomers = names(later.newcomers).map((name) => `new-${name}`);
      const bound = [...(later.rebound ? former : []), ...newcomers];
      const streams = [...current, ...bound].map((id) => [id, later.gaps] as const);
      const unbound = current.filter((id) => later.unbound.includes(id));
      carryOut(roster, given, { unbound, bound, streams: new Map(streams) });
      expect(assessed(roster).verdict).not.toBe('passed');
    }),
    { numRuns },
  );
});

it('a month that needs creators passes when everybody streams and the right ones are bound', () => {
  fc.assert(
    fc.property(history, (given) => {
      const roster = rosterOf(given);
      const { prospect, headcountMin, rate, minSessions } = lookAt(roster).assessment;
      fc.pre(prospect === 'needs_creators');
      // Everybody there is and as many new ones as the headcount asks for stream without a pause;
      // then only those that came to be active stay, and others to fill the headcount.
      const former = given.creators.flatMap(({ unbound }, index) =>
        unbound ? [`c${String(index)}`] : [],
      );
      const all = given.creators.map((_, index) => `c${String(index)}`);
      const newcomers = names(headcountMin).map((name) => `new-${name}`);
      const everybody = [...all, ...newcomers];
      const gaps = Array<number>(minSessions).fill(0);
      carryOut(roster, given, {
        bound: [...former, ...newcomers],
        unbound: [],
        streams: new Map(everybody.map((id) => [id, gaps])),
      });
      roster.agencies.until(instantOf(epochMsOf(afterwards)));
      const active = activeOf(roster, everybody, minSessions, lengthOf(given.terms));
      const staying = [...active, ...everybody.filter((id) => !active.includes(id))].slice(
        0,
        rate === 0 ? everybody.length : headcountMin,
      );
      for (const id of everybody.filter((each) => !staying.includes(each)))
        roster.given(on(afterwards, unbind(id, { effectiveAt: instantOf(end - 1) })));
      expect(assessed(roster).verdict).toBe('passed');
    }),
    { numRuns },
  );
});

/** Those with enough sessions of full length in April, counted apart from the ledger. */
function activeOf(roster: Roster, ids: readonly string[], min: number, lengthMs: number) {
  const from = instant('2019-04-01 00:00');
  return ids.filter(
    (id) =>
      [...roster.sessions.values()].filter(
        ({ creatorId, startedAt, endedAt }) =>
          creatorId === id &&
          startedAt >= from &&
          startedAt < instantOf(end) &&
          epochMsOf(endedAt) - epochMsOf(startedAt) >= lengthMs,
      ).length >= min,
  );
}

it('unbinding changes the month as the outlook says', () => {
  const howMany = fc.constantFrom<'one' | 'allDead' | 'passesWithout'>(
    'one',
    'allDead',
    'passesWithout',
  );
  fc.assert(
    fc.property(history, howMany, (given, which) => {
      const roster = rosterOf(given);
      const { unbinding, inactive, anyTime } = lookAt(roster).assessment;
      const { one, allDead, passesWithout } = unbinding;
      const supposed = { one, allDead, passesWithout }[which];
      fc.pre(supposed !== null);
      const chosen = {
        one: inactive.slice(0, 1),
        allDead: inactive.filter(({ dead }) => dead),
        passesWithout: inactive.slice(0, passesWithout ?? 0),
      }[which];
      const unbound = chosen.map(({ creatorId }) => creatorId);
      carryOut(roster, given, { unbound, bound: [], streams: new Map() });
      const month = assessed(roster);
      expect(month.anyTime).toEqual(anyTime);
      if (typeof supposed === 'number') expect(month.verdict).toBe('passed');
      else expect(month).toMatchObject(supposed);
    }),
    { numRuns },
  );
});
