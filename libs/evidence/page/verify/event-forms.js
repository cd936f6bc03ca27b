import { isCount, isHash, isId, isObject, listOf, matching, objectOf } from './forms.js';
import { must } from './problem.js';

/* Data that can be folded: evidence-pack.md. */

const isAny = () => true;
const isText = (value) => typeof value === 'string';
const isFlag = (value) => typeof value === 'boolean';
const isInteger = (value) => Number.isSafeInteger(value);
const isEnd = matching(
  /^(?:199[2-9]|[2-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z$/,
);
const isOnce = (list) => new Set(list).size === list.length;
const isIdsOnce = (value) =>
  listOf(isId)(value) && value.length >= 1 && value.length <= 500 && isOnce(value);
const isCorrectable = matching(
  /^(?:appealDeadline|clause|effectiveAt|notifiedAt|occurredAt|period|points)$/,
);
const isCorrected = (value) =>
  listOf(isCorrectable)(value) && isOnce(value) && `${value.toSorted()}` === `${value}`;

/** The record that a deduction rests on. */
const bases = [
  objectOf({
    kind: matching(/^assessment$/),
    month: matching(/^(?:199[2-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])$/),
  }),
  objectOf({ kind: matching(/^complaint$/), complaintId: isId }),
  objectOf({ kind: matching(/^session$/), sessionId: isId }),
];

const formOfMember = {
  account: isId,
  additionId: isId,
  admissible: isFlag,
  agencyId: isId,
  appealId: isId,
  automated: isFlag,
  balance: isInteger,
  basis: (value) => bases.some((isOfForm) => isOfForm(value)),
  carryOver: (value) => value === null || objectOf({ as: isCount, atLeast: isCount })(value),
  clause: isId,
  closesAt: isEnd,
  complainantKind: matching(/^(?:merchant|creator|consumer|platform)$/),
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
  period: matching(/^(?:199[2-9]|[2-8][0-9]{3})$/),
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

/** The members of each type's data, `?` where one may be missing (event.md, "Agency events"). */
const membersOfType = {
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

const formOfType = new Map(
  Object.entries(membersOfType).map(([type, names]) => {
    const own = names.split(' ').map((name) => {
      const bare = name.replace('?', '');
      return [name, formOfMember[`${type}.${bare}`] ?? formOfMember[bare] ?? isAny];
    });
    return [type, objectOf(Object.fromEntries(own))];
  }),
);

/** The member of data by which an event creates something, and those that name it later. */
const createdBy = new Map(
  Object.entries({
    DeductionImposed: 'deductionId',
    AppealInitiated: 'appealId',
    ComplaintFiled: 'complaintId',
    MeasureImposed: 'measureId',
    HumanReviewRequested: 'reviewId',
    AdditionGranted: 'additionId',
    ExpulsionExecuted: 'expulsion',
    PendingExpulsionOpened: 'pending',
  }),
);
const namedBy = new Map(
  Object.entries({
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
  }),
);
const kindNamed = { deductionIds: 'deductionId', from: 'complaintId' };

const mostWork = 50_000_000;
const standingTypes = ['AgencyExited', 'PendingExpulsionOpened', 'ExpulsionExecuted'];

/** Checks that an agency's events have data that can be folded, and how much work that is. */
export const checkFoldable = (events, register) => {
  const known = new Map();
  const knownOf = (kind) => {
    if (!known.has(kind)) known.set(kind, new Set());
    return known.get(kind);
  };
  for (const { data, schemaVersion, type } of events) {
    const isOfForm = schemaVersion === 1 && formOfType.get(type)?.(data) === true;
    must(isOfForm, 'computation_events', `data of another form: ${type}`);
    for (const name of namedBy.get(type) ?? []) {
      const ids = data[name] === undefined ? [] : [data[name]].flat();
      const there = knownOf(kindNamed[name] ?? name);
      must(
        ids.every((id) => there.has(id)),
        'computation_events',
        `what ${name} names was never recorded`,
      );
    }
    const created = createdBy.get(type);
    if (created === undefined) continue;
    const there = knownOf(created);
    there.add(created === 'expulsion' || created === 'pending' ? there.size : data[created]);
  }
  const count = (types) => events.filter(({ type }) => types.includes(type)).length;
  const admissions = Math.max(1, count(['AgencyAdmitted', 'AgencyReadmitted']));
  const summed = admissions * (count(['DeductionImposed']) + count(standingTypes));
  const accounts = register.map(({ document }) => document.accounts.length);
  const expulsions = Math.max(1, count(['ExpulsionExecuted']));
  const sums = events.length * expulsions * Math.max(1, ...accounts);
  must(sums * summed <= mostWork, 'computation_size');
};

/** Accepts an object with members of these forms; it may have others. */
const having = (required) => (value) =>
  isObject(value) &&
  Object.entries(required).every(([name, isOfForm]) => {
    const bare = name.replace('?', '');
    return Object.hasOwn(value, bare) ? isOfForm(value[bare]) : name.endsWith('?');
  });

const isWording = objectOf({ en: isText, zh: isText });
const parameterOf = (value) => objectOf({ assumed: isFlag, source: isText, value });
const isDays = parameterOf(isCount);
const isWithin = (most, isList) => (value) => isList(value) && value.length <= most;

const isAccount = having({
  carryOver: formOfMember.carryOver,
  'expels?': parameterOf(isFlag),
  id: isId,
  nodes: isWithin(100, listOf(having({ points: isCount, 'termDays?': isDays }))),
  'scale?': objectOf({
    cap: parameterOf(isCount),
    reset: parameterOf((value) => value === 'yearly'),
    start: parameterOf(isCount),
  }),
  threshold: isCount,
});

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})0*)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Returns the instant of a text with an offset, as events spell it, or undefined. */
export const instantOfText = (text) => {
  const parts = typeof text === 'string' ? rfc3339.exec(text) : null;
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const [fraction = '', sign, hours = '0', minutes = '0'] = parts.slice(7);
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1991;
  if (!isDay || hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const at = date.setUTCHours(hour, minute - offset, second, Number(fraction.padEnd(3, '0')));
  const instant = new Date(at).toISOString();
  const isInRange = instant >= '1992-01-01T00:00:00.000Z' && instant <= '9000-12-31T00:00:00.000Z';
  return isInRange ? instant : undefined;
};

/** Accepts a rulebook document, of which an answer rests on these members. */
export const isRulebookDocument = having({
  accounts: (accounts) => isWithin(50, listOf(isAccount))(accounts) && accounts.length > 0,
  clauses: isWithin(
    1000,
    listOf(
      having({
        id: isId,
        points: (points) => points === null || isCount(points),
        text: isWording,
        title: isWording,
      }),
    ),
  ),
  effectiveFrom: (value) => instantOfText(value) !== undefined,
  id: isId,
  parameters: having({
    attribution: parameterOf(isText),
    banCount: parameterOf(isText),
    banDays: isDays,
    lastChanceDays: isDays,
  }),
  rulebookVersion: isId,
});

/** Accepts a calendar document. */
export const isCalendarDocument = having({
  calendarVersion: isId,
  id: isId,
  years: listOf(having({ off: listOf(isText), worked: listOf(isText), year: isInteger })),
});
