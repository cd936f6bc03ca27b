import { checkAct, checkMembers, endOfTime, isExpelling } from './acts.js';
import { basesOf, checkAssessed, checkCountable, isCountedAgain } from './assessments.js';
import { standingAt, sumAt } from './balance.js';
import { canonical } from './canonical-json.js';
import { checkFoldable } from './event-forms.js';
import { add, emptyHistory } from './history.js';
import { checkOnce } from './once.js';
import { must, Problem } from './problem.js';
import { inForceAt } from './rulebooks.js';
import { calendarOf } from './zone.js';

/** By command, the type of the first event it records on an agency. */
const recordedBy = {
  AdmitAgency: 'AgencyAdmitted',
  RecordExit: 'AgencyExited',
  RecordDeduction: 'DeductionImposed',
  RecordRevocation: 'DeductionRevoked',
  RecordPartialRevocation: 'DeductionAdjusted',
  RecordReinstatement: 'DeductionReinstated',
  CorrectDeduction: 'DeductionCorrected',
  InitiateAppeal: 'AppealInitiated',
  SubmitEvidence: 'AppealEvidenceSubmitted',
  WithdrawAppeal: 'AppealWithdrawn',
  DecideAppeal: 'AppealDecided',
  RecordExpulsion: 'ExpulsionExecuted',
  RevokeExpulsion: 'ExpulsionRevoked',
  ApplyForReentry: 'ReentryApplied',
  RecordReadmission: 'AgencyReadmitted',
  ObservePlatformBalance: 'PlatformBalanceObserved',
  FileComplaint: 'ComplaintFiled',
  CloseComplaint: 'ComplaintClosed',
  MergeComplaints: 'ComplaintsMerged',
  UnmergeComplaint: 'ComplaintUnmerged',
  RecordMeasure: 'MeasureImposed',
  LiftMeasure: 'MeasureLifted',
  RequestHumanReview: 'HumanReviewRequested',
  AnswerHumanReview: 'HumanReviewAnswered',
  RecordAddition: 'AdditionGranted',
  RevokeAddition: 'AdditionRevoked',
  RecordGrowthPost: 'GrowthPostRecorded',
  ComputeAssessment: 'AssessmentComputed',
};

/** Types that follow from what was recorded, and that no command records. */
const following = ['PendingExpulsionLifted', 'ExpulsionUnsupported', 'PendingExpulsionOpened'];

const sumNow = (history, now, period, account) =>
  sumAt(history, { effectiveAt: now, knownAt: endOfTime, period, account });

const supportOf = (history, { account, effectiveAt, period }) =>
  sumAt(history, { effectiveAt, knownAt: endOfTime, period, account });

const isSupported = (history, expulsion) =>
  expulsion.revoked === undefined && supportOf(history, expulsion) >= expulsion.threshold;

/** Returns the pending expulsion that ends at an instant, if one does. */
const liftedAt = (history, now, { register }) => {
  const { pending } = standingAt(history, now, endOfTime);
  if (pending === undefined) return undefined;
  const { document, reference } = inForceAt(register, now, endOfTime);
  const { accounts } = document;
  const account = accounts.find(({ id }) => id === pending.account) ?? accounts[0];
  const { period } = pending;
  const balance = sumNow(history, now, period, account);
  const { id, threshold } = account;
  if (balance >= threshold) return undefined;
  const members = {
    account: id,
    balance,
    effectiveAt: now,
    period,
    rulebook: reference,
    threshold,
  };
  return { type: 'PendingExpulsionLifted', members };
};

const unsupportedBy = (history, supportedBefore) => {
  const number = history.expulsions.findIndex(
    (one, at) =>
      supportedBefore.has(at) &&
      one.isUnsupported === undefined &&
      one.revoked === undefined &&
      !isSupported(history, one),
  );
  if (number < 0) return undefined;
  const members = { balance: supportOf(history, history.expulsions[number]), expulsion: number };
  return { type: 'ExpulsionUnsupported', members };
};

const openedAt = (history, now, { calendar, register }) => {
  if (standingAt(history, now, endOfTime).standing !== 'active') return undefined;
  const { document, reference } = inForceAt(register, now, endOfTime);
  const period = calendar.yearOf(now);
  for (const account of document.accounts.filter(isExpelling)) {
    const balance = sumNow(history, now, period, account);
    const { id, threshold } = account;
    if (balance < threshold) continue;
    const days = document.parameters.lastChanceDays.value;
    const members = {
      ...{ account: id, balance, effectiveAt: now, period, rulebook: reference, threshold },
      closesAt: calendar.startOfDayAfter(now, days + 1),
    };
    return { type: 'PendingExpulsionOpened', members };
  }
  return undefined;
};

/** Returns what follows next from what is recorded, or undefined. */
const followingAt = (history, now, terms, supportedBefore) =>
  liftedAt(history, now, terms) ??
  unsupportedBy(history, supportedBefore) ??
  openedAt(history, now, terms);

const supportedIn = (history) =>
  new Set(
    [...history.expulsions.keys()].filter((at) => isSupported(history, history.expulsions[at])),
  );

/** Takes what was recorded after the acts of a decision: just what follows from them. */
const takeFollowing = (history, events, now, terms, supportedBefore) => {
  for (const event of events) {
    const expected = followingAt(history, now, terms, supportedBefore);
    must(event.type === expected?.type, 'decision_differs', `${event.type} does not follow`);
    checkMembers(event, expected.members);
    add(history, event);
  }
  const missing = followingAt(history, now, terms, supportedBefore);
  must(missing === undefined, 'decision_differs', `${missing?.type} was not recorded`);
};

/** Tells a deduction that takes effect later than it was recorded. */
const schedule = (scheduled, { data, effectiveAt, recordedAt, type }) => {
  if (type !== 'DeductionImposed' && type !== 'DeductionCorrected') return;
  if (effectiveAt > recordedAt) scheduled.set(data.deductionId, effectiveAt);
  else scheduled.delete(data.deductionId);
};

/**
 * Checks that nothing followed when the clock passed the deductions scheduled before an instant.
 */
const checkPassed = (history, scheduled, [until, before], terms) => {
  const due = [...scheduled]
    .filter(([id, at]) => at < until || (at === until && (before === '' || id < before)))
    .sort(([a, at], [b, then]) => (at === then ? (a < b ? -1 : 1) : at < then ? -1 : 1));
  for (const [id, at] of due) {
    scheduled.delete(id);
    const known = terms.register.filter(({ recordedAt }) => recordedAt < at);
    const supported = supportedIn(history);
    const missed = followingAt(history, at, { ...terms, register: known }, supported);
    must(missed === undefined, 'decision_differs', `${missed?.type} fell due at ${at}`);
  }
};

const adjusting = new Set(['DeductionAdjusted', 'DeductionRevoked']);

/** Judges the events of one command on the history before them, and adds them. */
const judge = async (history, scheduled, events, terms) => {
  const [{ causation, recordedAt }] = events;
  const supportedBefore = supportedIn(history);
  let now = recordedAt;
  if (causation.command === 'ClockPassed') {
    const [, id, at] = /^clock\/([^@]*)@(.*)$/.exec(causation.commandId) ?? [];
    const isDue = at !== undefined && at <= recordedAt && scheduled.get(id) === at;
    must(isDue, 'decision_differs', `${causation.commandId} was not due`);
    checkPassed(history, scheduled, [at, id], terms);
    scheduled.delete(id);
    now = at;
  } else {
    checkPassed(history, scheduled, [recordedAt, ''], terms);
    const { command } = causation;
    const type = Object.hasOwn(recordedBy, command) ? recordedBy[command] : undefined;
    must(events[0].type === type, 'decision_differs', `${command} does not record it`);
  }
  // Upheld in part, an appeal changes something.
  const [{ data, type }, next] = events;
  const isInPart = type === 'AppealDecided' && data.outcome === 'partly_upheld';
  const isAdjusted = adjusting.has(next?.type) && next.data.appealId === data.appealId;
  must(!isInPart || isAdjusted, 'decision_differs', 'nothing was adjusted');
  const acts = events.findIndex(({ type }) => following.includes(type));
  const count = acts < 0 ? events.length : acts;
  for (const event of events.slice(0, count)) {
    const { month } = event.data;
    if (terms.bases.has(event.id))
      await checkAssessed(history, event, terms.bases.get(event.id), terms.last.get(month), terms);
    if (event.type === 'AssessmentComputed') terms.last.set(month, event);
    checkAct(history, event, terms);
    add(history, event);
  }
  takeFollowing(history, events.slice(count), now, terms, supportedBefore);
  for (const event of events) schedule(scheduled, event);
};

/** Returns the decisions on the agency in order, each with the rulebooks that stand before it. */
const decisionsOf = (events, register, agencyId) => {
  const decisions = [];
  let known = [];
  for (const { event } of events) {
    const { causation, data, stream, type } = event;
    const isRulebook = stream === 'rulebooks' && type !== 'CalendarPublished';
    // One list for all decisions between two rulebooks: there may be many of them.
    if (isRulebook) known = register.slice(0, known.length + 1);
    if (stream !== `agency-${agencyId}`) continue;
    must(data.agencyId === agencyId, 'decision_differs', 'it is of another agency');
    const last = decisions.at(-1);
    const { command, commandId } = last?.events[0].causation ?? {};
    if (command === causation.command && commandId === causation.commandId) last.events.push(event);
    else decisions.push({ events: [event], register: known });
  }
  return decisions;
};

const ledgerTermsOf = (streams) => {
  const { mode, zone } = streams.get('ledger')[0].event.data;
  must(mode === 'observer' || mode === 'operator', 'ledger_terms', 'mode');
  must(typeof zone === 'string', 'ledger_terms', 'zone');
  try {
    return { calendar: calendarOf(zone), mode };
  } catch {
    throw new Problem('ledger_terms', 'zone');
  }
};

/** Checks that rulebooks came with the opening, or were published: late ones with that finding. */
const checkPublished = (chain) => {
  for (const { event } of chain) {
    const { causation, data, effectiveAt, recordedAt, type } = event;
    const isOpening = recordedAt === chain[0].event.recordedAt;
    const commands = {
      RulebookShipped: isOpening ? 'OpenLedger' : undefined,
      RulebookPublished: 'PublishRulebook',
      CalendarPublished: 'PublishCalendar',
    };
    must(causation.command === commands[type], 'decision_differs', `${type} by another command`);
    if (type !== 'RulebookPublished') continue;
    const [from, announced] = [data.document.effectiveFrom, data.document.announcedAt].map(
      (instant) => Date.parse(instant),
    );
    const short = from < announced + 7 * 24 * 3_600_000 ? ['short_notice'] : [];
    const codes = (data.findings ?? []).map(({ code }) => code);
    must(canonical(codes) === canonical(short), 'decision_differs', 'short_notice');
    must(Date.parse(effectiveAt) === from, 'decision_differs', 'effectiveAt');
  }
};

const judgeAll = async (events, register, { assessments = [], subject }, ledger) => {
  const { agencyId } = subject;
  checkPublished(events.filter(({ event }) => event.stream === 'rulebooks'));
  const history = emptyHistory();
  const scheduled = new Map();
  const isCounted = (event) => isCountedAgain(event, agencyId, assessments);
  const bases = basesOf(
    assessments.length === 0 ? [] : events.map(({ event }) => event),
    isCounted,
  );
  const terms = { ...ledger, bases, last: new Map() };
  for (const decision of decisionsOf(events, register, agencyId)) {
    const isAdmitted = history.admissions.length > 0;
    const isAdmission = decision.events[0].type === 'AgencyAdmitted';
    must(isAdmitted || isAdmission, 'decision_differs', 'before the agency was admitted');
    await judge(history, scheduled, decision.events, { ...terms, register: decision.register });
  }
};

/**
 * Makes the decisions on the agency again (evidence-pack.md, "Decisions"): ids, points, tariffs,
 * windows, lateness, thresholds, standing and support.
 */
export const checkDecisions = async (events, streams, register, manifest) => {
  const ledger = ledgerTermsOf(streams);
  checkOnce(events);
  const { assessments = [], subject } = manifest;
  const own = (streams.get(`agency-${subject.agencyId}`) ?? []).map(({ event }) => event);
  checkFoldable(own, register);
  checkCountable(streams, subject.agencyId, assessments);
  try {
    await judgeAll(events, register, manifest, ledger);
  } catch (error) {
    // Data of another form than the ledger's lead to no decision.
    throw new Problem('decision_differs', error.message);
  }
};
