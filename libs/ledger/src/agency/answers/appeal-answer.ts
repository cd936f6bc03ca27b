import { FindingCodeSchema, type Finding } from '../../findings.js';
import type { Instant } from '../../instant.js';
import { assumptionsOf } from '../../rulebook.js';
import {
  closed,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  Type,
  type Shape,
} from '../../schema.js';
import {
  afterWorkingDays,
  type WorkingCalendar,
  type WorkingDaysLater,
} from '../../working-days.js';
import { appealKinds } from '../events.js';
import { appealOf, type AgencyHistory, type Appeal } from '../history.js';
import { appealStateAt, AppealStateSchema } from './appeal-state.js';
import type { AnswerContext } from './balance-answer.js';

/** The answer to `appeal` (interchange §3). */
export type AppealAnswer = Shape<typeof AppealAnswerSchema>;
export const AppealAnswerSchema = closed(
  {
    appealId: IdSchema,
    agencyId: IdSchema,
    knownAt: InstantSchema,
    kind: enumOf(appealKinds),
    state: AppealStateSchema,
    deductionIds: Type.Array(IdSchema),
    expulsion: Type.Boolean({ description: 'whether it names an expulsion instead of deductions' }),
    initiatedAt: InstantSchema,
    initiateBy: InstantSchema,
    evidenceBy: InstantSchema,
    evidenceSubmittedAt: nullable(InstantSchema),
    decideBy: nullable(
      InstantSchema,
      'when the platform’s answer is due; null without evidence, ' +
        'and when the holiday calendar lacks the year, which assumptions then says',
    ),
    overdue: nullable(
      Type.Boolean(),
      'evidence was submitted and the answer is late: a state, not a rejection (rules §7)',
    ),
    decidedAt: nullable(InstantSchema),
    findings: Type.Array(FindingCodeSchema),
    assumptions: Type.Array(Type.String()),
  },
  { $id: 'Appeal' },
);

/**
 * The event an answer rests on: an appeal as recorded. Of its findings only the codes are given.
 */
export type AppealFacts = Omit<Appeal, 'findings' | 'decided'> & {
  readonly findings: readonly Pick<Finding, 'code'>[];
  readonly decided?: Omit<NonNullable<Appeal['decided']>, 'findings'> & {
    readonly findings: readonly Pick<Finding, 'code'>[];
  };
};

/** The rulebooks, calendar and zone that answers about an appeal are computed with. */
export type AppealContext = AnswerContext & { readonly calendar: WorkingCalendar };

/** Answers `appeal`; `undefined` when the appeal is not known at K. */
export function appealAnswer(
  history: AgencyHistory,
  query: { readonly appealId: string; readonly knownAt: Instant },
  context: AppealContext,
): AppealAnswer | undefined {
  const { knownAt } = query;
  const appeal = appealOf(history, query.appealId);
  if (appeal.recordedAt > knownAt) return undefined;
  return answerOfAppeal(history.agencyId, appeal, knownAt, context);
}

/** The answer about an appeal that is known at K. */
export function answerOfAppeal(
  agencyId: string,
  appeal: AppealFacts,
  knownAt: Instant,
  context: AppealContext,
): AppealAnswer {
  const { zone, rulebooks } = context;
  const { document } = rulebooks.inForceAt(appeal.recordedAt);
  const evidenceAt = knownBy(appeal.evidenceAt, knownAt);
  const decidedAt = knownBy(appeal.decided?.recordedAt, knownAt);
  const due = decisionDue(appeal, knownAt, context);
  const state = appealStateAt(appeal, knownAt);
  return {
    appealId: appeal.appealId,
    agencyId,
    knownAt: zone.format(knownAt),
    kind: appeal.kind,
    state,
    deductionIds: appeal.deductionIds,
    expulsion: appeal.expulsion !== undefined,
    initiatedAt: zone.format(appeal.recordedAt),
    initiateBy: zone.format(appeal.initiateBy),
    evidenceBy: zone.format(appeal.evidenceBy),
    evidenceSubmittedAt: evidenceAt === undefined ? null : zone.format(evidenceAt),
    decideBy: due?.at === undefined ? null : zone.format(due.at),
    overdue:
      due === undefined
        ? false
        : due.at === undefined
          ? null
          : state === 'evidence_submitted' && knownAt >= due.at,
    decidedAt: decidedAt === undefined ? null : zone.format(decidedAt),
    findings: [
      ...appeal.findings.map(({ code }) => code),
      ...(decidedAt === undefined ? [] : (appeal.decided?.findings ?? []).map(({ code }) => code)),
    ],
    assumptions: [
      ...assumptionsOf(document, ['appealInitiateDays', 'appealDecideWorkingDays']),
      ...(due?.unknownYear === undefined
        ? []
        : [`no holiday calendar for ${due.unknownYear}: decideBy is not guessed`]),
    ],
  };
}

/** The next step an appeal waits for, and the first instant at which that step is late. */
export interface AppealDue {
  /** `evidence` of the agency, `decision` of the platform. */
  readonly what: 'evidence' | 'decision';
  /** Missing when the holiday calendar does not know the year. */
  readonly at?: Instant;
}

/**
 * Returns the step an appeal waits for at K. `undefined` once it is decided, withdrawn or lapsed,
 * and for an appeal that was out of time.
 */
export function appealDueAt(
  appeal: AppealFacts,
  knownAt: Instant,
  context: AppealContext,
): AppealDue | undefined {
  const state = appealStateAt(appeal, knownAt);
  if (state === 'initiated') return { what: 'evidence', at: appeal.evidenceBy };
  if (state !== 'evidence_submitted') return undefined;
  const at = decisionDue(appeal, knownAt, context)?.at;
  return { what: 'decision', ...(at !== undefined && { at }) };
}

/** Returns the deadline of the platform's answer, counted in working days after the evidence. */
function decisionDue(
  { evidenceAt, recordedAt }: AppealFacts,
  knownAt: Instant,
  { zone, rulebooks, calendar }: AppealContext,
): WorkingDaysLater | undefined {
  if (evidenceAt === undefined || evidenceAt > knownAt) return undefined;
  const { appealDecideWorkingDays } = rulebooks.inForceAt(recordedAt).document.parameters;
  return afterWorkingDays(evidenceAt, appealDecideWorkingDays.value, zone, calendar);
}

function knownBy(instant: Instant | undefined, knownAt: Instant): Instant | undefined {
  return instant !== undefined && instant <= knownAt ? instant : undefined;
}
