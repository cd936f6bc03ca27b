import {
  parseInstant,
  shape,
  type InBoth,
  type RulebookRegister,
  type UncheckedEvent,
} from '@penalty-ledger/ledger';
import { isMonth } from './manifest.js';
import { PackError } from './pack-error.js';

/**
 * The forms of what a pack's answers are computed from (`docs/spec/evidence-pack.md`, "Data that
 * can be folded"): events from elsewhere have data of any form, and a sum of a text and a number
 * is another thing in every language.
 */
const { exactly, integerFrom, isHash, isId, isObject, isPeriod, listOf, objectOf } = shape;
type Form = shape.ShapeCheck;

const isAny: Form = () => true;
const isText: Form = (value) => typeof value === 'string';
const isFlag: Form = (value) => typeof value === 'boolean';
const isCount = integerFrom(0);
const isInteger: Form = (value) => Number.isSafeInteger(value);
/** An instant, or a later one: a window may end after the last year of events. */
const isEnd = shape.matching(
  /^(?:199[2-9]|[2-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z$/,
);
const isOnce = (list: readonly unknown[]): boolean => new Set(list).size === list.length;
const isIdsOnce: Form = (value) => {
  if (!listOf(isId)(value)) return false;
  const ids = value as readonly string[];
  return ids.length >= 1 && ids.length <= 500 && isOnce(ids);
};

/** The members that a correction of a deduction can name. */
const isCorrectable = shape.matching(
  /^(?:appealDeadline|clause|effectiveAt|notifiedAt|occurredAt|period|points)$/,
);
const isCorrected: Form = (value) => {
  if (!listOf(isCorrectable)(value)) return false;
  const names = value as readonly string[];
  return isOnce(names) && names.toSorted().join() === names.join();
};

const isCarryOver: Form = (value) =>
  value === null || objectOf({ as: isCount, atLeast: isCount })(value);

/** The record that a deduction rests on. */
const bases = [
  objectOf({
    kind: exactly('assessment'),
    month: isMonth,
  }),
  objectOf({ kind: exactly('complaint'), complaintId: isId }),
  objectOf({ kind: exactly('session'), sessionId: isId }),
];

const forms: Readonly<Record<string, Form>> = {
  account: isId,
  additionId: isId,
  admissible: isFlag,
  agencyId: isId,
  appealId: isId,
  automated: isFlag,
  balance: isInteger,
  basis: (value) => bases.some((isOfForm) => isOfForm(value)),
  carryOver: isCarryOver,
  clause: isId,
  closesAt: isEnd,
  complainantKind: shape.matching(/^(?:merchant|creator|consumer|platform)$/),
  complaintId: isId,
  computed: isInteger,
  corrected: isCorrected,
  creatorId: isId,
  deductionId: isId,
  deductionIds: isIdsOnce,
  evidenceBy: isEnd,
  expulsion: isCount,
  findings: listOf(objectOf({ code: isText, detail: isAny, severity: isAny })),
  initiateBy: isEnd,
  items: listOf(
    objectOf({ 'bytes?': isCount, evidenceId: isId, mediaType: isText, sha256: isHash }),
  ),
  kind: isText,
  measureId: isId,
  noticeSha256: isHash,
  outOfTime: isFlag,
  outcome: isText,
  pending: isCount,
  period: isPeriod,
  periodStated: isFlag,
  points: isCount,
  postId: isId,
  reentryFrom: isEnd,
  reviewId: isId,
  sha256: isHash,
  threshold: isCount,
  was: isCount,
  'ComplaintsMerged.from': listOf(isId),
};

/** The members of each type's data, `?` where one may be missing (`event.md`, "Agency events"). */
const members: Readonly<Record<string, string>> = {
  AgencyAdmitted: 'agencyId legalPerson?',
  AgencyExited: 'agencyId',
  AgencyReadmitted: 'agencyId findings?',
  DeductionImposed:
    'account agencyId appealDeadline? automated? basis? clause creatorId? deductionId findings? ' +
    'noticeSha256? period periodStated points',
  DeductionCorrected:
    'account agencyId appealDeadline? clause corrected deductionId period periodStated points',
  DeductionRevoked: 'agencyId appealId? deductionId findings? was',
  DeductionAdjusted: 'agencyId appealId? deductionId findings? points was',
  DeductionReinstated: 'agencyId deductionId findings? points was',
  AppealInitiated:
    'agencyId appealId deductionIds? evidenceBy expulsion? findings? initiateBy kind outOfTime ' +
    'pending?',
  AppealEvidenceSubmitted: 'agencyId appealId items',
  AppealWithdrawn: 'agencyId appealId',
  AppealDecided: 'agencyId appealId findings? outcome',
  PendingExpulsionOpened: 'account agencyId balance closesAt period threshold',
  PendingExpulsionLifted: 'account agencyId balance period threshold',
  ExpulsionExecuted: 'account agencyId balance carryOver findings? period reentryFrom threshold',
  ExpulsionUnsupported: 'agencyId balance expulsion',
  ExpulsionRevoked: 'agencyId appealId? expulsion findings?',
  ReentryApplied: 'admissible agencyId reentryFrom',
  PlatformBalanceObserved: 'account agencyId balance computed findings? period sha256?',
  ComplaintFiled: 'agencyId complainantKind complaintId creatorId?',
  ComplaintClosed: 'agencyId complaintId outcome',
  ComplaintsMerged: 'agencyId from into',
  ComplaintUnmerged: 'agencyId complaintId from',
  GrowthPostRecorded: 'agencyId postId',
  MeasureImposed: 'agencyId automated? deductionId? kind measureId until?',
  MeasureLifted: 'agencyId measureId',
  HumanReviewRequested: 'agencyId deductionId? measureId? reviewId',
  HumanReviewAnswered: 'agencyId findings? outcome reviewId',
  AdditionGranted: 'account additionId agencyId period points',
  AdditionRevoked: 'additionId agencyId',
  AssessmentComputed:
    'active agencyId alternative? anyTime base changed? exposed headcountMin minSessions month ' +
    'rate reasons sessions verdict',
};

const dataForms = new Map(
  Object.entries(members).map(([type, names]) => {
    const own = names.split(' ').map((name): [string, Form] => {
      const bare = name.replace('?', '');
      return [name, forms[`${type}.${bare}`] ?? forms[bare] ?? isAny];
    });
    return [type, objectOf(Object.fromEntries(own))];
  }),
);

/** The member of data by which an event creates something, and those that name it later. */
const creators: Readonly<Record<string, string>> = {
  DeductionImposed: 'deductionId',
  AppealInitiated: 'appealId',
  ComplaintFiled: 'complaintId',
  MeasureImposed: 'measureId',
  HumanReviewRequested: 'reviewId',
  AdditionGranted: 'additionId',
  ExpulsionExecuted: 'expulsion',
  PendingExpulsionOpened: 'pending',
};
const naming: Readonly<Record<string, readonly string[]>> = {
  DeductionCorrected: ['deductionId'],
  DeductionRevoked: ['deductionId'],
  DeductionAdjusted: ['deductionId'],
  DeductionReinstated: ['deductionId'],
  AppealInitiated: ['deductionIds', 'expulsion', 'pending'],
  AppealEvidenceSubmitted: ['appealId'],
  AppealWithdrawn: ['appealId'],
  AppealDecided: ['appealId'],
  ExpulsionUnsupported: ['expulsion'],
  ExpulsionRevoked: ['expulsion'],
  ComplaintClosed: ['complaintId'],
  ComplaintsMerged: ['from'],
  ComplaintUnmerged: ['complaintId'],
  MeasureLifted: ['measureId'],
  HumanReviewAnswered: ['reviewId'],
  AdditionRevoked: ['additionId'],
};
const kindOf: Readonly<Record<string, string>> = {
  deductionIds: 'deductionId',
  from: 'complaintId',
};

/** The most work that the answers of a pack may be (`docs/spec/evidence-pack.md`, "Limits"). */
const maxWork = 50_000_000;

/**
 * Checks that an agency's events can be folded: known types and versions, data of their form, and
 * what they name stands before them.
 *
 * @throws PackError `computation_events`; `computation_size` when the answers are too much work
 */
export function checkFoldable(
  events: readonly Pick<UncheckedEvent, 'data' | 'revision' | 'schemaVersion' | 'type'>[],
  register: RulebookRegister,
): void {
  const known = new Map<string, Set<unknown>>();
  const count = { admissions: 0, deductions: 0, expulsions: 0, standing: 0 };
  for (const { data, revision, schemaVersion, type } of events) {
    if (schemaVersion !== 1 || dataForms.get(type)?.(data) !== true)
      throw notFoldable(revision, { en: 'data of another form', zh: '数据格式不符' });
    for (const name of naming[type] ?? []) {
      const named = data[name] === undefined ? [] : [data[name]].flat();
      const there = known.get(kindOf[name] ?? name);
      if (!named.every((each) => there?.has(each) === true))
        throw notFoldable(revision, {
          en: `what ${name} names was never recorded`,
          zh: `${name} 所指的内容从未记录`,
        });
    }
    const creates = creators[type];
    if (creates !== undefined) {
      const there = known.get(creates) ?? new Set();
      const isNumbered = creates === 'expulsion' || creates === 'pending';
      known.set(creates, there.add(isNumbered ? there.size : data[creates]));
    }
    if (type === 'AgencyAdmitted' || type === 'AgencyReadmitted') count.admissions += 1;
    if (type === 'DeductionImposed') count.deductions += 1;
    if (type === 'ExpulsionExecuted') count.expulsions += 1;
    if (standingTypes.has(type)) count.standing += 1;
  }
  const summed = Math.max(1, count.admissions) * (count.deductions + count.standing);
  const sums = events.length * Math.max(1, count.expulsions) * maxAccounts(register);
  if (sums * summed > maxWork)
    throw new PackError('computation_size', {
      en: `${events.length} events of the agency: more work than a pack may ask for`,
      zh: `该机构有 ${events.length} 个事件：计算量超过证据包允许的上限`,
    });
}

function maxAccounts({ shipped, published }: RulebookRegister): number {
  const all = [...shipped, ...published.map(({ rulebook }) => rulebook)];
  return all.reduce((max, { document }) => Math.max(max, document.accounts.length), 1);
}

const standingTypes = new Set(['AgencyExited', 'PendingExpulsionOpened', 'ExpulsionExecuted']);

function notFoldable(revision: number, { en, zh }: InBoth): PackError {
  return new PackError('computation_events', {
    en: `the events cannot be folded: event ${revision} of the agency: ${en}`,
    zh: `无法按事件计算：该机构的事件 ${revision}：${zh}`,
  });
}

/** Accepts an object with members of these forms; it may have others. */
const having =
  (required: Readonly<Record<string, Form>>): Form =>
  (value) =>
    isObject(value) &&
    Object.entries(required).every(([name, form]) =>
      Object.hasOwn(value, name.replace('?', ''))
        ? form(value[name.replace('?', '')])
        : name.endsWith('?'),
    );

const isInstantText: Form = (value) => isText(value) && parseInstant(value as string) !== undefined;
const isWording = objectOf({ en: isText, zh: isText });
const isFilled: Form = (value) => Array.isArray(value) && value.length > 0;
const isWithin =
  (max: number, list: Form): Form =>
  (value) =>
    list(value) && (value as unknown[]).length <= max;
const parameter = (value: Form): Form => objectOf({ assumed: isFlag, source: isText, value });
const isDays = parameter(isCount);

const isAccount = having({
  carryOver: isCarryOver,
  'expels?': parameter(isFlag),
  id: isId,
  nodes: isWithin(100, listOf(having({ points: isCount, 'termDays?': isDays }))),
  'scale?': objectOf({
    cap: parameter(isCount),
    reset: parameter(exactly('yearly')),
    start: parameter(isCount),
  }),
  threshold: isCount,
});

const isClause = having({
  id: isId,
  points: (points) => points === null || isCount(points),
  text: isWording,
  title: isWording,
});

/** Accepts a rulebook document, of which an answer rests on these members. */
export const isRulebookDocument: Form = (value) =>
  having({
    accounts: (accounts) => isFilled(accounts) && isWithin(50, listOf(isAccount))(accounts),
    clauses: isWithin(1000, listOf(isClause)),
    effectiveFrom: isInstantText,
    id: isId,
    parameters: having({
      attribution: parameter(isText),
      banCount: parameter(isText),
      banDays: isDays,
      lastChanceDays: isDays,
    }),
    rulebookVersion: isId,
  })(value);

/** Accepts a calendar document. */
export const isCalendarDocument: Form = having({
  calendarVersion: isId,
  id: isId,
  years: listOf(having({ off: listOf(isText), worked: listOf(isText), year: isInteger })),
});
