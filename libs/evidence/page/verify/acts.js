import { stateAt } from './appeals.js';
import { pointsAt, standingAt, sumAt, valuesAt } from './balance.js';
import { canonical } from './canonical-json.js';
import { byText } from './forms.js';
import { must } from './problem.js';
import { inForceAt } from './rulebooks.js';

// What an act must be by the rulebooks and the events before it: evidence-pack.md, "Decisions".

/** Later than any instant: all that is recorded so far is known. */
export const endOfTime = '9999-12-31T23:59:59.999Z';

const asRecorded = (holds, why) => must(holds, 'decision_differs', why);

const isIn = (list, value) => list.includes(value);
const isAdmittedAt = (history, at) =>
  isIn(['active', 'pending_expulsion'], standingAt(history, at, endOfTime).standing);
const earlierOf = (a, b) => (a < b ? a : b);
const hoursLater = (instant, hours) =>
  new Date(Date.parse(instant) + hours * 3_600_000).toISOString();
const daysLater = ({ calendar }, instant, days) => calendar.startOfDayAfter(instant, days + 1);

/** Checks what an event says of itself against what it comes to, member by member. */
export const checkMembers = ({ data, ...event }, members) => {
  for (const [name, value] of Object.entries(members)) {
    const said = name === 'rulebook' || name === 'effectiveAt' ? event[name] : data[name];
    asRecorded(canonical([said ?? null]) === canonical([value ?? null]), `${event.type}: ${name}`);
  }
};

/**
 * Checks the findings that are recomputed here: in an observer's ledger they stand with the act,
 * and an operator refuses it for a breach.
 */
const checkFindings = ({ data, type }, { mode }, found) => {
  const codes = (data.findings ?? []).map(({ code }) => code);
  for (const [code, isFound] of Object.entries(found)) {
    const times = codes.filter((each) => each === code).length;
    asRecorded(times === Number(isFound), `${type}: ${code}`);
    const isRefused = isFound && isIn(breaches, code) && mode === 'operator';
    asRecorded(!isRefused, `${type}: refused with ${code}`);
  }
};

const breaches = [
  'appeal_worsened',
  'below_threshold',
  'no_last_chance',
  'reentry_early',
  'tariff_mismatch',
];

/** Findings that are not recomputed here, which the verdict lists. */
const taken = ['appeal_worsened', 'assessment_disagrees', 'balance_mismatch', 'same_actor'];

/** By type, the findings that are recomputed. */
const recomputed = new Map([
  ['AgencyReadmitted', ['reentry_early']],
  ['AppealInitiated', ['appeal_late']],
  ['DeductionImposed', ['tariff_mismatch', 'possible_duplicate', 'retroactive_threshold']],
  ['ExpulsionExecuted', ['no_last_chance', 'below_threshold']],
]);

/** Checks that an act has no other findings than it can lead to, each of its severity. */
const checkFound = ({ data, type }) => {
  for (const { code, severity } of data.findings ?? []) {
    const isPossible = isIn(taken, code) || isIn(recomputed.get(type) ?? [], code);
    asRecorded(isPossible, `${type}: ${code}`);
    const expected = isIn(breaches, code) ? 'breach' : 'warning';
    asRecorded(severity === expected, `${type}: severity of ${code}`);
  }
};

const rulebookOf = ({ register }, at) => inForceAt(register, at, endOfTime);

const accountIn = ({ document }, id) =>
  document.accounts.find((account) => account.id === id) ?? document.accounts[0];

export const isExpelling = ({ expels }) => expels?.value !== false;

/** Checks the points, the rulebook, the clause's account and the period of a deduction's values. */
const checkTerms = (event, basis, terms) => {
  const { data, effectiveAt, occurredAt, recordedAt } = event;
  asRecorded(occurredAt <= recordedAt && occurredAt <= effectiveAt, `${event.type}: instants`);
  const ahead = hoursLater(recordedAt, 366 * 24);
  asRecorded(effectiveAt <= ahead, `${event.type}: more than 366 days ahead`);
  const rulebook = rulebookOf(terms, occurredAt);
  const { attribution, maxPoints, minPoints } = rulebook.document.parameters;
  const { points } = data;
  const isInRange = points >= minPoints.value && points <= maxPoints.value;
  asRecorded(Number.isSafeInteger(points) && isInRange, `${event.type}: points`);
  const month = basis?.kind === 'assessment' ? basis.month : undefined;
  const byAttribution = {
    effectiveAt: () => terms.calendar.yearOf(effectiveAt),
    occurredAt: () => terms.calendar.yearOf(occurredAt),
    assessmentMonthEnd: () => month?.slice(0, 4) ?? terms.calendar.yearOf(effectiveAt),
  };
  const period = data.periodStated ? data.period : byAttribution[attribution.value]();
  checkMembers(event, { rulebook: rulebook.reference, period });
  return rulebook;
};

/** Says whether a late entry brings an earlier period to the threshold. */
const isRetroactive = (history, { data, effectiveAt, recordedAt: now }, terms) => {
  const { account: id, period, points } = data;
  if (period >= terms.calendar.yearOf(now) || effectiveAt > now) return false;
  const episodeAt = (at) => standingAt(history, at, endOfTime).episode;
  if (episodeAt(effectiveAt) !== episodeAt(now)) return false;
  const account = accountIn(rulebookOf(terms, now), id);
  if (!isExpelling(account)) return false;
  const before = sumAt(history, { effectiveAt: now, knownAt: endOfTime, period, account });
  return before < account.threshold && before + points >= account.threshold;
};

const checkImposed = (history, event, terms) => {
  const { data, effectiveAt, occurredAt, recordedAt: now } = event;
  const rulebook = checkTerms(event, data.basis, terms);
  const clause = rulebook.document.clauses.find(({ id }) => id === data.clause);
  asRecorded(clause !== undefined, 'DeductionImposed: clause');
  checkMembers(event, { account: clause.account });
  asRecorded(isAdmittedAt(history, earlierOf(effectiveAt, now)), 'DeductionImposed: not admitted');
  const twin = [...history.deductions.values()].some((other) => {
    const values = valuesAt(other, endOfTime);
    const isSame = values.points === data.points && values.clause === data.clause;
    return isSame && values.occurredAt === occurredAt;
  });
  checkFindings(event, terms, {
    tariff_mismatch: clause.points !== null && clause.points !== data.points,
    possible_duplicate: twin,
    retroactive_threshold: isRetroactive(history, event, terms),
  });
};

const checkCorrected = (history, event, terms) => {
  const { data, recordedAt: now } = event;
  const { corrected, deductionId } = data;
  const deduction = history.deductions.get(deductionId);
  const before = valuesAt(deduction, endOfTime);
  const isKept = (name) => !corrected.includes(name);
  const after = { ...event, ...data };
  for (const name of ['clause', 'effectiveAt', 'occurredAt', 'points'])
    if (isKept(name)) asRecorded(after[name] === before[name], `DeductionCorrected: ${name}`);
  const { document } = checkTerms(event, deduction.basis, terms);
  const clause = document.clauses.find(({ id }) => id === data.clause);
  checkMembers(event, { account: clause?.account ?? before.account });
  asRecorded(clause !== undefined || isKept('clause'), 'DeductionCorrected: clause');
  if (!isKept('effectiveAt'))
    asRecorded(isAdmittedAt(history, earlierOf(event.effectiveAt, now)), 'DeductionCorrected');
};

const checkDecided = (history, event) => {
  const { data, type } = event;
  const deduction = history.deductions.get(data.deductionId);
  const counts = pointsAt(deduction, endOfTime);
  checkMembers(event, { was: counts });
  const { points } = data;
  const original = valuesAt(deduction, endOfTime).points;
  const isRight = {
    DeductionRevoked: () => counts > 0,
    DeductionAdjusted: () =>
      Number.isSafeInteger(points) &&
      points > 0 &&
      (data.appealId === undefined ? points < counts : points !== counts),
    DeductionReinstated: () =>
      Number.isSafeInteger(points) && points > counts && points <= original,
  };
  asRecorded(isRight[type](), type);
};

/** Checks that an act is not ahead of its recording: only a deduction takes effect later. */
const checkInstants = ({ decidedAt, effectiveAt, occurredAt, recordedAt, type }) => {
  const stated = [
    occurredAt,
    ...(isIn(['DeductionImposed', 'DeductionCorrected'], type) ? [] : [effectiveAt]),
    ...(type === 'AppealDecided' ? [decidedAt] : []),
  ];
  asRecorded(
    stated.every((at) => at === undefined || at <= recordedAt),
    `${type}: in the future`,
  );
};

/** Checks the instant that an act on an appeal states: an operator states a decision's alone. */
const checkStated = ({ decidedAt, occurredAt, type }, { mode }, earliest) => {
  asRecorded(mode === 'observer' || occurredAt === undefined, `${type}: entered late`);
  const stated = decidedAt ?? occurredAt;
  asRecorded(stated === undefined || stated >= earliest, `${type}: before what it is about`);
};

const isClosed = ({ decided, withdrawn }) => decided !== undefined || withdrawn !== undefined;

const lastChanceOf = ({ appeals, pendings }, pending) =>
  [...appeals.values()].find((appeal) => appeal.pending === pendings.indexOf(pending));

/** Returns until when the acts that an appeal names can be appealed, and the links to them. */
const windowOf = (history, { data, recordedAt: now }, terms) => {
  const { expulsions, pendings } = history;
  if (data.expulsion !== undefined) {
    const number = expulsions.findLastIndex(({ revoked }) => revoked === undefined);
    const { effectiveAt, recordedAt } = expulsions[number];
    const isNamed = [...history.appeals.values()].some(({ expulsion }) => expulsion === number);
    asRecorded(!isNamed, 'AppealInitiated: appealed already');
    const { appealInitiateDays } = rulebookOf(terms, effectiveAt).document.parameters;
    const initiateBy = daysLater(terms, recordedAt, appealInitiateDays.value);
    return { expulsion: number, initiateBy };
  }
  const named = data.deductionIds.map((id) => history.deductions.get(id));
  const isCounting = named.every((one) => one !== undefined && pointsAt(one, endOfTime) > 0);
  asRecorded(isCounting, 'AppealInitiated: deductionIds');
  if (data.kind === 'last_chance') {
    const { pending } = standingAt(history, now, endOfTime);
    asRecorded(pending !== undefined, 'AppealInitiated: no pending expulsion');
    asRecorded(lastChanceOf(history, pending) === undefined, 'AppealInitiated: chance taken');
    return { initiateBy: pending.closesAt, pending: pendings.indexOf(pending) };
  }
  asRecorded(
    named.every(({ appealIds }) => appealIds.length === 0),
    'AppealInitiated: appealed already',
  );
  const windows = named.map((one) => {
    const { appealDeadline, notifiedAt, occurredAt } = valuesAt(one, endOfTime);
    const { appealInitiateDays } = rulebookOf(terms, occurredAt).document.parameters;
    const from = notifiedAt ?? one.recordedAt;
    return appealDeadline ?? daysLater(terms, from, appealInitiateDays.value);
  });
  return { initiateBy: windows.sort(byText)[0] };
};

const checkInitiated = (history, event, terms) => {
  const initiatedAt = event.occurredAt ?? event.recordedAt;
  const { reference, document } = rulebookOf(terms, initiatedAt);
  const window = windowOf(history, event, terms);
  const { deductionIds, expulsion } = event.data;
  const named = expulsion === undefined ? deductionIds : [];
  const occurrences = named.map((id) => valuesAt(history.deductions.get(id), endOfTime).occurredAt);
  checkStated(event, terms, occurrences.sort(byText).at(-1) ?? '');
  const isLate = initiatedAt >= window.initiateBy;
  checkMembers(event, {
    expulsion: window.expulsion,
    initiateBy: window.initiateBy,
    pending: window.pending,
    evidenceBy: hoursLater(initiatedAt, document.parameters.appealEvidenceHours.value),
    outOfTime: isLate,
    rulebook: reference,
  });
  checkFindings(event, terms, { appeal_late: isLate });
};

const checkSubmitted = ({ appeals }, event, terms) => {
  const { data, occurredAt, recordedAt } = event;
  const appeal = appeals.get(data.appealId);
  checkStated(event, terms, appeal.initiatedAt);
  const isOpen = !isClosed(appeal) && !appeal.outOfTime && appeal.evidence === undefined;
  asRecorded(isOpen, 'AppealEvidenceSubmitted: closed');
  const isInTime = (occurredAt ?? recordedAt) < appeal.evidenceBy;
  asRecorded(isInTime, 'AppealEvidenceSubmitted: too late');
};

const checkOpenAppeal = ({ appeals }, event, terms) => {
  const { data, type } = event;
  const appeal = appeals.get(data.appealId);
  asRecorded(!isClosed(appeal), `${type}: closed`);
  checkStated(event, terms, appeal.initiatedAt);
};

const checkComplaintOpen = ({ closed }, { data, type }) =>
  asRecorded(!closed.has(data.complaintId), `${type}: closed`);

const checkExpelled = (history, event, terms) => {
  const { effectiveAt, recordedAt: now } = event;
  const { pending } = standingAt(history, now, endOfTime);
  asRecorded(isAdmittedAt(history, now), 'ExpulsionExecuted: not admitted');
  const { reference, document } = rulebookOf(terms, effectiveAt);
  const period = pending?.period ?? terms.calendar.yearOf(effectiveAt);
  const account = accountIn({ document }, pending?.account);
  const balance = sumAt(history, { effectiveAt, knownAt: endOfTime, period, account });
  const { banCount, banDays } = document.parameters;
  checkMembers(event, {
    account: account.id,
    balance,
    carryOver: account.carryOver,
    period,
    reentryFrom:
      banCount.value === 'natural_days'
        ? daysLater(terms, effectiveAt, banDays.value)
        : hoursLater(effectiveAt, banDays.value * 24),
    rulebook: reference,
    threshold: account.threshold,
  });
  const chance = pending && lastChanceOf(history, pending);
  const hasChance =
    chance === undefined
      ? now < (pending?.closesAt ?? endOfTime)
      : isIn(['initiated', 'evidence_submitted'], stateAt(chance, now));
  checkFindings(event, terms, {
    no_last_chance: hasChance,
    below_threshold: balance < account.threshold,
  });
};

const checkRevoked = ({ expulsions }, event) => {
  const isRevoked = expulsions[event.data.expulsion]?.revoked !== undefined;
  asRecorded(!isRevoked, 'ExpulsionRevoked: revoked already');
};

const checkApplied = (history, event) => {
  const { expulsion } = standingAt(history, event.recordedAt, endOfTime);
  asRecorded(expulsion !== undefined, 'ReentryApplied: not expelled');
  const { reentryFrom } = expulsion;
  checkMembers(event, { admissible: event.recordedAt >= reentryFrom, reentryFrom });
};

const checkReadmitted = (history, event, terms) => {
  const now = event.recordedAt;
  const { expulsion, standing } = standingAt(history, now, endOfTime);
  asRecorded(isIn(['expelled', 'exited'], standing), 'AgencyReadmitted: not expelled');
  checkMembers(event, { effectiveAt: now });
  const isEarly = expulsion !== undefined && now < expulsion.reentryFrom;
  checkFindings(event, terms, { reentry_early: isEarly });
};

const checkExited = (history, { effectiveAt, recordedAt }) =>
  asRecorded(
    [effectiveAt, recordedAt].every((at) => isAdmittedAt(history, at)),
    'AgencyExited: not admitted',
  );

/** By type, the check of an act that is recorded on the history before it. */
const checks = {
  AgencyExited: checkExited,
  AgencyReadmitted: checkReadmitted,
  AppealDecided: checkOpenAppeal,
  AppealEvidenceSubmitted: checkSubmitted,
  AppealInitiated: checkInitiated,
  AppealWithdrawn: checkOpenAppeal,
  ComplaintClosed: checkComplaintOpen,
  DeductionAdjusted: checkDecided,
  DeductionCorrected: checkCorrected,
  DeductionImposed: checkImposed,
  DeductionReinstated: checkDecided,
  DeductionRevoked: checkDecided,
  ExpulsionExecuted: checkExpelled,
  ExpulsionRevoked: checkRevoked,
  ReentryApplied: checkApplied,
};

/**
 * Checks an act against the history before it; some acts depend on nothing that is checked here.
 */
export const checkAct = (history, event, terms) => {
  checkInstants(event);
  checkFound(event);
  if (Object.hasOwn(checks, event.type)) checks[event.type](history, event, terms);
};
