import {
  aliMcn20190307,
  canonicalJson,
  eventIdOf,
  findingSeverities,
  knownRulebook,
  leafHashOf,
  type EventEnvelope,
  type FindingCode,
} from '@penalty-ledger/ledger';
import { rechained } from './forging.js';

/** An event as its author wants it: nothing of it is checked. */
interface Wanted extends Pick<EventEnvelope, 'type' | 'data'> {
  readonly decidedAt?: string;
  readonly occurredAt?: string;
  readonly effectiveAt?: string;
  readonly rulebook?: EventEnvelope['rulebook'] | undefined;
}

export interface Act {
  readonly actor?: string;
  readonly command: string;
  readonly id: string;
  readonly recordedAt: string;
  readonly events: readonly Wanted[];
  readonly stream?: string;
}

/**
 * A ledger of the operator's own making, for which the pack is signed, and what is wrong with it.
 */
export interface Dishonest {
  readonly name: string;
  readonly about: string;
  readonly bodies: readonly string[];
}

/** Appends an act to a stream as the ledger would write it: chained, with the id of its command. */
export function withAct(bodies: readonly string[], act: Act): string[] {
  const { actor = 'simulation', command, id, recordedAt, events, stream = 'agency-a1' } = act;
  const causation = { command, commandId: id, fingerprint: '0'.repeat(64) };
  const chain = bodies.filter((body) => streamOf(body) === stream);
  const all = [...bodies];
  for (const [index, event] of events.entries()) {
    const body = canonicalJson({
      actor,
      causation,
      format: 1,
      id: eventIdOf('test', stream, causation, index),
      previous: chain.length === 0 ? '0'.repeat(64) : leafHashOf(chain.at(-1)!),
      recordedAt,
      revision: chain.length,
      schemaVersion: 1,
      stream,
      ...event,
    });
    chain.push(body);
    all.push(body);
  }
  return all;
}

function streamOf(body: string): string {
  return (JSON.parse(body) as EventEnvelope).stream;
}

const { reference: rulebook } = knownRulebook(aliMcn20190307);
const april = '2019-04-10T02:00:00.000Z';
const april20 = '2019-04-20T02:00:00.000Z';

const expulsion = (data: object, effectiveAt = april): Act => ({
  command: 'RecordExpulsion',
  id: 'expulsion-1',
  recordedAt: effectiveAt,
  events: [
    {
      type: 'ExpulsionExecuted',
      data: {
        ...{ account: 'points', agencyId: 'a1', balance: 75, carryOver: null, period: '2019' },
        ...{ reentryFrom: '2019-10-07T16:00:00.000Z', threshold: 120 },
        ...data,
      },
      effectiveAt,
      rulebook,
    },
  ],
});

const deduction = (data: object, more: Partial<Wanted> = {}, recordedAt = april): Act => ({
  command: 'RecordDeduction',
  id: 'deduction/d7',
  recordedAt,
  events: [
    {
      type: 'DeductionImposed',
      data: {
        ...{ account: 'points', agencyId: 'a1', clause: 'improper-operation', deductionId: 'd7' },
        ...{ period: '2019', periodStated: false, points: 1 },
        ...data,
      },
      occurredAt: recordedAt,
      effectiveAt: recordedAt,
      rulebook,
      ...more,
    },
  ],
});

const appeal = (data: object): Act => ({
  command: 'InitiateAppeal',
  id: 'appeal/p7',
  recordedAt: april,
  events: [
    {
      type: 'AppealInitiated',
      data: {
        ...{ agencyId: 'a1', appealId: 'p7', deductionIds: ['d1'], kind: 'ordinary' },
        ...{ evidenceBy: '2019-04-13T02:00:00.000Z', initiateBy: '2019-02-08T16:00:00.000Z' },
        ...{ outOfTime: true },
        ...data,
      },
      rulebook,
    },
  ],
});

const opened = (recordedAt: string, data: object): Wanted => ({
  type: 'PendingExpulsionOpened',
  data: { account: 'points', agencyId: 'a1', period: '2019', threshold: 120, ...data },
  effectiveAt: recordedAt,
  rulebook,
});

/**
 * The ledgers that a dishonest operator signs packs of: each says of itself what the rulebooks do
 * not say. Chains, ids, log and answers are right.
 *
 * @param bodies those of `appeal-history.ts`
 */
export function dishonestLedgers(bodies: readonly string[]): readonly Dishonest[] {
  const until = (revision: number): readonly string[] => {
    const last = bodies.findIndex((body) => {
      const event = JSON.parse(body) as EventEnvelope;
      return event.stream === 'agency-a1' && event.revision === revision;
    });
    return bodies.slice(0, last + 1);
  };
  const spring = until(10);
  const asOperator = rechained(
    spring.map((body) => body.replace('"mode":"observer"', '"mode":"operator"')),
    'ledger',
  );
  const late = { findings: [found('appeal_late', 'warning')] };
  const below = [found('no_last_chance', 'breach'), found('below_threshold', 'breach')];
  const scheduled = withAct(spring, deduction({ points: 50 }, { effectiveAt: april20 }));
  const may = '2019-05-02T02:00:00.000Z';
  const afterwards = deduction({ deductionId: 'd8' }, {}, may);
  const lower = {
    ...aliMcn20190307,
    rulebookVersion: '2019-03-08',
    accounts: aliMcn20190307.accounts.map((account) => ({ ...account, threshold: 75 })),
  };
  const lowered = knownRulebook(lower).reference;
  return [
    {
      name: 'expelled',
      about: 'an expulsion at 75 of 120 points that says it was at 120',
      bodies: withAct(spring, expulsion({ balance: 120 })),
    },
    {
      name: 'expelled-threshold',
      about: 'an expulsion at 75 points that says the threshold is 75, and so is supported',
      bodies: withAct(spring, expulsion({ threshold: 75 })),
    },
    {
      name: 'expelled-operator',
      about: 'an expulsion under the threshold, with its findings, in an operator’s ledger',
      bodies: withAct(asOperator, expulsion({ findings: below })),
    },
    {
      name: 'expelled-command',
      about: 'an expulsion that a command of another kind recorded',
      bodies: withAct(spring, { ...expulsion({ findings: below }), command: 'ComputeAssessment' }),
    },
    {
      name: 'expelled-window',
      about: 'an expulsion while the last chance is open, without that finding',
      bodies: withAct(
        until(13),
        expulsion(
          { balance: 155, reentryFrom: '2020-01-01T16:00:00.000Z' },
          '2019-07-05T02:00:00.000Z',
        ),
      ),
    },
    {
      name: 'invented-finding',
      about: 'a deduction with a finding that no deduction can lead to',
      bodies: withAct(spring, deduction({ findings: [found('reentry_early', 'breach')] })),
    },
    {
      name: 'graver-finding',
      about: 'a deduction with a finding whose severity is not its own',
      bodies: withAct(spring, deduction({ findings: [found('assessment_disagrees', 'breach')] })),
    },
    {
      name: 'exit-ahead',
      about: 'an exit that takes effect after it was recorded',
      bodies: withAct(spring, {
        command: 'RecordExit',
        id: 'exit-1',
        recordedAt: april,
        events: [{ type: 'AgencyExited', data: { agencyId: 'a1' }, effectiveAt: april20 }],
      }),
    },
    {
      name: 'withdrawn-ahead',
      about: 'an appeal withdrawn at an instant after it was recorded',
      bodies: withAct(until(14), {
        command: 'WithdrawAppeal',
        id: 'withdrawal-1',
        recordedAt: '2019-07-03T03:00:00.000Z',
        events: [
          {
            type: 'AppealWithdrawn',
            data: { agencyId: 'a1', appealId: 'p2' },
            occurredAt: '2019-07-03T04:00:00.000Z',
          },
        ],
      }),
    },
    {
      name: 'withdrawn-before',
      about: 'an appeal withdrawn before it was initiated',
      bodies: withAct(until(14), {
        command: 'WithdrawAppeal',
        id: 'withdrawal-1',
        recordedAt: '2019-07-03T03:00:00.000Z',
        events: [
          {
            type: 'AppealWithdrawn',
            data: { agencyId: 'a1', appealId: 'p2' },
            occurredAt: '2019-07-03T01:00:00.000Z',
          },
        ],
      }),
    },
    {
      name: 'ban',
      about: 'a ban that is longer than the rulebook’s',
      bodies: withAct(
        spring,
        expulsion({ findings: below, reentryFrom: '2020-10-07T16:00:00.000Z' }),
      ),
    },
    {
      name: 'appeal-in-time',
      about: 'a late appeal that is marked in time',
      bodies: withAct(spring, appeal({ outOfTime: false })),
    },
    {
      name: 'appeal-window',
      about: 'a late appeal whose window was moved',
      bodies: withAct(spring, appeal({ initiateBy: '2019-04-10T16:00:00.000Z', outOfTime: false })),
    },
    {
      name: 'appeal-late',
      about: 'a late appeal without that finding',
      bodies: withAct(spring, appeal({})),
    },
    {
      name: 'appeal-evidence',
      about: 'less time for the evidence than the rulebook gives',
      bodies: withAct(spring, appeal({ ...late, evidenceBy: '2019-04-11T02:00:00.000Z' })),
    },
    {
      name: 'tariff',
      about: 'points out of the clause’s tariff without that finding',
      bodies: withAct(spring, deduction({ clause: 'operating-metric-missed', points: 30 })),
    },
    {
      name: 'points',
      about: 'points out of the range',
      bodies: withAct(spring, deduction({ points: 999 })),
    },
    {
      name: 'account',
      about: 'an account that the clause is not of',
      bodies: withAct(spring, deduction({ account: 'other' })),
    },
    {
      name: 'clause',
      about: 'a clause that the rulebook does not have',
      bodies: withAct(spring, deduction({ clause: 'made-up' })),
    },
    {
      name: 'period',
      about: 'a deduction of another year than its own, which no notice states',
      bodies: withAct(spring, deduction({ period: '2018' })),
    },
    {
      name: 'old-rulebook',
      about: 'a deduction that is judged by a rulebook no longer in force',
      bodies: withAct(spring, deduction({}, { rulebook: earlierRulebookIn(bodies) })),
    },
    {
      name: 'id-twice',
      about: 'a second deduction with the id of another',
      bodies: withAct(spring, deduction({ deductionId: 'd1' })),
    },
    {
      name: 'not-opened',
      about: 'a threshold that is reached without a pending expulsion',
      bodies: until(12),
    },
    {
      name: 'opened-balance',
      about: 'a pending expulsion at another balance',
      bodies: rechained(
        bodies.map((body) => body.replace('"balance":155', '"balance":165')),
        'agency-a1',
      ),
    },
    {
      name: 'opened-early',
      about: 'a pending expulsion before the threshold is reached',
      bodies: withAct(spring, {
        ...deduction({}),
        events: [
          ...deduction({}).events,
          opened(april, { balance: 120, closesAt: '2019-04-17T16:00:00.000Z' }),
        ],
      }),
    },
    {
      name: 'opened-late',
      about: 'a pending expulsion that is opened days after it fell due',
      bodies: withAct(scheduled, {
        ...afterwards,
        id: 'deduction/d8',
        events: [
          ...afterwards.events,
          opened(may, { balance: 126, closesAt: '2019-05-09T16:00:00.000Z' }),
        ],
      }),
    },
    {
      name: 'reinstated',
      about: 'a reinstatement to more points than were imposed',
      bodies: withAct(spring, {
        command: 'RecordReinstatement',
        id: 'reinstatement-1',
        recordedAt: april,
        events: [
          {
            type: 'DeductionReinstated',
            data: { agencyId: 'a1', deductionId: 'd3', points: 120, was: 5 },
          },
        ],
      }),
    },
    {
      name: 'rulebook-shipped',
      about: 'a rulebook added later as if the ledger had begun with it',
      bodies: withAct(spring, {
        command: 'OpenLedger',
        id: 'ledger/again',
        recordedAt: april,
        stream: 'rulebooks',
        events: [
          {
            type: 'RulebookShipped',
            data: { document: lower, sha256: lowered.sha256 },
            effectiveAt: knownRulebook(lower).effectiveFrom,
            rulebook: lowered,
          },
        ],
      }),
    },
    {
      name: 'ledger-terms',
      about: 'a ledger that names no mode',
      bodies: rechained(
        spring.map((body) => body.replace('"mode":"observer"', '"mode":"other"')),
        'ledger',
      ),
    },
  ];
}

function found(code: string, severity: string): object {
  return { code, detail: { en: code, zh: code }, severity };
}

function earlierRulebookIn(bodies: readonly string[]): EventEnvelope['rulebook'] {
  const shipped = bodies.map((body) => JSON.parse(body) as EventEnvelope);
  return shipped.find(({ type }) => type === 'RulebookShipped')!.rulebook;
}

/** Draws what follows from a seed. */
export interface Draw {
  /** An integer from 0 to `below` − 1. */
  roll(below: number): number;
  pick<T>(from: readonly T[]): T;
}

const deductionIds = ['d1', 'd2', 'd3', 'd4', 'd5', 'd7', 'd8'];
const appealIds = ['p1', 'p2', 'p7', 'p8'];
const sums = [0, 1, 5, 12, 20, 30, 40, 50, 75, 85, 115, 120, 155];

/**
 * A ledger with acts of the operator's own invention at its end: each has the form of its type, and
 * says what the rulebooks and the events before it may or may not lead to.
 */
export function withLies(bodies: readonly string[], draw: Draw): string[] {
  let all = [...bodies];
  const count = 1 + draw.roll(3);
  for (let number = 0; number < count; number += 1) {
    const last = JSON.parse(all.findLast((body) => streamOf(body) === 'agency-a1')!) as {
      readonly recordedAt: string;
    };
    const hours = draw.pick([0, 1, 30, 7 * 24, 60 * 24]);
    all = withAct(all, inventedAct(draw, hoursAfter(last.recordedAt, hours), number));
  }
  return all;
}

function hoursAfter(instant: string, hours: number): string {
  return new Date(Date.parse(instant) + hours * 3_600_000).toISOString();
}

function inventedAct(draw: Draw, recordedAt: string, number: number): Act {
  const later = (...hours: readonly number[]): string => hoursAfter(recordedAt, draw.pick(hours));
  const maybe = (members: object): object => (draw.roll(2) === 0 ? members : {});
  const stated = (member: 'decidedAt' | 'occurredAt'): Partial<Wanted> =>
    draw.roll(3) > 0 ? {} : { [member]: later(-1, -24 * 100, 1) };
  const findings = (...codes: readonly FindingCode[]): object => {
    const named = codes.filter(() => draw.roll(2) === 0);
    const all = named.map((code) => found(code, findingSeverities[code]));
    return all.length === 0 ? {} : { findings: all };
  };
  const deductionId = draw.pick(deductionIds);
  const appealId = draw.pick(appealIds);
  const account = draw.pick(['points', 'points', 'points', 'other']);
  const period = draw.pick(['2019', '2019', '2019', '2018', '2020']);
  const threshold = draw.pick([120, 120, 75]);
  const midnight = (days: number): string =>
    `${hoursAfter(recordedAt, days * 24 - 8).slice(0, 10)}T16:00:00.000Z`;
  const act = (
    command: string,
    type: string,
    data: object,
    more: Partial<Wanted> = {},
    following: readonly Wanted[] = [],
  ): Act => ({
    actor: 'reviewer-9',
    command,
    id: `lie/${String(number)}`,
    recordedAt,
    events: [{ type, data: { agencyId: 'a1', ...data }, ...more }, ...following],
  });
  const adjusted = {
    type: 'DeductionAdjusted',
    data: { ...{ agencyId: 'a1', appealId, deductionId }, points: 5, was: draw.pick(sums) },
  };
  const terms = { rulebook, effectiveAt: later(0, 0, -30, 30 * 24), occurredAt: later(0, -1, 1) };
  const values = {
    ...{ account, clause: draw.pick(['improper-operation', 'creator-violation', 'none']) },
    ...{ deductionId, period, periodStated: draw.roll(2) === 0 },
    points: draw.pick([1, 5, 12, 50, 120, 999]),
  };
  const makers: readonly (() => Act)[] = [
    () =>
      act(
        'RecordDeduction',
        'DeductionImposed',
        { ...values, ...findings('tariff_mismatch', 'retroactive_threshold') },
        terms,
        draw.roll(3) > 0
          ? []
          : [opened(recordedAt, { balance: draw.pick(sums), closesAt: midnight(7) })],
      ),
    () =>
      act(
        'CorrectDeduction',
        'DeductionCorrected',
        { ...values, corrected: draw.pick([['points'], ['clause', 'points'], []]) },
        terms,
      ),
    () =>
      act('RecordRevocation', 'DeductionRevoked', { deductionId, was: draw.pick(sums) }, {}, [
        ...(draw.roll(2) === 0
          ? []
          : [
              { type: 'ExpulsionUnsupported', data: { agencyId: 'a1', balance: 75, expulsion: 0 } },
            ]),
      ]),
    () =>
      act('RecordPartialRevocation', 'DeductionAdjusted', {
        ...{ deductionId, points: draw.pick(sums), was: draw.pick(sums) },
      }),
    () =>
      act('RecordReinstatement', 'DeductionReinstated', {
        ...{ deductionId, points: draw.pick(sums), was: draw.pick(sums) },
      }),
    () =>
      act(
        'InitiateAppeal',
        'AppealInitiated',
        {
          ...{ appealId, deductionIds: [deductionId], outOfTime: draw.roll(2) === 0 },
          ...{ kind: draw.pick(['ordinary', 'last_chance']), initiateBy: midnight(5) },
          ...{ evidenceBy: later(72, 72, 48), ...findings('appeal_late') },
          ...maybe({ pending: draw.roll(2) }),
        },
        { rulebook, ...stated('occurredAt') },
      ),
    () =>
      act(
        'SubmitEvidence',
        'AppealEvidenceSubmitted',
        {
          appealId,
          items: [{ evidenceId: 'e1', mediaType: 'image/png', sha256: 'b'.repeat(64) }],
        },
        stated('occurredAt'),
      ),
    () => act('WithdrawAppeal', 'AppealWithdrawn', { appealId }, stated('occurredAt')),
    () => {
      const outcome = draw.pick(['upheld', 'rejected', 'partly_upheld']);
      const following = draw.roll(2) === 0 ? [] : [adjusted];
      const decided = stated('decidedAt');
      return act('DecideAppeal', 'AppealDecided', { appealId, outcome }, decided, following);
    },
    () => {
      const reentryFrom = midnight(draw.pick([180, 181]));
      const balance = draw.pick(sums);
      return act(
        'RecordExpulsion',
        'ExpulsionExecuted',
        {
          ...{ account, balance, carryOver: null, period, reentryFrom, threshold },
          ...findings('no_last_chance', 'below_threshold'),
        },
        { effectiveAt: later(0, 0, 24), rulebook },
      );
    },
    () => act('RevokeExpulsion', 'ExpulsionRevoked', { expulsion: draw.roll(2) }),
    () =>
      act('ApplyForReentry', 'ReentryApplied', {
        admissible: draw.roll(2) === 0,
        reentryFrom: midnight(draw.pick([180, 181])),
      }),
    () =>
      act('RecordReadmission', 'AgencyReadmitted', findings('reentry_early'), {
        effectiveAt: later(0, 0, 1),
      }),
    () => act('RecordExit', 'AgencyExited', {}, { effectiveAt: later(0, 0, 24) }),
    () => {
      const pendingEnds = { account, balance: draw.pick(sums), period, threshold };
      const more = { effectiveAt: recordedAt, rulebook };
      return act('RecordRevocation', 'PendingExpulsionLifted', pendingEnds, more);
    },
  ];
  return draw.pick(makers)();
}
