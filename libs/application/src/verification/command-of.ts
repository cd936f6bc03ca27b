import type {
  AgencyCommand,
  AgencyEvent,
  AgencyEventData,
  RecordedAgencyEvent,
} from '@penalty-ledger/ledger';

/** Stands for what was sealed and is not known here: no rule reads it. */
const sealed = '';

type Event<Type extends AgencyEvent['type']> = Extract<RecordedAgencyEvent, { type: Type }>;

/**
 * The command that events say they came from, as far as they hold it: names and texts were sealed and are left empty, and what a command left out stands
 * there with the value it was taken to have. `undefined` for a command that was not sent to the agency alone.
 *
 * @param events all that the command appended to the agency's stream
 */
export function commandOf(
  name: string,
  events: readonly RecordedAgencyEvent[],
): AgencyCommand | undefined {
  const [first] = events;
  if (first === undefined) return undefined;
  const make = makers[name as AgencyCommand['command']] as
    ((event: RecordedAgencyEvent, events: readonly RecordedAgencyEvent[]) => unknown) | undefined;
  const data = make?.(first, events);
  return data === undefined
    ? undefined
    : ({ command: name, data: withoutMissing(data) } as AgencyCommand);
}

type Makers = {
  readonly [Name in AgencyCommand['command']]: (
    event: never,
    events: readonly RecordedAgencyEvent[],
  ) => unknown;
};

const makers: Makers = {
  AdmitAgency: ({ data, effectiveAt }: Event<'AgencyAdmitted'>) => ({
    ...data,
    name: sealed,
    effectiveAt,
  }),
  RecordExit: ({ data, effectiveAt }: Event<'AgencyExited'>) => ({ ...data, effectiveAt }),
  RecordDeduction: ({
    data,
    occurredAt,
    effectiveAt,
    decidedAt,
    notifiedAt,
  }: Event<'DeductionImposed'>) => {
    const {
      deductionId,
      agencyId,
      points,
      clause,
      appealDeadline,
      creatorId,
      basis,
      noticeSha256,
    } = data;
    return {
      ...{ deductionId, agencyId, points, clause, appealDeadline, creatorId, basis },
      ...{ occurredAt, effectiveAt, decidedAt, notifiedAt },
      ...(data.periodStated && { period: data.period }),
      ...(noticeSha256 !== undefined && { notice: { sha256: noticeSha256 } }),
    };
  },
  RecordRevocation: ({ data, decidedAt }: Event<'DeductionRevoked'>) => ({
    deductionId: data.deductionId,
    reason: sealed,
    decidedAt,
  }),
  RecordPartialRevocation: ({ data, decidedAt }: Event<'DeductionAdjusted'>) => ({
    deductionId: data.deductionId,
    points: data.points,
    reason: sealed,
    decidedAt,
  }),
  RecordReinstatement: ({ data, decidedAt }: Event<'DeductionReinstated'>) => ({
    deductionId: data.deductionId,
    points: data.points,
    reason: sealed,
    decidedAt,
  }),
  CorrectDeduction: ({ data, occurredAt, effectiveAt }: Event<'DeductionCorrected'>) => {
    const values: Readonly<Record<string, unknown>> = { ...data, occurredAt, effectiveAt };
    const changes = data.corrected.map((member) => [member, values[member]]);
    return {
      deductionId: data.deductionId,
      reason: sealed,
      ...(Object.fromEntries(changes) as object),
    };
  },
  InitiateAppeal: ({ data }: Event<'AppealInitiated'>) => ({
    appealId: data.appealId,
    agencyId: data.agencyId,
    kind: data.kind,
    deductionIds: data.deductionIds,
    ...(data.expulsion !== undefined && { expulsion: true }),
    grounds: sealed,
  }),
  SubmitEvidence: ({ data }: Event<'AppealEvidenceSubmitted'>) => ({
    appealId: data.appealId,
    items: data.items.map((item) => ({ ...item, title: sealed })),
  }),
  WithdrawAppeal: ({ data }: Event<'AppealWithdrawn'>) => ({ appealId: data.appealId }),
  DecideAppeal: ({ data, decidedAt }: Event<'AppealDecided'>, events) => ({
    appealId: data.appealId,
    outcome: data.outcome,
    ...(data.outcome === 'partly_upheld' && { adjustments: adjustmentsIn(events, data.appealId) }),
    reason: sealed,
    decidedAt,
  }),
  RecordExpulsion: ({ data, effectiveAt }: Event<'ExpulsionExecuted'>) => ({
    agencyId: data.agencyId,
    effectiveAt,
    reason: sealed,
  }),
  RevokeExpulsion: ({ data }: Event<'ExpulsionRevoked'>) => ({
    agencyId: data.agencyId,
    reason: sealed,
  }),
  ApplyForReentry: ({ data }: Event<'ReentryApplied'>) => ({ agencyId: data.agencyId }),
  RecordReadmission: ({ data }: Event<'AgencyReadmitted'>) => ({ agencyId: data.agencyId }),
  ObservePlatformBalance: ({ data, occurredAt }: Event<'PlatformBalanceObserved'>) => ({
    agencyId: data.agencyId,
    balance: data.balance,
    observedAt: occurredAt,
    sha256: data.sha256,
  }),
  FileComplaint: ({ data, occurredAt }: Event<'ComplaintFiled'>) => ({
    complaintId: data.complaintId,
    complainant: { kind: data.complainantKind },
    agencyId: data.agencyId,
    creatorId: data.creatorId,
    occurredAt,
    subject: sealed,
  }),
  CloseComplaint: ({ data }: Event<'ComplaintClosed'>) => ({
    complaintId: data.complaintId,
    outcome: data.outcome,
  }),
  MergeComplaints: ({ data }: Event<'ComplaintsMerged'>) => ({ from: data.from, into: data.into }),
  UnmergeComplaint: ({ data }: Event<'ComplaintUnmerged'>) => ({ complaintId: data.complaintId }),
  RecordGrowthPost: ({ data, occurredAt }: Event<'GrowthPostRecorded'>) => ({
    ...data,
    occurredAt,
  }),
};

function adjustmentsIn(events: readonly RecordedAgencyEvent[], appealId: string): unknown {
  return events.flatMap((event) => {
    if (event.type !== 'DeductionAdjusted' && event.type !== 'DeductionRevoked') return [];
    const data: AgencyEventData['DeductionAdjusted'] | AgencyEventData['DeductionRevoked'] =
      event.data;
    if (data.appealId !== appealId) return [];
    return [{ deductionId: data.deductionId, points: 'points' in data ? data.points : 0 }];
  });
}

/** A member without a value is no member. */
function withoutMissing(data: unknown): object {
  return Object.fromEntries(
    Object.entries(data as object).filter(([, value]) => value !== undefined),
  );
}
