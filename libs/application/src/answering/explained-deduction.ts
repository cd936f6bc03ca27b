import {
  agency,
  AppealStateSchema,
  BasisSchema,
  byCodeUnit,
  clauseOf,
  closed,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  notCountedReasons,
  nullable,
  PeriodSchema,
  RulebookReferenceSchema,
  type AgencyHistory,
  type AppealContext,
  type BalanceAnswer,
  type BalanceQuery,
  type Deduction,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { EventReferenceSchema, type AgencySources } from './agency-sources.js';
import { changedValues, ChangedValueSchema } from './changed-values.js';
import { explainedBasis, ExplainedBasisSchema, type SessionLookUp } from './explained-basis.js';
import { shownText, statementOf, StatementTextSchema, textOf } from './shown-texts.js';

/** One deduction with everything that made it count what it counts. */
export type ExplainedDeduction = Shape<typeof ExplainedDeductionSchema>;
export const ExplainedDeductionSchema = closed(
  {
    deductionId: IdSchema,
    counts: Type.Integer(),
    notCounted: nullable(
      enumOf([...notCountedReasons, 'not_yet_known']),
      'why it does not count; null when it does; not_yet_known: recorded after K',
    ),
    points: Type.Integer(),
    period: PeriodSchema,
    clause: Type.Union(
      [
        closed({
          id: Type.String(),
          en: Type.String(),
          zh: Type.String(),
          text: closed({ en: Type.String(), zh: Type.String() }),
        }),
        closed({ id: Type.String() }),
      ],
      {
        description:
          'the clause’s title and wording; only its id when no published rulebook has it',
      },
    ),
    rulebook: nullable(RulebookReferenceSchema),
    occurredAt: InstantSchema,
    effectiveAt: InstantSchema,
    decidedAt: nullable(InstantSchema),
    notifiedAt: nullable(InstantSchema),
    recordedAt: InstantSchema,
    recordedBy: Type.String(),
    basis: nullable(BasisSchema),
    restsOn: nullable(
      ExplainedBasisSchema,
      'what the basis names, as known at K; null without a basis, and when nothing of that name ' +
        'was recorded by then',
    ),
    creatorId: nullable(IdSchema),
    caseNo: shownText('of the notice; null without one'),
    noticeText: shownText('of the notice; null without one'),
    statement: StatementTextSchema,
    automated: nullable(
      Type.Boolean(),
      'whether the platform said that no person took part; null when it said nothing',
    ),
    source: EventReferenceSchema,
    corrections: Type.Array(
      closed({
        recordedAt: InstantSchema,
        by: Type.String(),
        reason: shownText(),
        changed: Type.Array(ChangedValueSchema),
        points: Type.Integer(),
        effectiveAt: InstantSchema,
        source: EventReferenceSchema,
      }),
    ),
    decisions: Type.Array(
      closed({
        recordedAt: InstantSchema,
        decidedAt: nullable(InstantSchema, 'as stated; null when nothing was'),
        kind: enumOf(['revoked', 'adjusted', 'reinstated']),
        was: Type.Integer({ description: 'what it counted before' }),
        points: Type.Integer({ description: 'what it counts after' }),
        by: Type.String(),
        reason: shownText('of an appeal’s decision too; null without one'),
        appealId: nullable(IdSchema),
      }),
    ),
    appealBy: described(
      InstantSchema,
      'until when (exclusive) an ordinary appeal against it could, or can, be initiated',
    ),
    contested: Type.Integer({ description: 'what it adds to the balance’s contested' }),
    appealable: Type.Integer({ description: 'what it adds to the balance’s appealable' }),
    appeals: Type.Array(closed({ appealId: IdSchema, state: AppealStateSchema })),
  },
  { $id: 'ExplainedDeduction' },
);

export interface DeductionContext extends AppealContext {
  readonly session: SessionLookUp;
}

/** Explains every deduction in the order of effectiveAt, also those recorded after K. */
export function explainedDeductions(
  history: AgencyHistory,
  at: BalanceQuery,
  balance: BalanceAnswer,
  sources: AgencySources,
  context: DeductionContext,
): ExplainedDeduction[] {
  const { knownAt } = at;
  const links = agency.complaintLinksAt(history, knownAt);
  const reasons = new Map(
    balance.notCounted.map(({ deductionId, reason }) => [deductionId, reason]),
  );
  return [...history.deductions.values()]
    .map((deduction): { deduction: Deduction; notCounted: ExplainedDeduction['notCounted'] } => {
      const notCounted =
        deduction.recordedAt > knownAt
          ? 'not_yet_known'
          : (reasons.get(deduction.deductionId) ?? null);
      return { deduction, notCounted };
    })
    .sort((a, b) =>
      byCodeUnit(
        agency.valuesAt(a.deduction, knownAt).effectiveAt,
        agency.valuesAt(b.deduction, knownAt).effectiveAt,
      ),
    )
    .map(({ deduction, notCounted }) =>
      explainedDeduction(history, deduction, notCounted, at, sources, { ...context, links }),
    );
}

function explainedDeduction(
  history: AgencyHistory,
  deduction: Deduction,
  notCounted: ExplainedDeduction['notCounted'],
  at: BalanceQuery,
  sources: AgencySources,
  context: DeductionContext & { readonly links: agency.ComplaintLinks },
): ExplainedDeduction {
  const { zone, rulebooks } = context;
  const { knownAt } = at;
  const { deductionId } = deduction;
  const values = agency.valuesAt(deduction, knownAt);
  const source = sources.imposed.get(deductionId);
  if (source === undefined)
    throw new Error(`the stream of "${history.agencyId}" does not impose "${deductionId}"`);
  const { rulebook } = values;
  const document =
    rulebook === undefined
      ? undefined
      : rulebooks.find(rulebook.id, rulebook.rulebookVersion)?.document;
  const clause = document === undefined ? undefined : clauseOf(document, values.clause);
  const formatted = (instant: Instant | undefined): string | null =>
    instant === undefined ? null : zone.format(instant);
  const counts = notCounted === null ? agency.pointsAt(deduction, knownAt) : 0;
  const corrections = sources.corrections.get(deductionId) ?? [];
  const decisions = sources.decisions.get(deductionId) ?? [];
  return {
    deductionId,
    counts,
    notCounted,
    points: values.points,
    period: values.period,
    clause:
      clause === undefined
        ? { id: values.clause }
        : { id: clause.id, ...clause.title, text: clause.text },
    rulebook: rulebook ?? null,
    occurredAt: zone.format(values.occurredAt),
    effectiveAt: zone.format(values.effectiveAt),
    decidedAt: formatted(source.event.decidedAt),
    notifiedAt: formatted(values.notifiedAt),
    recordedAt: zone.format(deduction.recordedAt),
    recordedBy: deduction.actor,
    basis: deduction.basis ?? null,
    restsOn:
      deduction.basis === undefined
        ? null
        : explainedBasis(deduction.basis, history, {
            ...context,
            knownAt,
            complaints: sources.complaints,
          }),
    creatorId: deduction.creatorId ?? null,
    caseNo: textOf(source.personal, 'caseNo'),
    noticeText: textOf(source.personal, 'noticeText'),
    statement: statementOf(source.personal),
    automated: source.event.data.automated ?? null,
    source: source.reference,
    corrections: deduction.corrections
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map(({ recordedAt, values: corrected }, index) => {
        const correction = corrections[index];
        const before = deduction.corrections[index - 1]?.values ?? deduction.imposed;
        return {
          recordedAt: zone.format(recordedAt),
          by: correction?.by ?? '',
          reason: textOf(correction?.personal, 'reason'),
          changed: changedValues(correction?.corrected ?? [], before, corrected, zone),
          points: corrected.points,
          effectiveAt: zone.format(corrected.effectiveAt),
          source: correction?.reference ?? source.reference,
        };
      }),
    decisions: deduction.decisions
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map(({ recordedAt, kind, points, actor, appealId }, index) => ({
        recordedAt: zone.format(recordedAt),
        decidedAt: formatted(decisions[index]?.decidedAt),
        kind,
        was: decisions[index]?.was ?? 0,
        points,
        by: actor,
        reason: textOf(decisions[index]?.personal, 'reason'),
        appealId: appealId ?? null,
      })),
    appealBy: zone.format(
      agency.initiateByOf(
        deduction,
        knownAt,
        rulebooks.inForceAt(values.occurredAt).document,
        zone,
      ),
    ),
    contested: agency.isContestedAt(deduction, history, knownAt) ? counts : 0,
    appealable: agency.isAppealableAt(deduction, history, at, context) ? counts : 0,
    appeals: deduction.appealIds
      .flatMap((appealId) => history.appeals.get(appealId) ?? [])
      .filter(({ recordedAt }) => recordedAt <= knownAt)
      .map((appeal) => ({
        appealId: appeal.appealId,
        state: agency.appealStateAt(appeal, knownAt),
      })),
  };
}
