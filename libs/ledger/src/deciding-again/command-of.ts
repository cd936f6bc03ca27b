import type { AgencyCommand } from '../agency/commands.js';
import type { AgencyEvent, AgencyEventData } from '../agency/events.js';
import { isEventOf, type EventOf, type StreamEvent } from '../events.js';
import type { InBoth } from '../in-both.js';

/** Stands for what was sealed and is not known here: no rule reads it. */
const sealed = 'sealed';

/**
 * Returns the command that events say they came from, as far as they hold it: names and texts were
 * sealed and have another in their place, and what a command left out stands there with the value
 * it was taken to have. Returns `undefined` for a command that was not sent to the agency alone,
 * and a text that says why when the events cannot be the command's.
 *
 * @param events all that the command appended to the agency's stream
 */
export function commandOf(
  name: string,
  events: readonly StreamEvent<'agency'>[],
): AgencyCommand | InBoth | undefined {
  const [first] = events;
  if (first === undefined || !Object.hasOwn(makers, name)) return undefined;
  const { type, dataOf } = makers[name as AgencyCommand['command']];
  const data = dataOf(first, events);
  return data === undefined
    ? {
        en: `${first.type} was recorded, and ${name} records ${type} first`,
        zh: `记录的是 ${first.type}，而 ${name} 首先记录 ${type}`,
      }
    : ({ command: name, data: withoutMissing(data) } as AgencyCommand);
}

interface Maker {
  /** The type of the first event that the command appends. */
  readonly type: AgencyEvent['type'];
  /** Reads the command's data from its events; returns nothing when the first has another type. */
  readonly dataOf: (
    first: StreamEvent<'agency'>,
    events: readonly StreamEvent<'agency'>[],
  ) => object | undefined;
}

type Makers = { readonly [Name in AgencyCommand['command']]: Maker };

function from<Type extends AgencyEvent['type']>(
  type: Type,
  dataOf: (first: EventOf<Type>, events: readonly StreamEvent<'agency'>[]) => object,
): Maker {
  return {
    type,
    dataOf: (first, events) => (isEventOf(type, first) ? dataOf(first, events) : undefined),
  };
}

const makers: Makers = {
  AdmitAgency: from('AgencyAdmitted', ({ data, effectiveAt }) => ({
    agencyId: data.agencyId,
    legalPersonId: data.legalPerson,
    name: sealed,
    effectiveAt,
  })),
  RecordExit: from('AgencyExited', ({ data, effectiveAt }) => ({ ...data, effectiveAt })),
  RecordDeduction: from(
    'DeductionImposed',
    ({ data, occurredAt, effectiveAt, decidedAt, notifiedAt }) => {
      const {
        deductionId,
        agencyId,
        points,
        clause,
        appealDeadline,
        automated,
        creatorId,
        basis,
        noticeSha256,
      } = data;
      return {
        ...{ deductionId, agencyId, points, clause, appealDeadline, automated, creatorId, basis },
        ...{ occurredAt, effectiveAt, decidedAt, notifiedAt },
        ...(data.periodStated && { period: data.period }),
        ...(noticeSha256 !== undefined && { notice: { sha256: noticeSha256 } }),
      };
    },
  ),
  RecordRevocation: from('DeductionRevoked', ({ data, decidedAt }) => ({
    deductionId: data.deductionId,
    reason: sealed,
    decidedAt,
  })),
  RecordPartialRevocation: from('DeductionAdjusted', ({ data, decidedAt }) => ({
    deductionId: data.deductionId,
    points: data.points,
    reason: sealed,
    decidedAt,
  })),
  RecordReinstatement: from('DeductionReinstated', ({ data, decidedAt }) => ({
    deductionId: data.deductionId,
    points: data.points,
    reason: sealed,
    decidedAt,
  })),
  CorrectDeduction: from('DeductionCorrected', ({ data, ...event }) => {
    const values: Readonly<Record<string, unknown>> = { ...event, ...data };
    const changes = data.corrected.map((member) => [member, values[member]]);
    return {
      deductionId: data.deductionId,
      reason: sealed,
      ...(Object.fromEntries(changes) as object),
    };
  }),
  InitiateAppeal: from('AppealInitiated', ({ data, occurredAt }) => ({
    appealId: data.appealId,
    agencyId: data.agencyId,
    kind: data.kind,
    deductionIds: data.deductionIds,
    ...(data.expulsion !== undefined && { expulsion: true }),
    grounds: sealed,
    initiatedAt: occurredAt,
  })),
  SubmitEvidence: from('AppealEvidenceSubmitted', ({ data, occurredAt }) => ({
    appealId: data.appealId,
    items: data.items.map((item) => ({ ...item, title: sealed })),
    submittedAt: occurredAt,
  })),
  WithdrawAppeal: from('AppealWithdrawn', ({ data, occurredAt }) => ({
    appealId: data.appealId,
    withdrawnAt: occurredAt,
  })),
  DecideAppeal: from('AppealDecided', ({ data, decidedAt }, events) => ({
    appealId: data.appealId,
    outcome: data.outcome,
    ...(data.outcome === 'partly_upheld' && { adjustments: adjustmentsIn(events, data.appealId) }),
    reason: sealed,
    decidedAt,
  })),
  RecordExpulsion: from('ExpulsionExecuted', ({ data, effectiveAt }) => ({
    agencyId: data.agencyId,
    effectiveAt,
    reason: sealed,
  })),
  RevokeExpulsion: from('ExpulsionRevoked', ({ data }) => ({
    agencyId: data.agencyId,
    reason: sealed,
  })),
  ApplyForReentry: from('ReentryApplied', ({ data }) => ({ agencyId: data.agencyId })),
  RecordReadmission: from('AgencyReadmitted', ({ data }) => ({ agencyId: data.agencyId })),
  ObservePlatformBalance: from('PlatformBalanceObserved', ({ data, occurredAt }) => ({
    agencyId: data.agencyId,
    balance: data.balance,
    observedAt: occurredAt,
    sha256: data.sha256,
  })),
  FileComplaint: from('ComplaintFiled', ({ data, occurredAt }) => ({
    complaintId: data.complaintId,
    complainant: { kind: data.complainantKind },
    // A command names one of the two; the agency of its creator was found then.
    ...(data.creatorId === undefined ? { agencyId: data.agencyId } : { creatorId: data.creatorId }),
    occurredAt,
    subject: sealed,
  })),
  CloseComplaint: from('ComplaintClosed', ({ data }) => ({
    complaintId: data.complaintId,
    outcome: data.outcome,
  })),
  MergeComplaints: from('ComplaintsMerged', ({ data }) => ({ from: data.from, into: data.into })),
  UnmergeComplaint: from('ComplaintUnmerged', ({ data }) => ({ complaintId: data.complaintId })),
  RecordMeasure: from('MeasureImposed', ({ data, effectiveAt }) => ({ ...data, effectiveAt })),
  LiftMeasure: from('MeasureLifted', ({ data, effectiveAt }) => ({
    measureId: data.measureId,
    reason: sealed,
    effectiveAt,
  })),
  RequestHumanReview: from('HumanReviewRequested', ({ data }) => data),
  AnswerHumanReview: from('HumanReviewAnswered', ({ data }) => ({
    reviewId: data.reviewId,
    outcome: data.outcome,
    reason: sealed,
  })),
  RecordAddition: from('AdditionGranted', ({ data, effectiveAt }) => ({
    additionId: data.additionId,
    agencyId: data.agencyId,
    points: data.points,
    account: data.account,
    effectiveAt,
  })),
  RevokeAddition: from('AdditionRevoked', ({ data }) => ({
    additionId: data.additionId,
    reason: sealed,
  })),
  RecordGrowthPost: from('GrowthPostRecorded', ({ data, occurredAt }) => ({
    ...data,
    occurredAt,
  })),
};

function adjustmentsIn(events: readonly StreamEvent<'agency'>[], appealId: string): unknown {
  return events.flatMap((event) => {
    if (event.type !== 'DeductionAdjusted' && event.type !== 'DeductionRevoked') return [];
    const data: AgencyEventData['DeductionAdjusted'] | AgencyEventData['DeductionRevoked'] =
      event.data;
    if (data.appealId !== appealId) return [];
    return [{ deductionId: data.deductionId, points: 'points' in data ? data.points : 0 }];
  });
}

/** A member without a value is left out. */
function withoutMissing(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
