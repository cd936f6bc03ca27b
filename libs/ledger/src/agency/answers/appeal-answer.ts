import { Sentence } from '../../in-both.js';
import { AssumptionSchema, type Assumption } from '../../assumption.js';
import { CalendarReferenceSchema, type Calendars } from '../../calendar.js';
import { FindingCodeSchema } from '../../findings.js';
import type { Instant } from '../../instant.js';
import { assumptionsOf } from '../../rulebook.js';
import {
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  nullable,
  Type,
  type Shape,
} from '../../schema.js';
import { afterWorkingDays, yearMissingSoon, type WorkingDaysLater } from '../../working-days.js';
import { appealKinds } from '../events.js';
import { appealOf, type AgencyHistory } from '../history.js';
import {
  appealKnownAt,
  AppealStateSchema,
  stateOfKnown,
  type KnownAppeal,
} from './appeal-state.js';
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
    initiatedAt: described(InstantSchema, 'when it happened, as stated; else its recordedAt'),
    recordedAt: InstantSchema,
    initiateBy: InstantSchema,
    evidenceBy: InstantSchema,
    evidenceSubmittedAt: nullable(InstantSchema, 'as stated, else when it was recorded'),
    decideBy: nullable(
      InstantSchema,
      'when the platform’s answer is due; null without evidence, ' +
        'and when the holiday calendar lacks the year, which assumptions then says',
    ),
    overdue: nullable(
      Type.Boolean(),
      'evidence was submitted and the answer is late, or was: a state, not a rejection ' +
        '(rules §7)',
    ),
    withdrawnAt: nullable(InstantSchema, 'as stated, else when it was recorded'),
    decidedAt: nullable(InstantSchema, 'as stated, else when it was recorded'),
    findings: Type.Array(FindingCodeSchema),
    assumptions: Type.Array(AssumptionSchema),
    calendars: Type.Array(CalendarReferenceSchema, {
      description: 'the holiday calendars that decideBy was counted by; empty without evidence',
    }),
  },
  { $id: 'Appeal' },
);

/** The rulebooks, calendars and zone that answers about an appeal are computed with. */
export type AppealContext = AnswerContext & { readonly calendars: Calendars };

/** Answers `appeal`; `undefined` when the appeal is not known at K. */
export function appealAnswer(
  history: AgencyHistory,
  query: { readonly appealId: string; readonly knownAt: Instant },
  context: AppealContext,
): AppealAnswer | undefined {
  const { knownAt } = query;
  const appeal = appealOf(history, query.appealId);
  if (appeal.recordedAt > knownAt) return undefined;
  return answerOfAppeal(history.agencyId, appealKnownAt(appeal, knownAt), knownAt, context);
}

/** The answer about an appeal that is known at K. */
export function answerOfAppeal(
  agencyId: string,
  appeal: KnownAppeal,
  knownAt: Instant,
  context: AppealContext,
): AppealAnswer {
  const { zone, rulebooks } = context;
  const { document } = rulebooks.inForceAt(appeal.initiatedAt);
  const due = decisionDue(appeal, context);
  const state = stateOfKnown(appeal, knownAt);
  const formatted = (instant: Instant | undefined): string | null =>
    instant === undefined ? null : zone.format(instant);
  return {
    appealId: appeal.appealId,
    agencyId,
    knownAt: zone.format(knownAt),
    kind: appeal.kind,
    state,
    deductionIds: appeal.deductionIds,
    expulsion: appeal.expulsion !== undefined,
    initiatedAt: zone.format(appeal.initiatedAt),
    recordedAt: zone.format(appeal.recordedAt),
    initiateBy: zone.format(appeal.initiateBy),
    evidenceBy: zone.format(appeal.evidenceBy),
    evidenceSubmittedAt: formatted(appeal.submittedAt),
    decideBy: formatted(due?.at),
    overdue: isOverdue(appeal, due, knownAt),
    withdrawnAt: formatted(appeal.withdrawnAt),
    decidedAt: formatted(appeal.decided?.decidedAt),
    findings: [...appeal.findings, ...(appeal.decided?.findings ?? [])].map(({ code }) => code),
    assumptions: [
      ...assumptionsOf(document, ['appealInitiateDays', 'appealDecideWorkingDays']),
      ...missingCalendar(due, state, knownAt, context),
    ],
    calendars: due?.calendars ?? [],
  };
}

/**
 * Says whether the platform's answer is late at K, or was late when it came; `null` when the
 * holiday calendar does not say. The term runs to the decision's `decidedAt` (interchange §2,
 * Entered late).
 */
function isOverdue(
  { decided, withdrawnAt }: KnownAppeal,
  due: WorkingDaysLater | undefined,
  knownAt: Instant,
): boolean | null {
  if (due === undefined) return false;
  if (due.at === undefined) return null;
  if (decided !== undefined) return decided.decidedAt >= due.at;
  return withdrawnAt === undefined && knownAt >= due.at;
}

/**
 * Names the year without a calendar that `decideBy` needs. Of an appeal that still waits also the
 * next year, a quarter before it begins.
 */
function missingCalendar(
  due: WorkingDaysLater | undefined,
  state: AppealAnswer['state'],
  knownAt: Instant,
  { zone, calendars }: AppealContext,
): Assumption[] {
  if (due?.unknownYear !== undefined)
    return [
      new Sentence({
        en: `no holiday calendar for ${due.unknownYear}: decideBy is not guessed`,
        zh: `没有 ${due.unknownYear} 年的节假日历：不推测裁定期限 decideBy`,
      }),
    ];
  if (due !== undefined || state !== 'initiated') return [];
  const missing = yearMissingSoon(knownAt, zone, calendars);
  return missing === undefined
    ? []
    : [
        new Sentence({
          en: `no holiday calendar for ${missing} yet: a decideBy in it is not guessed`,
          zh: `尚无 ${missing} 年的节假日历：不推测落在该年的裁定期限 decideBy`,
        }),
      ];
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
  appeal: KnownAppeal,
  knownAt: Instant,
  context: AppealContext,
): AppealDue | undefined {
  const state = stateOfKnown(appeal, knownAt);
  if (state === 'initiated') return { what: 'evidence', at: appeal.evidenceBy };
  if (state !== 'evidence_submitted') return undefined;
  const at = decisionDue(appeal, context)?.at;
  return { what: 'decision', ...(at !== undefined && { at }) };
}

/** Returns the deadline of the platform's answer, counted in working days after the evidence. */
function decisionDue(
  { submittedAt, initiatedAt }: KnownAppeal,
  { zone, rulebooks, calendars }: AppealContext,
): WorkingDaysLater | undefined {
  if (submittedAt === undefined) return undefined;
  const { appealDecideWorkingDays } = rulebooks.inForceAt(initiatedAt).document.parameters;
  return afterWorkingDays(submittedAt, appealDecideWorkingDays.value, zone, calendars);
}
