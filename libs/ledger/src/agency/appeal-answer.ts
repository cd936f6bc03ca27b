import type { Instant } from '../instant.js';
import { assumptionsOf } from '../rulebook.js';
import { afterWorkingDays, type WorkingCalendar } from '../working-days.js';
import { appealOf, type AgencyHistory, type Appeal } from './agency-history.js';
import { appealStateAt, type AppealState } from './appeals.js';
import type { AnswerContext } from './balance-answer.js';

/** The answer to `appeal` (interchange §3). */
export interface AppealAnswer {
  readonly appealId: string;
  readonly agencyId: string;
  readonly knownAt: string;
  readonly kind: Appeal['kind'];
  readonly state: AppealState;
  readonly deductionIds: readonly string[];
  /** Whether it names an expulsion instead of deductions. */
  readonly expulsion: boolean;
  readonly initiatedAt: string;
  readonly initiateBy: string;
  readonly evidenceBy: string;
  readonly evidenceSubmittedAt: string | null;
  /** When the platform's answer is due; null without evidence, or when the holiday calendar does not know the year (then `assumptions` says so). */
  readonly decideBy: string | null;
  /** Evidence was submitted and the answer is late. A state, not a rejection (rulebook §7). */
  readonly overdue: boolean | null;
  readonly decidedAt: string | null;
  readonly findings: readonly string[];
  readonly assumptions: readonly string[];
}

/** Answers `appeal`; `undefined` when the appeal is not known at K. */
export function appealAnswer(
  history: AgencyHistory,
  query: { readonly appealId: string; readonly knownAt: Instant },
  context: AnswerContext & { readonly calendar: WorkingCalendar },
): AppealAnswer | undefined {
  const { knownAt } = query;
  const appeal = appealOf(history, query.appealId);
  if (appeal.recordedAt > knownAt) return undefined;
  const { zone, rulebooks, calendar } = context;
  const { document } = rulebooks.inForceAt(appeal.recordedAt);
  const known = (instant: Instant | undefined): Instant | undefined =>
    instant !== undefined && instant <= knownAt ? instant : undefined;
  const evidenceAt = known(appeal.evidenceAt);
  const decidedAt = known(appeal.decided?.recordedAt);
  const due =
    evidenceAt === undefined
      ? undefined
      : afterWorkingDays(evidenceAt, document.parameters.appealDecideWorkingDays.value, zone, calendar);
  const state = appealStateAt(appeal, knownAt);
  return {
    appealId: appeal.appealId,
    agencyId: history.agencyId,
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
      due === undefined ? false : due.at === undefined ? null : state === 'evidence_submitted' && knownAt >= due.at,
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
