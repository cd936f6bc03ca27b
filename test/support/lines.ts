import { shanghai, type Line } from './given.js';

/** A test's line without its instant. The agency is `a1` by default. */
export type Act = Omit<Line, 'at'>;
type Data = Readonly<Record<string, unknown>>;

/**
 * One act at an instant (`2019-04-01 10:00`, see {@link shanghai}). A violation happened at that
 * instant too unless the test says otherwise.
 */
export function on(at: string, { command, data, ...rest }: Act): Line {
  const occurred = command === 'RecordDeduction' ? { occurredAt: shanghai(at) } : {};
  return { at, ...rest, command, data: { ...occurred, ...data } };
}

/** The same act by another actor. */
export function by(actor: string, act: Act): Act {
  return { ...act, by: actor };
}

export const admit = (data: Data = {}): Act =>
  act('AdmitAgency', { agencyId: 'a1', name: 'Agency One', ...data });

/** A deduction by a clause without fixed points, so that any number of points conforms. */
export const deduct = (deductionId: string, points: number, data: Data = {}): Act =>
  act('RecordDeduction', {
    deductionId,
    agencyId: 'a1',
    points,
    clause: 'improper-operation',
    ...data,
  });

/** The 40 points of a failed assessment month. */
export const failMonth = (deductionId: string, month: string, data: Data = {}): Act =>
  deduct(deductionId, 40, {
    clause: 'operating-metric-missed',
    basis: { kind: 'assessment', month },
    ...data,
  });

/** A decision by someone else than who recorded the deduction, like those below. */
export const revoke = (deductionId: string, data: Data = {}): Act =>
  by('reviewer-1', act('RecordRevocation', { deductionId, reason: 'granted', ...data }));

export const reduce = (deductionId: string, points: number): Act =>
  by('reviewer-1', act('RecordPartialRevocation', { deductionId, points, reason: 'in part' }));

/** By someone else than who recorded the decision that it undoes. */
export const reinstate = (deductionId: string, data: Data = {}): Act =>
  by('reviewer-2', act('RecordReinstatement', { deductionId, reason: 'reviewed again', ...data }));

export const correct = (deductionId: string, data: Data): Act =>
  act('CorrectDeduction', { deductionId, reason: 'typing error', ...data });

export const appeal = (appealId: string, deductionIds: readonly string[], data: Data = {}): Act =>
  act('InitiateAppeal', {
    appealId,
    agencyId: 'a1',
    deductionIds,
    grounds: 'we disagree',
    ...data,
  });

export const appealExpulsion = (appealId: string, data: Data = {}): Act =>
  act('InitiateAppeal', {
    appealId,
    agencyId: 'a1',
    expulsion: true,
    grounds: 'we disagree',
    ...data,
  });

export const lastChance = (
  appealId: string,
  deductionIds: readonly string[],
  data: Data = {},
): Act => appeal(appealId, deductionIds, { kind: 'last_chance', ...data });

export const submit = (appealId: string, data: Data = {}): Act =>
  act('SubmitEvidence', {
    ...data,
    appealId,
    items: [
      { evidenceId: 'e1', title: 'screenshot', mediaType: 'image/png', sha256: 'a'.repeat(64) },
    ],
  });

export const withdraw = (appealId: string, data: Data = {}): Act =>
  act('WithdrawAppeal', { appealId, ...data });

export const decideAppeal = (appealId: string, outcome: string, data: Data = {}): Act =>
  by('reviewer-1', act('DecideAppeal', { appealId, outcome, reason: 'as decided', ...data }));

export const expel = (data: Data = {}): Act =>
  act('RecordExpulsion', { agencyId: 'a1', reason: '120 points', ...data });

/** By someone else than who recorded the expulsion. */
export const revokeExpulsion = (): Act =>
  by('reviewer-1', act('RevokeExpulsion', { agencyId: 'a1', reason: 'without basis' }));

export const applyForReentry = (): Act => act('ApplyForReentry', { agencyId: 'a1' });

export const readmit = (): Act => act('RecordReadmission', { agencyId: 'a1' });

export const exit = (data: Data = {}): Act => act('RecordExit', { agencyId: 'a1', ...data });

export const observe = (balance: number, observedAt: string): Act =>
  act('ObservePlatformBalance', { agencyId: 'a1', balance, observedAt: shanghai(observedAt) });

/** A merchant's complaint of the agency by default; of a creator when the test names one. */
export const fileComplaint = (complaintId: string, occurredAt: string, data: Data = {}): Act =>
  act('FileComplaint', {
    complaintId,
    ...(data['creatorId'] === undefined && { agencyId: 'a1' }),
    complainant: { kind: 'merchant' },
    occurredAt: shanghai(occurredAt),
    subject: 'goods never sent',
    ...data,
  });

export const closeComplaint = (complaintId: string, outcome: string, data: Data = {}): Act =>
  act('CloseComplaint', { complaintId, outcome, ...data });

export const mergeComplaints = (into: string, ...from: readonly string[]): Act =>
  act('MergeComplaints', { into, from });

export const unmergeComplaint = (complaintId: string): Act =>
  act('UnmergeComplaint', { complaintId });

export const growthPost = (postId: string, occurredAt: string): Act =>
  act('RecordGrowthPost', { agencyId: 'a1', postId, occurredAt: shanghai(occurredAt) });

/** A measure of the platform; lifting and answers are given by others. */
export const measure = (measureId: string, data: Data = {}): Act =>
  act('RecordMeasure', { measureId, agencyId: 'a1', kind: 'traffic_restricted', ...data });

export const liftMeasure = (measureId: string, data: Data = {}): Act =>
  by('reviewer-1', act('LiftMeasure', { measureId, reason: 'put right', ...data }));

export const requestReview = (reviewId: string, about: Data): Act =>
  act('RequestHumanReview', { reviewId, agencyId: 'a1', ...about });

export const answerReview = (reviewId: string, outcome: string, data: Data = {}): Act =>
  by(
    'reviewer-1',
    act('AnswerHumanReview', { reviewId, outcome, reason: 'as it was seen', ...data }),
  );

/** Points added to a falling score; taken back by another. */
export const add = (additionId: string, points: number, data: Data = {}): Act =>
  act('RecordAddition', { additionId, agencyId: 'a1', points, ...data });

export const revokeAddition = (additionId: string): Act =>
  by('reviewer-1', act('RevokeAddition', { additionId, reason: 'added by mistake' }));

export const publish = (rulebook: unknown): Act => act('PublishRulebook', { rulebook });

export const publishCalendar = (calendar: unknown): Act => act('PublishCalendar', { calendar });

function act(command: string, data: Data): Act {
  return { command, data };
}
