import { isDate, parseInstant } from './calendar.js';

/**
 * The shape of a well-formed command line or query (interchange §2, §3). Anything else is
 * `invalid`.
 */

type Check = (value: unknown) => boolean;
interface Field {
  readonly check: Check;
  readonly required: boolean;
}
export type Shape = Readonly<Record<string, Field>>;
export type Data = Readonly<Record<string, unknown>>;

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fits(value: unknown, shape: Shape): value is Data {
  if (!isData(value)) return false;
  if (Object.keys(value).some((key) => !Object.hasOwn(shape, key))) return false;
  return Object.entries(shape).every(([key, field]) =>
    Object.hasOwn(value, key) ? field.check(value[key]) : !field.required,
  );
}

const must = (check: Check): Field => ({ check, required: true });
const may = (check: Check): Field => ({ check, required: false });

const id: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9._:-]{1,64}$/.test(value);
const boolean: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string' && value.length > 0;
const instant: Check = (value) => parseInstant(value) !== null;
const year: Check = (value) => typeof value === 'string' && /^\d{4}$/.test(value);
const month: Check = (value) => typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value);
const date: Check = (value) => typeof value === 'string' && isDate(value);
/** `type/subtype` (docs/decisions/input.md); parameters are not taken. */
const mediaType: Check = (value) =>
  typeof value === 'string' && /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/.test(value);
const sha256: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const object =
  (shape: Shape): Check =>
  (value) =>
    fits(value, shape);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check);
const anyOf =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));

/** Lists name each id once (R 24). */
const distinct =
  (list: Check, name: (item: unknown) => unknown): Check =>
  (value) =>
    list(value) && Array.isArray(value) && new Set(value.map(name)).size === value.length;
/** May be empty and may repeat itself: amounts add up (R 45). */
const sales: Check = (value) =>
  Array.isArray(value) &&
  value.every(object({ vertical: must(text), amountFen: must(integer(0)) }));
const field =
  (key: string) =>
  (item: unknown): unknown =>
    isData(item) ? item[key] : undefined;

export const envelope: Shape = {
  at: must(instant),
  command: must(text),
  by: may(id),
  commandId: may(id),
  data: must(isData),
};

export const commands: Readonly<Record<string, Shape>> = {
  AdmitAgency: {
    agencyId: must(id),
    name: must(text),
    legalPersonId: may(id),
    effectiveAt: may(instant),
  },
  RecordExit: { agencyId: must(id), effectiveAt: may(instant), reason: may(text) },
  RecordDeduction: {
    deductionId: must(id),
    agencyId: must(id),
    points: must(integer(1, 120)),
    clause: must(text),
    occurredAt: must(instant),
    effectiveAt: may(instant),
    decidedAt: may(instant),
    notifiedAt: may(instant),
    appealDeadline: may(instant),
    period: may(year),
    creatorId: may(id),
    basis: may(
      anyOf(
        object({ kind: must(oneOf('assessment')), month: must(month) }),
        object({ kind: must(oneOf('complaint')), complaintId: must(id) }),
        object({ kind: must(oneOf('session')), sessionId: must(id) }),
      ),
    ),
    notice: may(object({ caseNo: may(text), text: may(text), sha256: may(sha256) })),
    statement: may(
      object({ facts: may(text), reason: may(text), basis: may(text), remedy: may(text) }),
    ),
    automated: may(boolean),
  },
  RecordRevocation: { deductionId: must(id), reason: must(text), decidedAt: may(instant) },
  RecordPartialRevocation: {
    deductionId: must(id),
    points: must(integer(1)),
    reason: must(text),
    decidedAt: may(instant),
  },
  RecordReinstatement: {
    deductionId: must(id),
    points: may(integer(1)),
    reason: must(text),
    decidedAt: may(instant),
  },
  CorrectDeduction: {
    deductionId: must(id),
    reason: must(text),
    points: may(integer(1, 120)),
    clause: may(text),
    occurredAt: may(instant),
    effectiveAt: may(instant),
    period: may(year),
    notifiedAt: may(instant),
    appealDeadline: may(instant),
  },
  InitiateAppeal: {
    appealId: must(id),
    agencyId: must(id),
    kind: may(oneOf('ordinary', 'last_chance')),
    deductionIds: may(distinct(listOf(id), (item) => item)),
    expulsion: may(oneOf(true)),
    grounds: must(text),
    initiatedAt: may(instant),
  },
  SubmitEvidence: {
    appealId: must(id),
    items: must(
      distinct(
        listOf(
          object({
            evidenceId: must(id),
            title: must(text),
            mediaType: must(mediaType),
            sha256: must(sha256),
            bytes: may(integer(0)),
          }),
        ),
        field('evidenceId'),
      ),
    ),
    submittedAt: may(instant),
  },
  WithdrawAppeal: { appealId: must(id), reason: may(text), withdrawnAt: may(instant) },
  DecideAppeal: {
    appealId: must(id),
    outcome: must(oneOf('upheld', 'partly_upheld', 'rejected', 'inadmissible')),
    adjustments: may(
      distinct(
        listOf(object({ deductionId: must(id), points: must(integer(0, 120)) })),
        field('deductionId'),
      ),
    ),
    reason: must(text),
    decidedAt: may(instant),
  },
  RecordExpulsion: { agencyId: must(id), reason: must(text), effectiveAt: may(instant) },
  RevokeExpulsion: { agencyId: must(id), reason: must(text) },
  ApplyForReentry: { agencyId: must(id) },
  RecordReadmission: { agencyId: must(id) },
  ObservePlatformBalance: {
    agencyId: must(id),
    balance: must(integer(Number.MIN_SAFE_INTEGER)),
    observedAt: must(instant),
    sha256: may(sha256),
  },
  RegisterEvidence: {
    evidenceId: must(id),
    subject: must(object({ kind: must(text), id: must(id) })),
    title: must(text),
    mediaType: must(mediaType),
    sha256: must(sha256),
    capturedAt: may(instant),
  },
  BindCreator: {
    agencyId: must(id),
    creatorId: must(id),
    name: may(text),
    effectiveAt: may(instant),
  },
  UnbindCreator: { agencyId: must(id), creatorId: must(id), effectiveAt: may(instant) },
  GrantExposureRight: { creatorId: must(id), effectiveAt: may(instant) },
  WithdrawExposureRight: { creatorId: must(id), effectiveAt: may(instant) },
  RecordSession: {
    sessionId: must(id),
    creatorId: must(id),
    startedAt: must(instant),
    endedAt: must(instant),
    contentVertical: may(text),
    sales: may(sales),
    newFollowers: may(integer(0)),
    views: may(integer(0)),
  },
  CorrectSession: {
    sessionId: must(id),
    reason: must(text),
    startedAt: may(instant),
    endedAt: may(instant),
    contentVertical: may(text),
    sales: may(sales),
    newFollowers: may(integer(0)),
    views: may(integer(0)),
  },
  VoidSession: { sessionId: must(id), reason: must(text) },
  FileComplaint: {
    complaintId: must(id),
    agencyId: may(id),
    creatorId: may(id),
    complainant: must(
      object({ kind: must(oneOf('merchant', 'creator', 'consumer', 'platform')), id: may(id) }),
    ),
    occurredAt: must(instant),
    subject: must(text),
    caseNo: may(text),
  },
  CloseComplaint: {
    complaintId: must(id),
    outcome: must(oneOf('upheld', 'dismissed', 'withdrawn')),
    reason: may(text),
  },
  MergeComplaints: { into: must(id), from: must(distinct(listOf(id), (item) => item)) },
  UnmergeComplaint: { complaintId: must(id) },
  ComputeAssessment: { month: must(month), agencyId: may(id) },
  RecordGrowthPost: { agencyId: must(id), postId: must(id), occurredAt: must(instant) },
  AllocateSlots: { date: must(date), vertical: must(text), month: must(month) },
  // R 59: any integer; other hours have no slots.
  WaiveSlot: { date: must(date), hour: must(integer(0)), agencyId: must(id) },
  AssignSlot: {
    date: must(date),
    hour: must(integer(0)),
    agencyId: must(id),
    creatorIds: must(distinct(listOf(id), (item) => item)),
  },
  ProposeTheme: { proposalId: must(id), agencyId: must(id), month: must(month), title: must(text) },
  SelectTheme: { proposalId: must(id) },
  DeclareBlackout: { date: must(date), reason: must(text) },
};

export const queries: Readonly<Record<string, Shape>> = {
  balance: {
    query: must(text),
    agencyId: must(id),
    effectiveAt: may(instant),
    knownAt: may(instant),
    period: may(year),
  },
  appeal: { query: must(text), appealId: must(id), knownAt: may(instant) },
  assessment: { query: must(text), agencyId: must(id), month: must(month), knownAt: may(instant) },
  vertical: { query: must(text), month: must(month), vertical: must(text) },
  agencies: {
    query: must(text),
    effectiveAt: may(instant),
    knownAt: may(instant),
    standing: may(oneOf('not_admitted', 'active', 'pending_expulsion', 'expelled', 'exited')),
  },
  whatif: {
    query: must(text),
    agencyId: must(id),
    effectiveAt: may(instant),
    knownAt: may(instant),
    without: may((value) => Array.isArray(value) && value.every(id)),
    points: may(
      (value) =>
        isData(value) && Object.keys(value).every(id) && Object.values(value).every(integer(0)),
    ),
    attribution: may(oneOf('effectiveAt', 'occurredAt', 'assessmentMonthEnd')),
    rulebook: may(text),
  },
};
