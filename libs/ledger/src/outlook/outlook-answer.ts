import { AssumptionSchema } from '../assumption.js';
import { balanceAt, sumAt } from '../agency/answers/balance.js';
import type { AnswerContext } from '../agency/answers/balance-answer.js';
import { standingAt } from '../agency/answers/standing.js';
import { assessmentReasons, assessmentVerdicts } from '../agency/events.js';
import type { AgencyHistory } from '../agency/history.js';
import { scaleAssumptions, shownAt } from '../agency/answers/scale.js';
import { RulebookReferenceSchema } from '../event.js';
import { epochMsOf, instantOf, type Instant } from '../instant.js';
import { assumptionsOf, isExpelling, type Account, type Rulebook } from '../rulebook.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  nullable,
  PeriodSchema,
  Type,
  type Shape,
} from '../schema.js';
import { StandingSchema } from '../standing.js';
import { prospects, type MonthOutlook, type SupposedMonth } from './month-outlook.js';

export const OutlookRuleSchema = enumOf(
  ['rules §4', 'rules §5', 'rules §6', 'rules §7'],
  'the section it rests on',
);

/** A parameter of a rulebook that a figure rests on. */
export type NamedParameter = Shape<typeof NamedParameterSchema>;
export const NamedParameterSchema = closed(
  {
    name: Type.String(),
    value: Type.Union([Type.Integer(), Type.String(), Type.Boolean()]),
    source: Type.String(),
    assumed: Type.Boolean({ description: 'no source answers: the rulebook declares it' }),
  },
  { $id: 'NamedParameter' },
);

const ParametersSchema = Type.Array(NamedParameterSchema);

const SupposedMonthSchema = closed({
  base: Type.Integer(),
  active: Type.Integer(),
  verdict: enumOf(assessmentVerdicts),
  reasons: Type.Array(enumOf(assessmentReasons)),
});

export const ProspectSchema = enumOf(
  prospects,
  'passing as it stands; within reach of the creators bound now; only if creators are bound or ' +
    'unbound too; out of reach whatever is done; or not assessed',
);

/** The month so far, and what can still change it. */
const MonthOutlookSchema = closed({
  rule: OutlookRuleSchema,
  month: MonthSchema,
  endsAt: described(InstantSchema, 'the first instant after the month'),
  prospect: ProspectSchema,
  verdict: described(enumOf(assessmentVerdicts), 'as it ends if nothing more happens'),
  reasons: Type.Array(enumOf(assessmentReasons)),
  base: Type.Integer({ description: 'creators bound now' }),
  active: Type.Integer({ description: 'those of the base that are active already' }),
  rate: Type.Integer(),
  activeTimes100: Type.Integer({ description: '100 × active, the left side of the rule' }),
  rateTimesBase: Type.Integer({ description: 'rate × base, which it must reach' }),
  headcountMin: Type.Integer(),
  minSessions: Type.Integer(),
  sessionMinutes: Type.Integer({ description: 'how long an effective session is at least' }),
  anyTime: closed(
    { base: Type.Integer(), active: Type.Integer() },
    { description: 'those bound at any time in the month; no unbinding changes them' },
  ),
  alternative: nullable(
    enumOf(assessmentVerdicts),
    'the verdict under the version in force at the end of the month, when it is another one',
  ),
  missingActive: Type.Integer({ description: 'active creators that the base of now lacks' }),
  missingCreators: Type.Integer({ description: 'creators that the headcount lacks' }),
  streamBefore: nullable(
    InstantSchema,
    'the first instant at which it is too late for the creators bound now to make it pass by ' +
      'streaming alone; null when it passes as it stands, or that never sufficed',
  ),
  possibleBefore: nullable(
    InstantSchema,
    'the first instant from which it cannot pass whatever is streamed, bound or unbound',
  ),
  actBefore: nullable(
    InstantSchema,
    'that of the two which decides: streamBefore within reach, possibleBefore where it needs ' +
      'creators; else null',
  ),
  inactive: Type.Array(
    closed({
      creatorId: IdSchema,
      sessions: Type.Integer(),
      effectiveSessions: Type.Integer(),
      missing: Type.Integer({ description: 'effective sessions that it lacks' }),
      startBefore: nullable(
        InstantSchema,
        'the first instant at which it is too late to begin them, one after another; null when ' +
          'the whole month is too short',
      ),
      canBeActive: Type.Boolean(),
      exposed: Type.Boolean({ description: 'with the exposure right (浮现权)' }),
      dead: Type.Boolean({ description: 'a dead account: no session in the month (E-40)' }),
    }),
    { description: 'creators of the base that are not active, those that lack least first' },
  ),
  unbinding: closed(
    {
      deadAccounts: Type.Integer(),
      one: nullable(SupposedMonthSchema, 'the month with one inactive creator unbound'),
      allDead: nullable(SupposedMonthSchema, 'the month with every dead account unbound'),
      passesWithout: nullable(
        Type.Integer(),
        'the fewest inactive creators to unbind so that it passes; null when none suffice',
      ),
    },
    { description: 'suppositions: the base is who is bound at the end of the month' },
  ),
  parameters: ParametersSchema,
  rulebook: RulebookReferenceSchema,
});

/** The sum of an account and what is left to its threshold. */
const ThresholdSchema = closed({
  rule: OutlookRuleSchema,
  account: IdSchema,
  balance: Type.Integer(),
  threshold: Type.Integer(),
  left: Type.Integer({
    description:
      'threshold less balance, or on a falling scale less the points that the score is below its ' +
      'start, so that additions count; 0 or less once it is reached',
  }),
  expels: Type.Boolean({ description: 'whether reaching it makes an expulsion pending' }),
  parameters: ParametersSchema,
});

/** The annual reset that comes next. */
const ResetSchema = closed({
  rule: OutlookRuleSchema,
  at: InstantSchema,
  period: described(PeriodSchema, 'the period it ends'),
  accounts: Type.Array(
    closed({
      account: IdSchema,
      clears: Type.Integer({
        description: 'the period’s sum at its last instant, as scheduled now, less what remains',
      }),
      remains: Type.Integer({ description: 'what the next period starts with' }),
    }),
  ),
  parameters: ParametersSchema,
});

/** An agency's prospects before points are lost, as of now (E = K = now). */
export type AgencyOutlook = Shape<typeof AgencyOutlookSchema>;
export const AgencyOutlookSchema = closed({
  agencyId: IdSchema,
  asOf: described(InstantSchema, 'now: everything here is as of this instant'),
  standing: StandingSchema,
  assessment: MonthOutlookSchema,
  thresholds: Type.Array(ThresholdSchema, { description: 'one an account' }),
  reset: ResetSchema,
  assumptions: Type.Array(AssumptionSchema),
  rulebook: RulebookReferenceSchema,
  timeZone: closed({ id: Type.String(), dataVersion: Type.String() }),
});

/**
 * Looks ahead for an agency as of `now`. The agency must be known then (`isKnownAt`).
 *
 * @param month as `monthOutlook` computes it for `now`
 */
export function agencyOutlook(
  history: AgencyHistory,
  month: MonthOutlook,
  now: Instant,
  context: AnswerContext,
): AgencyOutlook {
  const { zone, rulebooks } = context;
  const { document, reference } = rulebooks.inForceAt(now);
  const { standing } = standingAt(history, now, now);
  return {
    agencyId: history.agencyId,
    asOf: zone.format(now),
    standing,
    assessment: monthFields(month, context),
    thresholds: document.accounts.map((account) => thresholdOf(history, account, now, context)),
    reset: resetOf(history, document, now, context),
    assumptions: [
      'sessions=oneAfterAnother',
      ...assumptionsOf(month.rulebook.document, ['activityMinEffectiveSessions', 'newcomerDays']),
      ...assumptionsOf(document, ['attribution']),
      ...document.accounts.flatMap(scaleAssumptions),
    ],
    rulebook: reference,
    timeZone: { id: zone.id, dataVersion: zone.dataVersion },
  };
}

/** A parameter of a rulebook by name, with its source. */
export function namedParameter(
  { parameters }: Rulebook,
  name: keyof Rulebook['parameters'],
): NamedParameter {
  const { value, source, assumed } = parameters[name];
  return { name, value, source, assumed };
}

function monthFields(outlook: MonthOutlook, { zone }: AnswerContext): AgencyOutlook['assessment'] {
  const { computed, rulebook, deadAccounts } = outlook;
  const { base, active, rate } = computed;
  const { document, reference } = rulebook;
  const formatted = (instant: Instant | undefined): string | null =>
    instant === undefined ? null : zone.format(instant);
  const dead = new Set(deadAccounts);
  return {
    rule: 'rules §6',
    month: computed.month,
    endsAt: zone.format(outlook.end),
    prospect: outlook.prospect,
    verdict: computed.verdict,
    reasons: computed.reasons,
    base,
    active,
    rate,
    activeTimes100: 100 * active,
    rateTimesBase: rate * base,
    headcountMin: computed.headcountMin,
    minSessions: computed.minSessions,
    sessionMinutes: document.parameters.effectiveSessionMinutes.value,
    anyTime: computed.anyTime,
    alternative: computed.alternative?.verdict ?? null,
    missingActive: outlook.missingActive,
    missingCreators: outlook.missingCreators,
    streamBefore: formatted(outlook.streamBefore),
    possibleBefore: formatted(outlook.possibleBefore),
    actBefore: formatted(outlook.actBefore),
    inactive: outlook.inactive.map((each) => ({
      creatorId: each.creatorId,
      sessions: each.sessions,
      effectiveSessions: each.effectiveSessions,
      missing: each.missing,
      startBefore: formatted(each.startBefore),
      canBeActive: each.canBeActive,
      exposed: each.exposed,
      dead: dead.has(each.creatorId),
    })),
    unbinding: {
      deadAccounts: deadAccounts.length,
      one: supposedOf(outlook.oneUnbound),
      allDead: supposedOf(outlook.deadUnbound),
      passesWithout: outlook.passesWithout ?? null,
    },
    parameters: (
      [
        'activityRate',
        'activityMinEffectiveSessions',
        'effectiveSessionMinutes',
        'headcountMin',
        'newcomerDays',
      ] as const
    ).map((name) => namedParameter(document, name)),
    rulebook: reference,
  };
}

function supposedOf(month: SupposedMonth | undefined): Shape<typeof SupposedMonthSchema> | null {
  return month === undefined ? null : { ...month };
}

function thresholdOf(
  history: AgencyHistory,
  account: Account,
  now: Instant,
  { zone }: AnswerContext,
): Shape<typeof ThresholdSchema> {
  const { id, threshold, expels, scale } = account;
  const period = zone.yearOf(now);
  const question = { effectiveAt: now, knownAt: now, period, account };
  const balance = sumAt(history, question);
  const lost =
    scale === undefined ? balance : scale.start.value - shownAt(history, account, question, zone);
  return {
    rule: 'rules §5',
    account: id,
    balance,
    threshold,
    left: threshold - lost,
    expels: isExpelling(account),
    parameters: expels === undefined ? [] : [{ name: `${id}.expels`, ...expels }],
  };
}

/** The reset clears points only; records, measures, bans and appeals live on (rules §4). */
function resetOf(
  history: AgencyHistory,
  document: Rulebook,
  now: Instant,
  { zone }: AnswerContext,
): Shape<typeof ResetSchema> {
  const period = zone.yearOf(now);
  const next = String(Number(period) + 1);
  const at = zone.startOfYear(Number(next));
  const lastInstant = instantOf(epochMsOf(at) - 1);
  return {
    rule: 'rules §4',
    at: zone.format(at),
    period,
    accounts: document.accounts.map((account) => {
      const ending = sumAt(history, { effectiveAt: lastInstant, knownAt: now, period, account });
      const asked = { effectiveAt: at, knownAt: now, period: next, account };
      const { carriedOver } = balanceAt(history, asked);
      return { account: account.id, clears: ending - carriedOver, remains: carriedOver };
    }),
    parameters: [
      namedParameter(document, 'attribution'),
      ...document.accounts.flatMap(({ id, scale }) =>
        scale === undefined ? [] : [{ name: `${id}.reset`, ...scale.reset }],
      ),
    ],
  };
}
