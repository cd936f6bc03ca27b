import {
  agency,
  assessment,
  AssessmentAnswerSchema,
  closed,
  ComplaintAnswerSchema,
  nullable,
  type AgencyHistory,
  type AnswerContext,
  type Basis,
  type Instant,
  type Session,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { EndedSource } from './agency-sources.js';
import { shownText, textOf } from './shown-texts.js';
import { sessionAnswer, SessionAnswerSchema } from './session-answer.js';

/** A complaint with the texts sealed in it. */
export type ComplaintWithTexts = Shape<typeof ComplaintWithTextsSchema>;
export const ComplaintWithTextsSchema = closed(
  {
    ...ComplaintAnswerSchema.properties,
    filedBy: Type.String({ description: 'who recorded the filing' }),
    caseNo: shownText(),
    subject: shownText(),
    closedBy: nullable(Type.String(), 'who recorded the closing; null until it is closed itself'),
    reason: shownText('of the closing; null without one'),
  },
  { $id: 'Complaint' },
);

/**
 * The basis of a deduction: the month as it was computed, the complaint that was made, or the
 * session it happened in.
 */
export type ExplainedBasis = Shape<typeof ExplainedBasisSchema>;
export const ExplainedBasisSchema = Type.Union([
  closed(
    {
      kind: Type.Literal('assessment'),
      ...Type.Pick(AssessmentAnswerSchema, [
        'month',
        'verdict',
        'base',
        'active',
        'rate',
        'headcountMin',
        'reasons',
        'rulebookVersion',
        'computedAt',
      ]).properties,
    },
    { $id: 'AssessmentBasis' },
  ),
  closed(
    { kind: Type.Literal('complaint'), ...ComplaintWithTextsSchema.properties },
    { $id: 'ComplaintBasis' },
  ),
  closed(
    { kind: Type.Literal('session'), ...SessionAnswerSchema.properties },
    { $id: 'SessionBasis' },
  ),
]);

/** A session as known at K. */
export type SessionLookUp = (sessionId: string, knownAt: Instant) => Session | undefined;

interface BasisContext extends AnswerContext {
  readonly knownAt: Instant;
  readonly session: SessionLookUp;
  /** The texts of the agency's complaints. */
  readonly complaints: ReadonlyMap<string, EndedSource>;
  /** The links of the agency's complaints at K. */
  readonly links: agency.ComplaintLinks;
}

/**
 * Follows a deduction's basis; null when it was not recorded by K. A complaint must be the agency's
 * own.
 */
export function explainedBasis(
  basis: Basis,
  history: AgencyHistory,
  context: BasisContext,
): ExplainedBasis | null {
  const { knownAt } = context;
  switch (basis.kind) {
    case 'assessment': {
      const query = { agencyId: history.agencyId, month: basis.month, knownAt };
      const {
        month,
        verdict,
        base,
        active,
        rate,
        headcountMin,
        reasons,
        rulebookVersion,
        computedAt,
      } = assessment.assessmentAnswer(history, query, context, []);
      return {
        kind: 'assessment',
        month,
        verdict,
        base,
        active,
        rate,
        headcountMin,
        reasons,
        rulebookVersion,
        computedAt,
      };
    }
    case 'complaint': {
      if (!history.complaints.has(basis.complaintId)) return null;
      const complaint = complaintWithTexts(history, basis.complaintId, context);
      return complaint === undefined ? null : { kind: 'complaint', ...complaint };
    }
    case 'session': {
      const session = context.session(basis.sessionId, knownAt);
      return session === undefined
        ? null
        : { kind: 'session', ...sessionAnswer(session, knownAt, context) };
    }
  }
}

/** A complaint in the agency's history, in clear; `undefined` when it is not known at K. */
export function complaintWithTexts(
  history: AgencyHistory,
  complaintId: string,
  {
    knownAt,
    zone,
    complaints,
    links,
  }: Pick<BasisContext, 'complaints' | 'knownAt' | 'links' | 'zone'>,
): ComplaintWithTexts | undefined {
  const answer = agency.complaintAnswer(history, { complaintId, knownAt }, { zone }, links);
  const source = complaints.get(complaintId);
  if (answer === undefined || source === undefined) return undefined;
  const { begun } = source;
  const closing = answer.closedAt === null ? undefined : source.ended;
  return {
    ...answer,
    filedBy: begun.by,
    caseNo: textOf(begun.personal, 'caseNo'),
    subject: textOf(begun.personal, 'subject'),
    closedBy: closing?.by ?? null,
    reason: textOf(closing?.personal, 'reason'),
  };
}
