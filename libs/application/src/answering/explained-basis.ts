import {
  agency,
  assessment,
  type AgencyHistory,
  type AnswerContext,
  type AssessmentAnswer,
  type Basis,
  type ComplaintAnswer,
  type Instant,
  type Session,
} from '@penalty-ledger/ledger';
import { textOf, type Personal } from './agency-sources.js';
import { sessionAnswer, type SessionAnswer } from './session-answer.js';

/** A complaint with the texts sealed in it: null when it has none, `erased` when their key was destroyed. */
export interface ComplaintWithTexts extends ComplaintAnswer {
  readonly caseNo: string | null;
  readonly subject: string | null;
}

/** What a deduction rests on: the month as it was computed, the complaint that was made, or the session it happened in. */
export type ExplainedBasis =
  | ({ readonly kind: 'assessment' } & Pick<
      AssessmentAnswer,
      | 'month'
      | 'verdict'
      | 'base'
      | 'active'
      | 'rate'
      | 'headcountMin'
      | 'reasons'
      | 'rulebookVersion'
      | 'computedAt'
    >)
  | ({ readonly kind: 'complaint' } & ComplaintWithTexts)
  | ({ readonly kind: 'session' } & SessionAnswer);

/** A session as known at K. */
export type SessionLookUp = (sessionId: string, knownAt: Instant) => Session | undefined;

interface BasisContext extends AnswerContext {
  readonly knownAt: Instant;
  readonly session: SessionLookUp;
  /** The texts of the agency's complaints. */
  readonly complaints: ReadonlyMap<string, Personal>;
}

/** Follows a deduction's basis; null when nothing of that name was recorded by K. A complaint must be the agency's own. */
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
  { knownAt, zone, complaints }: Pick<BasisContext, 'complaints' | 'knownAt' | 'zone'>,
): ComplaintWithTexts | undefined {
  const answer = agency.complaintAnswer(history, { complaintId, knownAt }, { zone });
  const texts = complaints.get(complaintId);
  return (
    answer && { ...answer, caseNo: textOf(texts, 'caseNo'), subject: textOf(texts, 'subject') }
  );
}
