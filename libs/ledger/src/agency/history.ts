import type { RulebookReference } from '../event.js';
import type { Finding } from '../findings.js';
import type { Instant } from '../instant.js';
import type { LegalPerson } from '../legal-person.js';
import type { Account } from '../rulebook.js';
import { SharedValues, type Mutable } from '../shared-values.js';
import type {
  AgencyEventData,
  AppealKind,
  AppealOutcome,
  Basis,
  ComplainantKind,
  ComplaintOutcome,
  DeductionTerms,
  MeasureKind,
  RecordedAgencyEvent,
  ReviewOutcome,
} from './events.js';
import { addChange, emptyPoints, type CountedPoints, type PointSums } from './point-changes.js';

/** A deduction's values: as imposed, or as a correction of our typing sets them from the start. */
export interface DeductionValues extends DeductionTerms {
  readonly occurredAt: Instant;
  readonly effectiveAt: Instant;
  readonly notifiedAt?: Instant;
  readonly appealDeadline?: Instant;
  readonly rulebook?: RulebookReference;
}

export interface DeductionCorrection {
  readonly recordedAt: Instant;
  readonly values: DeductionValues;
}

/** One link in the chain of decisions on a deduction; the last one recorded counts (rules §7). */
export interface DeductionDecision {
  readonly recordedAt: Instant;
  readonly actor: string;
  readonly kind: 'revoked' | 'adjusted' | 'reinstated';
  /** The points the deduction counts after this decision, from its original `effectiveAt`. */
  readonly points: number;
  readonly appealId?: string;
  readonly findings: readonly Finding[];
}

export interface Deduction {
  readonly deductionId: string;
  readonly recordedAt: Instant;
  readonly actor: string;
  readonly imposed: DeductionValues;
  readonly basis?: Basis;
  readonly creatorId?: string;
  readonly findings: readonly Finding[];
  corrections: readonly DeductionCorrection[];
  decisions: readonly DeductionDecision[];
  /** The appeals that name it, in the order they were recorded. */
  appealIds: readonly string[];
}

/** The start of an episode: an admission, or a readmission after a ban or an exit. */
export interface Admission {
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
}

/** A status that ends an episode, and the number of that episode (1 for the first). */
export interface Exit {
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
  readonly episode: number;
}

export interface PendingExpulsion {
  readonly recordedAt: Instant;
  readonly openedAt: Instant;
  readonly closesAt: Instant;
  readonly period: string;
  readonly account: string;
  readonly episode: number;
  /** Lifted, executed, or overtaken by an exit: from `endedAt` on, known from `recordedAt` on. */
  ended?: { readonly recordedAt: Instant; readonly endedAt: Instant };
}

export interface Expulsion {
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
  readonly actor: string;
  readonly period: string;
  readonly account: Pick<Account, 'id' | 'carryOver'>;
  readonly threshold: number;
  readonly reentryFrom: Instant;
  readonly episode: number;
  readonly findings: readonly Finding[];
  revoked?: { readonly recordedAt: Instant; readonly findings: readonly Finding[] };
  unsupportedAt?: Instant;
}

/**
 * An appeal. Each act on it happened when its command states, or else when it was recorded. Windows
 * are measured at the former, and what is known at K depends on the latter (interchange §2, Entered
 * late).
 */
export interface Appeal {
  readonly appealId: string;
  readonly recordedAt: Instant;
  readonly initiatedAt: Instant;
  readonly kind: AppealKind;
  readonly deductionIds: readonly string[];
  readonly expulsion?: number;
  readonly pending?: number;
  readonly initiateBy: Instant;
  readonly evidenceBy: Instant;
  readonly outOfTime: boolean;
  readonly findings: readonly Finding[];
  evidence?: { readonly recordedAt: Instant; readonly submittedAt: Instant };
  withdrawn?: { readonly recordedAt: Instant; readonly withdrawnAt: Instant };
  decided?: {
    readonly recordedAt: Instant;
    readonly decidedAt: Instant;
    readonly outcome: AppealOutcome;
    readonly findings: readonly Finding[];
  };
}

export interface ReentryApplication {
  readonly recordedAt: Instant;
  readonly admissible: boolean;
  readonly reentryFrom: Instant;
}

export interface Observation {
  readonly recordedAt: Instant;
  readonly observedAt: Instant;
  readonly period: string;
  readonly balance: number;
  readonly computed: number;
  readonly findings: readonly Finding[];
}

export interface Complaint {
  readonly complaintId: string;
  /** The instant of its filing. */
  readonly recordedAt: Instant;
  /** The instant of the conduct it complains about. */
  readonly occurredAt: Instant;
  readonly complainantKind: ComplainantKind;
  readonly creatorId?: string;
  closed?: { readonly recordedAt: Instant; readonly outcome: ComplaintOutcome };
  /**
   * The complaint it was merged into, or `null` when the merge was undone. The last recorded one
   * counts.
   */
  merges: readonly { readonly recordedAt: Instant; readonly into: string | null }[];
}

/** A measure of the platform (Order 117 of 2026, article 12). */
export interface Measure {
  readonly measureId: string;
  readonly recordedAt: Instant;
  readonly actor: string;
  readonly kind: MeasureKind;
  readonly effectiveAt: Instant;
  /** The first instant after its term. */
  readonly until?: Instant;
  readonly deductionId?: string;
  readonly automated?: boolean;
  lifted?: { readonly recordedAt: Instant; readonly effectiveAt: Instant };
}

/** A request that a person look at a decision. */
export interface Review {
  readonly reviewId: string;
  readonly recordedAt: Instant;
  readonly deductionId?: string;
  readonly measureId?: string;
  answered?: {
    readonly recordedAt: Instant;
    readonly outcome: ReviewOutcome;
    readonly findings: readonly Finding[];
  };
}

/** Points that the platform adds to a falling score (docs/decisions/scales.md). */
export interface Addition {
  readonly additionId: string;
  readonly recordedAt: Instant;
  readonly account: string;
  readonly period: string;
  readonly points: number;
  readonly effectiveAt: Instant;
  revoked?: { readonly recordedAt: Instant };
}

/** A growth post the agency shared (rules §9). */
export interface GrowthPost {
  readonly postId: string;
  readonly recordedAt: Instant;
  readonly occurredAt: Instant;
}

/** Our computation of a month; a month can be computed again. */
export interface Assessment {
  readonly recordedAt: Instant;
  /** In force at the start of the month. */
  readonly rulebook?: RulebookReference;
  readonly computed: AgencyEventData['AssessmentComputed'];
}

/**
 * Everything recorded about one agency, kept so that any question at (E, K) can be answered from
 * it: each fact with the instant it became known. `decide` asks it with K = {@link endOfTime}.
 */
export interface AgencyHistory {
  agencyId: string;
  legalPerson?: LegalPerson;
  readonly admissions: Admission[];
  readonly exits: Exit[];
  readonly pendings: PendingExpulsion[];
  readonly expulsions: Expulsion[];
  readonly deductions: Map<string, Deduction>;
  /**
   * The deductions by the `occurredAt` they were imposed or corrected with; a correction leaves the
   * old place too.
   */
  readonly byOccurrence: Map<Instant, Deduction[]>;
  /**
   * The sums of the deductions; `undefined` where only the deductions themselves tell: in a history
   * with other deductions than its events imposed ({@link withDeductions}), and for events that
   * this ledger never wrote.
   */
  points: PointSums | undefined;
  /**
   * An upper bound of all deductions together: the sum of the points of every event that set some.
   */
  pointsEver: number;
  readonly appeals: Map<string, Appeal>;
  readonly reentryApplications: ReentryApplication[];
  readonly readmissionFindings: {
    readonly recordedAt: Instant;
    readonly findings: readonly Finding[];
  }[];
  readonly observations: Observation[];
  readonly complaints: Map<string, Complaint>;
  readonly measures: Map<string, Measure>;
  readonly reviews: Map<string, Review>;
  readonly additions: Map<string, Addition>;
  readonly growthPosts: GrowthPost[];
  /** By month, in the order of computation. */
  readonly assessments: Map<string, Assessment[]>;
}

export function emptyHistory(): AgencyHistory {
  return {
    agencyId: '',
    admissions: [],
    exits: [],
    pendings: [],
    expulsions: [],
    deductions: new Map(),
    byOccurrence: new Map(),
    points: emptyPoints(),
    pointsEver: 0,
    appeals: new Map(),
    reentryApplications: [],
    readmissionFindings: [],
    observations: [],
    complaints: new Map(),
    measures: new Map(),
    reviews: new Map(),
    additions: new Map(),
    growthPosts: [],
    assessments: new Map(),
  };
}

/** A history with other deductions: a copy, of which nothing is stored. */
export function withDeductions(
  history: AgencyHistory,
  deductions: ReadonlyMap<string, Deduction>,
): AgencyHistory {
  return { ...history, deductions: new Map(deductions), points: undefined };
}

/**
 * Shared, because nearly every deduction of a million has no correction, no decision and no appeal.
 */
const none: readonly never[] = Object.freeze([]);

/**
 * Folds one event into a history, which is changed in place and returned; the caller must use the
 * returned one. (A copy per event would make a fold of n events cost n².) It applies neither rules
 * nor a clock: the event is taken as the fact.
 */
export function evolve(history: AgencyHistory, event: RecordedAgencyEvent): AgencyHistory {
  const { recordedAt } = event;
  switch (event.type) {
    case 'AgencyAdmitted':
      history.agencyId = event.data.agencyId;
      if (event.data.legalPerson !== undefined) history.legalPerson = event.data.legalPerson;
      history.admissions.push({ recordedAt, effectiveAt: effectiveAtOf(event) });
      return history;
    case 'AgencyReadmitted':
      history.admissions.push({ recordedAt, effectiveAt: effectiveAtOf(event) });
      if (event.data.findings)
        history.readmissionFindings.push({ recordedAt, findings: event.data.findings });
      return history;
    case 'AgencyExited':
      history.exits.push({
        recordedAt,
        effectiveAt: effectiveAtOf(event),
        episode: history.admissions.length,
      });
      endPending(history, recordedAt, effectiveAtOf(event));
      return history;
    case 'DeductionImposed': {
      const deduction = imposedDeduction(event);
      // One id stands for one deduction: the ledger refuses a second.
      if (history.deductions.has(deduction.deductionId)) history.points = undefined;
      history.deductions.set(deduction.deductionId, deduction);
      noteOccurrence(history, deduction, deduction.imposed, true);
      notePoints(history, recordedAt, undefined, deduction);
      history.pointsEver += event.data.points;
      return history;
    }
    case 'DeductionCorrected': {
      const deduction = deductionOf(history, event.data.deductionId);
      history.pointsEver += event.data.points;
      const before = countedNow(deduction);
      const values = valuesOf(event);
      deduction.corrections = [...deduction.corrections, { recordedAt, values }];
      noteOccurrence(history, deduction, values, false);
      notePoints(history, recordedAt, before, deduction);
      return history;
    }
    case 'DeductionRevoked':
      return addDecision(history, event.data, {
        recordedAt,
        actor: event.actor,
        kind: 'revoked',
        points: 0,
        findings: event.data.findings ?? none,
      });
    case 'DeductionAdjusted':
      return addDecision(history, event.data, {
        recordedAt,
        actor: event.actor,
        kind: 'adjusted',
        points: event.data.points,
        findings: event.data.findings ?? none,
      });
    case 'DeductionReinstated':
      return addDecision(history, event.data, {
        recordedAt,
        actor: event.actor,
        kind: 'reinstated',
        points: event.data.points,
        findings: event.data.findings ?? none,
      });
    case 'AppealInitiated':
      return addAppeal(history, event);
    case 'AppealEvidenceSubmitted':
      appealOf(history, event.data.appealId).evidence = {
        recordedAt,
        submittedAt: event.occurredAt ?? recordedAt,
      };
      return history;
    case 'AppealWithdrawn':
      appealOf(history, event.data.appealId).withdrawn = {
        recordedAt,
        withdrawnAt: event.occurredAt ?? recordedAt,
      };
      return history;
    case 'AppealDecided':
      appealOf(history, event.data.appealId).decided = {
        recordedAt,
        decidedAt: event.decidedAt ?? recordedAt,
        outcome: event.data.outcome,
        findings: event.data.findings ?? none,
      };
      return history;
    case 'PendingExpulsionOpened': {
      const { account, closesAt, period } = event.data;
      const episode = history.admissions.length;
      history.pendings.push({
        recordedAt,
        openedAt: effectiveAtOf(event),
        closesAt,
        period,
        account,
        episode,
      });
      return history;
    }
    case 'PendingExpulsionLifted':
      endPending(history, recordedAt, effectiveAtOf(event));
      return history;
    case 'ExpulsionExecuted': {
      const { period, reentryFrom, threshold, findings = none } = event.data;
      const account = { id: event.data.account, carryOver: event.data.carryOver };
      const effectiveAt = effectiveAtOf(event);
      const episode = history.admissions.length;
      const { actor } = event;
      history.expulsions.push({
        recordedAt,
        effectiveAt,
        actor,
        period,
        account,
        threshold,
        reentryFrom,
        episode,
        findings,
      });
      endPending(history, recordedAt, effectiveAt);
      return history;
    }
    case 'ExpulsionUnsupported':
      expulsionOf(history, event.data.expulsion).unsupportedAt = recordedAt;
      return history;
    case 'ExpulsionRevoked':
      expulsionOf(history, event.data.expulsion).revoked = {
        recordedAt,
        findings: event.data.findings ?? none,
      };
      return history;
    case 'ReentryApplied': {
      const { admissible, reentryFrom } = event.data;
      history.reentryApplications.push({ recordedAt, admissible, reentryFrom });
      return history;
    }
    case 'PlatformBalanceObserved': {
      const { balance, computed, period, findings = none } = event.data;
      const observedAt = event.occurredAt ?? recordedAt;
      history.observations.push({ recordedAt, observedAt, period, balance, computed, findings });
      return history;
    }
    case 'ComplaintFiled': {
      const { complaintId, complainantKind, creatorId } = event.data;
      history.complaints.set(complaintId, {
        complaintId,
        recordedAt,
        occurredAt: event.occurredAt ?? recordedAt,
        complainantKind,
        ...(creatorId !== undefined && { creatorId }),
        merges: none,
      });
      return history;
    }
    case 'ComplaintClosed':
      complaintOf(history, event.data.complaintId).closed = {
        recordedAt,
        outcome: event.data.outcome,
      };
      return history;
    case 'ComplaintsMerged':
      for (const complaintId of event.data.from)
        addMerge(history, complaintId, recordedAt, event.data.into);
      return history;
    case 'ComplaintUnmerged':
      addMerge(history, event.data.complaintId, recordedAt, null);
      return history;
    case 'MeasureImposed': {
      const { measureId, kind, until, deductionId, automated } = event.data;
      history.measures.set(measureId, {
        ...{ measureId, recordedAt, actor: event.actor, kind, effectiveAt: effectiveAtOf(event) },
        ...(until !== undefined && { until }),
        ...(deductionId !== undefined && { deductionId }),
        ...(automated !== undefined && { automated }),
      });
      return history;
    }
    case 'MeasureLifted':
      measureOf(history, event.data.measureId).lifted = {
        recordedAt,
        effectiveAt: effectiveAtOf(event),
      };
      return history;
    case 'HumanReviewRequested': {
      const { reviewId, deductionId, measureId } = event.data;
      history.reviews.set(reviewId, {
        ...{ reviewId, recordedAt },
        ...(deductionId !== undefined && { deductionId }),
        ...(measureId !== undefined && { measureId }),
      });
      return history;
    }
    case 'HumanReviewAnswered':
      reviewOf(history, event.data.reviewId).answered = {
        recordedAt,
        outcome: event.data.outcome,
        findings: event.data.findings ?? none,
      };
      return history;
    case 'AdditionGranted': {
      const { additionId, account, period, points } = event.data;
      const effectiveAt = effectiveAtOf(event);
      const addition = { additionId, recordedAt, account, period, points, effectiveAt };
      history.additions.set(additionId, addition);
      return history;
    }
    case 'AdditionRevoked':
      additionOf(history, event.data.additionId).revoked = { recordedAt };
      return history;
    case 'GrowthPostRecorded':
      history.growthPosts.push({
        postId: event.data.postId,
        recordedAt,
        occurredAt: event.occurredAt ?? recordedAt,
      });
      return history;
    case 'AssessmentComputed': {
      const { data, rulebook } = event;
      const earlier = history.assessments.get(data.month) ?? [];
      history.assessments.set(data.month, [
        ...earlier,
        { recordedAt, ...(rulebook !== undefined && { rulebook }), computed: data },
      ]);
      return history;
    }
  }
}

function effectiveAtOf(event: RecordedAgencyEvent): Instant {
  return event.effectiveAt ?? event.recordedAt;
}

function valuesOf(
  event: Extract<RecordedAgencyEvent, { type: 'DeductionImposed' | 'DeductionCorrected' }>,
): DeductionValues {
  const { period, periodStated, points, appealDeadline } = event.data;
  const [account, clause] = [sharedText(event.data.account), sharedText(event.data.clause)];
  const { notifiedAt, recordedAt, rulebook } = event;
  const effectiveAt = sharedInstant(effectiveAtOf(event), recordedAt);
  const occurredAt = sharedInstant(event.occurredAt ?? effectiveAt, effectiveAt);
  // Members are assigned, which costs a tenth of spreading them: a fold does little else.
  const values: Mutable<DeductionValues> = {
    account,
    clause,
    period,
    periodStated,
    points,
    occurredAt,
    effectiveAt,
  };
  if (notifiedAt !== undefined) values.notifiedAt = sharedInstant(notifiedAt, recordedAt);
  if (appealDeadline !== undefined) values.appealDeadline = appealDeadline;
  if (rulebook !== undefined) values.rulebook = sharedReference(rulebook);
  return values;
}

const references = new SharedValues<RulebookReference>(256);
const texts = new SharedValues<string>(4096);

function sharedReference(reference: RulebookReference): RulebookReference {
  const { id, rulebookVersion, sha256 } = reference;
  return references.of(`${id} ${rulebookVersion} ${sha256}`, reference);
}

function sharedText(text: string): string {
  return texts.of(text, text);
}

function sharedInstant(instant: Instant, other: Instant): Instant {
  return instant === other ? other : instant;
}

function imposedDeduction(
  event: Extract<RecordedAgencyEvent, { type: 'DeductionImposed' }>,
): Deduction {
  const { data, recordedAt } = event;
  const deduction: Mutable<Deduction> = {
    deductionId: data.deductionId,
    recordedAt,
    actor: sharedText(event.actor),
    imposed: valuesOf(event),
    findings: data.findings ?? none,
    corrections: none,
    decisions: none,
    appealIds: none,
  };
  if (data.basis !== undefined) deduction.basis = data.basis;
  if (data.creatorId !== undefined) deduction.creatorId = data.creatorId;
  return deduction;
}

function noteOccurrence(
  { byOccurrence }: AgencyHistory,
  deduction: Deduction,
  { occurredAt }: DeductionValues,
  isNew: boolean,
): void {
  const known = byOccurrence.get(occurredAt);
  if (known === undefined) byOccurrence.set(occurredAt, [deduction]);
  else if (isNew || !known.includes(deduction)) known.push(deduction);
}

/** The points of a deduction after everything recorded on it so far. */
function countedNow({ corrections, decisions, imposed }: Deduction): CountedPoints {
  const { account, effectiveAt, period, points } = corrections.at(-1)?.values ?? imposed;
  return { account, effectiveAt, period, points: decisions.at(-1)?.points ?? points };
}

function notePoints(
  history: AgencyHistory,
  recordedAt: Instant,
  before: CountedPoints | undefined,
  deduction: Deduction,
): void {
  const { points } = history;
  if (points !== undefined && !addChange(points, recordedAt, before, countedNow(deduction)))
    history.points = undefined;
}

function addDecision(
  history: AgencyHistory,
  data: { readonly deductionId: string; readonly appealId?: string },
  decision: DeductionDecision,
): AgencyHistory {
  const deduction = deductionOf(history, data.deductionId);
  history.pointsEver += decision.points;
  const link = data.appealId === undefined ? decision : { ...decision, appealId: data.appealId };
  const before = countedNow(deduction);
  deduction.decisions = [...deduction.decisions, link];
  notePoints(history, decision.recordedAt, before, deduction);
  return history;
}

function addAppeal(
  history: AgencyHistory,
  event: Extract<RecordedAgencyEvent, { type: 'AppealInitiated' }>,
): AgencyHistory {
  const {
    appealId,
    kind,
    deductionIds = none,
    expulsion,
    pending,
    initiateBy,
    evidenceBy,
    outOfTime,
  } = event.data;
  history.appeals.set(appealId, {
    appealId,
    recordedAt: event.recordedAt,
    initiatedAt: event.occurredAt ?? event.recordedAt,
    kind,
    deductionIds,
    ...(expulsion !== undefined && { expulsion }),
    ...(pending !== undefined && { pending }),
    initiateBy,
    evidenceBy,
    outOfTime,
    findings: event.data.findings ?? none,
  });
  for (const deductionId of deductionIds) {
    const deduction = deductionOf(history, deductionId);
    deduction.appealIds = [...deduction.appealIds, appealId];
  }
  return history;
}

function addMerge(
  history: AgencyHistory,
  complaintId: string,
  recordedAt: Instant,
  into: string | null,
): void {
  const complaint = complaintOf(history, complaintId);
  complaint.merges = [...complaint.merges, { recordedAt, into }];
}

function endPending(history: AgencyHistory, recordedAt: Instant, endedAt: Instant): void {
  const pending = history.pendings.at(-1);
  if (pending !== undefined && pending.ended === undefined) pending.ended = { recordedAt, endedAt };
}

/**
 * @throws Error when the stream names a deduction it never imposed: this ledger did not write such
 * a stream
 */
export function deductionOf(history: AgencyHistory, deductionId: string): Deduction {
  const deduction = history.deductions.get(deductionId);
  if (deduction === undefined)
    throw new Error(`no deduction "${deductionId}" in the history of "${history.agencyId}"`);
  return deduction;
}

/** @throws Error when the stream speaks of an appeal that was never initiated */
export function appealOf(history: AgencyHistory, appealId: string): Appeal {
  const appeal = history.appeals.get(appealId);
  if (appeal === undefined)
    throw new Error(`no appeal "${appealId}" in the history of "${history.agencyId}"`);
  return appeal;
}

/** @throws Error when the stream speaks of an expulsion that was never executed */
export function expulsionOf(history: AgencyHistory, number: number): Expulsion {
  const expulsion = history.expulsions[number];
  if (expulsion === undefined)
    throw new Error(`no expulsion ${String(number)} in the history of "${history.agencyId}"`);
  return expulsion;
}

/** @throws Error when the stream speaks of a complaint that was never filed */
export function complaintOf(history: AgencyHistory, complaintId: string): Complaint {
  const complaint = history.complaints.get(complaintId);
  if (complaint === undefined)
    throw new Error(`no complaint "${complaintId}" in the history of "${history.agencyId}"`);
  return complaint;
}

/** @throws Error when the stream speaks of a measure that was never imposed */
function measureOf(history: AgencyHistory, measureId: string): Measure {
  const measure = history.measures.get(measureId);
  if (measure === undefined)
    throw new Error(`no measure "${measureId}" in the history of "${history.agencyId}"`);
  return measure;
}

/** @throws Error when the stream speaks of a review that was never requested */
function reviewOf(history: AgencyHistory, reviewId: string): Review {
  const review = history.reviews.get(reviewId);
  if (review === undefined)
    throw new Error(`no review "${reviewId}" in the history of "${history.agencyId}"`);
  return review;
}

/** @throws Error when the stream speaks of an addition that was never granted */
export function additionOf(history: AgencyHistory, additionId: string): Addition {
  const addition = history.additions.get(additionId);
  if (addition === undefined)
    throw new Error(`no addition "${additionId}" in the history of "${history.agencyId}"`);
  return addition;
}
