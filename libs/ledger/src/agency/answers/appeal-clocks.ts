import type { Instant } from '../../instant.js';
import type { Rulebook } from '../../rulebook.js';
import { closed, enumOf, InstantSchema, nullable, Type, type Shape } from '../../schema.js';
import { afterWorkingDays } from '../../working-days.js';
import { appealOf, deductionOf, type AgencyHistory } from '../history.js';
import type { AppealContext } from './appeal-answer.js';
import { appealKnownAt, initiateByOf, stateOfKnown, type KnownAppeal } from './appeal-state.js';
import { valuesAt } from './balance.js';

const ruleNames = [
  'appealDecideWorkingDays',
  'appealEvidenceHours',
  'appealInitiateDays',
  'lastChanceDays',
  'notice',
] as const;

/** A clock of an appeal, and the rule it rests on. */
export type AppealClock = Shape<typeof AppealClockSchema>;
export const AppealClockSchema = closed(
  {
    step: enumOf(['initiation', 'evidence', 'decision']),
    until: nullable(
      InstantSchema,
      'the first instant that is too late; null when no holiday calendar has the year',
    ),
    state: enumOf(
      ['open', 'met', 'missed', 'ended'],
      'open: it runs at K; ended: the appeal ended before the step was due',
    ),
    rule: closed(
      {
        section: enumOf(['rules §5', 'rules §7']),
        name: enumOf(ruleNames, 'the parameter of the rulebook, or the deadline of the notice'),
        value: nullable(Type.Integer(), 'of the parameter; null for the deadline of the notice'),
        from: nullable(
          enumOf(['notice', 'recording', 'pending_expulsion', 'initiation', 'evidence']),
          'the act that the term runs from; null for the deadline of the notice',
        ),
        assumed: Type.Boolean({ description: 'whether the rulebook marks the value as assumed' }),
        source: nullable(Type.String(), 'of the value, as the rulebook names it'),
      },
      { description: 'the rule that gives the term' },
    ),
  },
  { $id: 'AppealClock' },
);

type ClockRule = AppealClock['rule'];
type Term = Exclude<ClockRule['name'], 'notice'>;

/**
 * The clocks of an appeal that is known at K, in the order of its steps. An appeal that was late
 * has the first alone, and the decision's clock runs once there is evidence.
 */
export function appealClocks(
  history: AgencyHistory,
  { appealId, knownAt }: { readonly appealId: string; readonly knownAt: Instant },
  context: AppealContext,
): AppealClock[] {
  const { zone, rulebooks, calendars } = context;
  const appeal = appealKnownAt(appealOf(history, appealId), knownAt);
  const initiation: AppealClock = {
    step: 'initiation',
    until: zone.format(appeal.initiateBy),
    state: appeal.outOfTime ? 'missed' : 'met',
    rule: initiationRule(history, appeal, context),
  };
  if (appeal.outOfTime) return [initiation];
  const { document } = rulebooks.inForceAt(appeal.initiatedAt);
  const evidence: AppealClock = {
    step: 'evidence',
    until: zone.format(appeal.evidenceBy),
    state: evidenceState(appeal, knownAt),
    rule: ruleOf('appealEvidenceHours', 'initiation', document),
  };
  if (appeal.submittedAt === undefined) return [initiation, evidence];
  const term = document.parameters.appealDecideWorkingDays.value;
  const { at } = afterWorkingDays(appeal.submittedAt, term, zone, calendars);
  const decision: AppealClock = {
    step: 'decision',
    until: at === undefined ? null : zone.format(at),
    state: decisionState(appeal, at, knownAt),
    rule: ruleOf('appealDecideWorkingDays', 'evidence', document),
  };
  return [initiation, evidence, decision];
}

function evidenceState(appeal: KnownAppeal, knownAt: Instant): AppealClock['state'] {
  if (appeal.submittedAt !== undefined) return 'met';
  const state = stateOfKnown(appeal, knownAt);
  if (state === 'initiated') return 'open';
  return state === 'lapsed' ? 'missed' : 'ended';
}

function decisionState(
  { decided, withdrawnAt }: KnownAppeal,
  due: Instant | undefined,
  knownAt: Instant,
): AppealClock['state'] {
  if (decided !== undefined)
    return due !== undefined && decided.decidedAt >= due ? 'missed' : 'met';
  if (withdrawnAt !== undefined) return 'ended';
  return due !== undefined && knownAt >= due ? 'missed' : 'open';
}

/** The rule that gave the window of the initiation, as it was known when that was recorded. */
function initiationRule(
  history: AgencyHistory,
  appeal: KnownAppeal,
  { rulebooks, zone }: AppealContext,
): ClockRule {
  const { recordedAt, initiateBy, pending: number, expulsion: expelled } = appeal;
  const pending = number === undefined ? undefined : history.pendings[number];
  if (pending !== undefined)
    return ruleOf(
      'lastChanceDays',
      'pending_expulsion',
      rulebooks.inForceAt(pending.openedAt).document,
    );
  const expulsion = expelled === undefined ? undefined : history.expulsions[expelled];
  if (expulsion !== undefined)
    return ruleOf(
      'appealInitiateDays',
      'recording',
      rulebooks.inForceAt(expulsion.effectiveAt).document,
    );
  const named = appeal.deductionIds.map((id) => deductionOf(history, id));
  const inForce = (at: Instant): Rulebook => rulebooks.inForceAt(at).document;
  // The earliest window decides (docs/decisions/appeals.md).
  const deciding = named.find((deduction) => {
    const document = inForce(valuesAt(deduction, recordedAt).occurredAt);
    return initiateByOf(deduction, recordedAt, document, zone) === initiateBy;
  });
  const values = deciding === undefined ? undefined : valuesAt(deciding, recordedAt);
  if (values?.appealDeadline !== undefined) return noticeRule;
  const from = values?.notifiedAt === undefined ? 'recording' : 'notice';
  return ruleOf('appealInitiateDays', from, inForce(values?.occurredAt ?? appeal.initiatedAt));
}

const noticeRule: ClockRule = {
  section: 'rules §7',
  name: 'notice',
  value: null,
  from: null,
  assumed: false,
  source: null,
};

function ruleOf(
  name: Term,
  from: NonNullable<ClockRule['from']>,
  { parameters }: Rulebook,
): ClockRule {
  const { value, assumed, source } = parameters[name];
  const section = name === 'lastChanceDays' ? 'rules §5' : 'rules §7';
  return { section, name, value, from, assumed, source };
}
