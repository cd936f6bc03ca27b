import type { InBoth } from '../in-both.js';
import type { DecidedEvent, EventFacts, RulebookReference } from '../event.js';
import type { WithFindings } from '../findings.js';
import type { Instant } from '../instant.js';
import type { LegalPerson } from '../legal-person.js';
import type { Account } from '../rulebook.js';
import { closed, IdSchema, MonthSchema, Type, type Shape, wanted } from '../schema.js';

/** The subject whose key seals an agency's names, notices and grounds. */
export function subjectOf(agencyId: string): string {
  return `agency:${agencyId}`;
}

/**
 * The subject whose key seals what tells of one complaint. Its complainant can ask to be forgotten
 * without the agency's texts.
 */
export function complaintSubjectOf(complaintId: string): string {
  return `complaint:${complaintId}`;
}

/** The basis of a deduction (interchange §2, Deductions). */
export type Basis = Shape<typeof BasisSchema>;
export const BasisSchema = Type.Union(
  [
    closed({ kind: Type.Literal('assessment'), month: MonthSchema }),
    closed({ kind: Type.Literal('complaint'), complaintId: IdSchema }),
    closed({ kind: Type.Literal('session'), sessionId: IdSchema }),
  ],
  {
    description: wanted(
      '{"kind":"assessment","month":"2019-04"}, {"kind":"complaint","complaintId":"…"} ' +
        'or {"kind":"session","sessionId":"…"}',
      '{"kind":"assessment","month":"2019-04"}、{"kind":"complaint","complaintId":"…"} ' +
        '或 {"kind":"session","sessionId":"…"}',
    ),
  },
);

/** The parties that may complain (rules §8). */
export const complainantKinds = ['merchant', 'creator', 'consumer', 'platform'] as const;
export type ComplainantKind = (typeof complainantKinds)[number];

export const complaintOutcomes = ['upheld', 'dismissed', 'withdrawn'] as const;
export type ComplaintOutcome = (typeof complaintOutcomes)[number];

export const appealKinds = ['ordinary', 'last_chance'] as const;
export type AppealKind = (typeof appealKinds)[number];

export const appealOutcomes = ['upheld', 'partly_upheld', 'rejected', 'inadmissible'] as const;
export type AppealOutcome = (typeof appealOutcomes)[number];

export const assessmentVerdicts = ['passed', 'failed', 'not_assessed'] as const;
export type AssessmentVerdict = (typeof assessmentVerdicts)[number];

export const assessmentReasons = ['activity', 'headcount', 'newcomer', 'not_active'] as const;
export type AssessmentReason = (typeof assessmentReasons)[number];

/**
 * The measures of article 12 of Order 117 of 2026, in its order: 警示、限制功能、限制流量、
 * 暂停直播、限期停播、关闭账号、禁止重新注册账号、列入黑名单.
 */
export const measureKinds = [
  'warning',
  'functions_restricted',
  'traffic_restricted',
  'stream_suspended',
  'streaming_banned_for_a_term',
  'account_closed',
  'registration_barred',
  'blacklisted',
] as const;
export type MeasureKind = (typeof measureKinds)[number];

/** A person confirmed the decision, or it was changed. */
export const reviewOutcomes = ['confirmed', 'changed'] as const;
export type ReviewOutcome = (typeof reviewOutcomes)[number];
export const reviewOutcomeTerms: Readonly<Record<ReviewOutcome, InBoth>> = {
  confirmed: { en: 'confirmed', zh: '维持' },
  changed: { en: 'changed', zh: '变更' },
};

/** A deduction's points, clause, period and account; a correction replaces all of them. */
export interface DeductionTerms {
  readonly account: string;
  readonly clause: string;
  readonly period: string;
  /** True when the notice stated the period; else it follows from the rulebook's attribution. */
  readonly periodStated: boolean;
  readonly points: number;
}

interface AboutDeduction {
  readonly agencyId: string;
  readonly deductionId: string;
  /** The points it counted before. */
  readonly was: number;
}

interface AboutAppeal {
  readonly agencyId: string;
  readonly appealId: string;
}

interface AboutComplaint {
  readonly agencyId: string;
  readonly complaintId: string;
}

/**
 * The data of each event of an agency's stream, by type, at schema version 1 (`docs/spec/event.md`,
 * "Agency events").
 */
export interface AgencyEventData {
  AgencyAdmitted: { readonly agencyId: string; readonly legalPerson?: LegalPerson };
  AgencyExited: { readonly agencyId: string };
  AgencyReadmitted: { readonly agencyId: string } & WithFindings;
  DeductionImposed: DeductionTerms & {
    readonly agencyId: string;
    readonly deductionId: string;
    readonly appealDeadline?: Instant;
    /** True when the platform said that no person took part; left out when it said nothing. */
    readonly automated?: boolean;
    readonly basis?: Basis;
    readonly creatorId?: string;
    /** The hash of the served document. Its text and case number are personal data. */
    readonly noticeSha256?: string;
  } & WithFindings;
  DeductionCorrected: DeductionTerms & {
    readonly agencyId: string;
    readonly deductionId: string;
    readonly appealDeadline?: Instant;
    readonly corrected: readonly string[];
  };
  DeductionRevoked: AboutDeduction & { readonly appealId?: string } & WithFindings;
  DeductionAdjusted: AboutDeduction & {
    readonly appealId?: string;
    readonly points: number;
  } & WithFindings;
  DeductionReinstated: AboutDeduction & { readonly points: number } & WithFindings;
  AppealInitiated: AboutAppeal & {
    readonly kind: AppealKind;
    /**
     * The acts it names: deductions, or an expulsion by its number in the agency's history (0, 1,
     * …).
     */
    readonly deductionIds?: readonly string[];
    readonly expulsion?: number;
    /** The pending expulsion whose last chance it takes, by its number. */
    readonly pending?: number;
    /** The instant from which an initiation is too late, and evidence is. */
    readonly initiateBy: Instant;
    readonly evidenceBy: Instant;
    readonly outOfTime: boolean;
  } & WithFindings;
  AppealEvidenceSubmitted: AboutAppeal & {
    readonly items: readonly {
      readonly evidenceId: string;
      readonly mediaType: string;
      readonly sha256: string;
      readonly bytes?: number;
    }[];
  };
  AppealWithdrawn: AboutAppeal;
  AppealDecided: AboutAppeal & { readonly outcome: AppealOutcome } & WithFindings;
  PendingExpulsionOpened: {
    readonly account: string;
    readonly agencyId: string;
    readonly balance: number;
    readonly closesAt: Instant;
    readonly period: string;
    readonly threshold: number;
  };
  PendingExpulsionLifted: {
    readonly account: string;
    readonly agencyId: string;
    readonly balance: number;
    readonly period: string;
    readonly threshold: number;
  };
  ExpulsionExecuted: {
    readonly account: string;
    readonly agencyId: string;
    readonly balance: number;
    /** As the account's rulebook had it, so that its support can be computed for ever. */
    readonly carryOver: Account['carryOver'];
    readonly period: string;
    readonly reentryFrom: Instant;
    readonly threshold: number;
  } & WithFindings;
  ExpulsionUnsupported: {
    readonly agencyId: string;
    readonly balance: number;
    readonly expulsion: number;
  };
  ExpulsionRevoked: {
    readonly agencyId: string;
    readonly appealId?: string;
    readonly expulsion: number;
  } & WithFindings;
  ReentryApplied: {
    readonly admissible: boolean;
    readonly agencyId: string;
    readonly reentryFrom: Instant;
  };
  PlatformBalanceObserved: {
    readonly account: string;
    readonly agencyId: string;
    readonly balance: number;
    readonly computed: number;
    readonly period: string;
    readonly sha256?: string;
  } & WithFindings;
  ComplaintFiled: AboutComplaint & {
    readonly complainantKind: ComplainantKind;
    /** The creator complained of; the agency answers jointly. */
    readonly creatorId?: string;
  };
  ComplaintClosed: AboutComplaint & { readonly outcome: ComplaintOutcome };
  ComplaintsMerged: {
    readonly agencyId: string;
    readonly from: readonly string[];
    readonly into: string;
  };
  ComplaintUnmerged: AboutComplaint & {
    /** The complaint it was merged into. */
    readonly from: string;
  };
  GrowthPostRecorded: { readonly agencyId: string; readonly postId: string };
  MeasureImposed: {
    readonly agencyId: string;
    readonly automated?: boolean;
    /** The deduction that it follows. */
    readonly deductionId?: string;
    readonly kind: MeasureKind;
    readonly measureId: string;
    /** The first instant after its term. */
    readonly until?: Instant;
  };
  MeasureLifted: { readonly agencyId: string; readonly measureId: string };
  HumanReviewRequested: {
    readonly agencyId: string;
    /** The decision it is about: a deduction or a measure. */
    readonly deductionId?: string;
    readonly measureId?: string;
    readonly reviewId: string;
  };
  HumanReviewAnswered: {
    readonly agencyId: string;
    readonly outcome: ReviewOutcome;
    readonly reviewId: string;
  } & WithFindings;
  /** Points that the platform adds to a falling score. */
  AdditionGranted: {
    readonly account: string;
    readonly additionId: string;
    readonly agencyId: string;
    /** The year of its effectiveAt. */
    readonly period: string;
    readonly points: number;
  };
  AdditionRevoked: { readonly additionId: string; readonly agencyId: string };
  AssessmentComputed: {
    /** Creators of the base that were active. */
    readonly active: number;
    readonly agencyId: string;
    /** Under the version in force at the end of the month, when its verdict is another one. */
    readonly alternative?: {
      readonly reasons: readonly AssessmentReason[];
      readonly rulebook: RulebookReference;
      readonly verdict: AssessmentVerdict;
    };
    /** Those bound at any time in the month. */
    readonly anyTime: { readonly active: number; readonly base: number };
    /** Creators bound at the end of the month. */
    readonly base: number;
    /**
     * Left out of a month's first computation. Later it holds the members of this data, and
     * `rulebook`, that differ from the computation before.
     */
    readonly changed?: readonly string[];
    /** Creators of the base with the exposure right at that time. It decides nothing (E-40). */
    readonly exposed: number;
    readonly headcountMin: number;
    readonly minSessions: number;
    /** `2019-04`. */
    readonly month: string;
    /** The percentage of the base that must be active. */
    readonly rate: number;
    /** The reasons why it failed or is not assessed. */
    readonly reasons: readonly AssessmentReason[];
    /**
     * Its basis: the month's sessions with this agency, the number of effective ones, and the hash
     * of their ids.
     */
    readonly sessions: {
      readonly count: number;
      readonly effective: number;
      /** Those of the effective ones that overlap another session of their creator. */
      readonly overlapping: number;
      readonly sha256: string;
    };
    readonly verdict: AssessmentVerdict;
  };
}

export type AgencyEventType = keyof AgencyEventData;

/** An agency event as `decide` gives it: without what the ledger adds when it records it. */
export type AgencyEvent = DecidedEvent<AgencyEventData>;

/** An agency event as it was recorded: what an agency's history is folded from. */
export type RecordedAgencyEvent = EventFacts<AgencyEventData> & {
  readonly recordedAt: Instant;
  readonly actor: string;
};

/** Every type of an agency's stream and the schema version it is written in. */
export const eventVersions: Readonly<Record<AgencyEventType, number>> = {
  AgencyAdmitted: 1,
  AgencyExited: 1,
  AgencyReadmitted: 1,
  DeductionImposed: 1,
  DeductionCorrected: 1,
  DeductionRevoked: 1,
  DeductionAdjusted: 1,
  DeductionReinstated: 1,
  AppealInitiated: 1,
  AppealEvidenceSubmitted: 1,
  AppealWithdrawn: 1,
  AppealDecided: 1,
  PendingExpulsionOpened: 1,
  PendingExpulsionLifted: 1,
  ExpulsionExecuted: 1,
  ExpulsionUnsupported: 1,
  ExpulsionRevoked: 1,
  ReentryApplied: 1,
  PlatformBalanceObserved: 1,
  ComplaintFiled: 1,
  ComplaintClosed: 1,
  ComplaintsMerged: 1,
  ComplaintUnmerged: 1,
  GrowthPostRecorded: 1,
  MeasureImposed: 1,
  MeasureLifted: 1,
  HumanReviewRequested: 1,
  HumanReviewAnswered: 1,
  AdditionGranted: 1,
  AdditionRevoked: 1,
  AssessmentComputed: 1,
};
