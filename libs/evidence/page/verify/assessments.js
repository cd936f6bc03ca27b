import { standingAt } from './balance.js';
import { sha256, utf8 } from './bytes.js';
import { canonical } from './canonical-json.js';
import { byText, isCount, isId, isInstant, objectOf } from './forms.js';
import { must } from './problem.js';
import { inForceAt } from './rulebooks.js';

// Assessments that are counted again from sessions and bindings: evidence-pack.md.

const always = '9999-12-31T23:59:59.999Z';
const isAnything = () => true;

const sessionValues = {
  agencyId: isId,
  'contentVertical?': isAnything,
  creatorId: isId,
  endedAt: isInstant,
  'findings?': isAnything,
  'newFollowers?': isAnything,
  'sales?': isAnything,
  sessionId: isId,
  startedAt: isInstant,
  'views?': isAnything,
};
const isBinding = objectOf({ agencyId: isId, creatorId: isId });
const isRight = objectOf({ creatorId: isId });

/** By kind of stream, the form of the data of each type. */
const countedForms = {
  session: new Map(
    Object.entries({
      SessionRecorded: objectOf(sessionValues),
      SessionCorrected: objectOf({ ...sessionValues, corrected: isAnything }),
      SessionVoided: objectOf({ agencyId: isId, sessionId: isId }),
    }),
  ),
  creator: new Map(
    Object.entries({
      CreatorBound: isBinding,
      CreatorUnbound: isBinding,
      ExposureRightGranted: isRight,
      ExposureRightWithdrawn: isRight,
    }),
  ),
};

/** Returns the kind of a stream that assessments of the agency rest on, or undefined. */
export const assessedKindOf = (stream, agencyId) => {
  if (/^creator-./.test(stream)) return 'creator';
  const prefix = `session-${agencyId}-`;
  const isOfMonth = /^\d{4}-\d\d$/.test(stream.slice(prefix.length));
  return stream.startsWith(prefix) && isOfMonth ? 'session' : undefined;
};

const isAssessmentOf = ({ data, type }, months) =>
  type === 'AssessmentComputed' && months.includes(data.month);

/** Says whether an event of a session can follow what was recorded of it. */
const isNextOf = ({ data, type }, creators) => {
  const { creatorId, endedAt, sessionId, startedAt } = data;
  if (type === 'SessionVoided') return creators.has(sessionId);
  if (startedAt >= endedAt) return false;
  if (type === 'SessionRecorded') return !creators.has(sessionId);
  return creators.get(sessionId) === creatorId;
};

const checkCountedChain = (stream, chain, kind) => {
  const creators = new Map();
  let last = '';
  for (const { event } of chain) {
    const { data, effectiveAt, schemaVersion, type } = event;
    const isOfForm = schemaVersion === 1 && countedForms[kind].get(type)?.(data) === true;
    must(isOfForm, 'computation_events', `data of another form: ${type}`);
    const follows =
      kind === 'session'
        ? isNextOf(event, creators)
        : stream === `creator-${data.creatorId}` && effectiveAt >= last;
    must(follows, 'computation_events', `${type} of ${stream}`);
    last = effectiveAt;
    if (type === 'SessionRecorded') creators.set(data.sessionId, data.creatorId);
  }
};

const mostCounting = 1_000_000;

/** Checks that sessions and bindings can be counted, and how much work that is. */
export const checkCountable = (streams, agencyId, months) => {
  if (months.length === 0) return;
  let count = 0;
  for (const [stream, chain] of streams) {
    const kind = assessedKindOf(stream, agencyId);
    if (kind === undefined) continue;
    count += chain.length;
    checkCountedChain(stream, chain, kind);
  }
  const own = (streams.get(`agency-${agencyId}`) ?? []).map(({ event }) => event);
  for (const month of months) {
    const isThere = own.some((event) => isAssessmentOf(event, [month]));
    must(isThere, 'computation_events', `no assessment of ${month}`);
  }
  const assessments = own.filter((event) => isAssessmentOf(event, months)).length;
  must(assessments * count <= mostCounting, 'computation_size');
};

/** Adds an event to what is known of creators and sessions. */
const addCounted = ({ creators, sessions }, { data, effectiveAt, stream, type }) => {
  const { agencyId, creatorId, endedAt, sessionId, startedAt } = data;
  if (stream.startsWith('creator-')) {
    if (!creators.has(creatorId)) creators.set(creatorId, { bindings: [], rights: [] });
    const { bindings, rights } = creators.get(creatorId);
    if (type === 'CreatorBound') bindings.push({ effectiveAt, agencyId });
    else if (type === 'CreatorUnbound') bindings.push({ effectiveAt });
    else rights.push({ effectiveAt, isGranted: type === 'ExposureRightGranted' });
  } else if (stream.startsWith('session-')) {
    const before = sessions.get(sessionId);
    if (type === 'SessionVoided') sessions.set(sessionId, { ...before, isVoid: true });
    else {
      const corrections = before === undefined ? 0 : before.corrections + 1;
      const values = { corrections, creatorId, endedAt, sessionId, startedAt };
      sessions.set(sessionId, { ...before, ...values });
    }
  }
};

/** Returns what is known of creators and sessions, each creator with its sessions. */
const creatorsIn = ({ creators, sessions }) => {
  const found = new Map();
  for (const [creatorId, { bindings, rights }] of creators)
    found.set(creatorId, { bindings: [...bindings], rights: [...rights], sessions: [] });
  for (const one of sessions.values())
    if (one.isVoid !== true) found.get(one.creatorId)?.sessions.push(one);
  return found;
};

/** Returns by the id of each assessment wanted what was recorded before it. */
export const basesOf = (events, isWanted) => {
  const known = { creators: new Map(), sessions: new Map() };
  const found = new Map();
  for (const event of events) {
    addCounted(known, event);
    if (isWanted(event)) found.set(event.id, creatorsIn(known));
  }
  return found;
};

const lastChange = (changes, at) => changes.findLast(({ effectiveAt }) => effectiveAt <= at);

const isBoundWithin = (bindings, agencyId, { start, end }) =>
  bindings.some(({ agencyId: bound, effectiveAt: from }, at) => {
    const to = bindings[at + 1]?.effectiveAt;
    const isAny = bound === agencyId && to !== from;
    return isAny && from < end && (to === undefined || start < to);
  });

const spanOfMonth = (month, calendar) => {
  const [start, end] = [calendar.startOfMonth(month, 0), calendar.startOfMonth(month, 1)];
  return { start, end, last: new Date(Date.parse(end) - 1).toISOString() };
};

/** Returns the creators that were bound in the month, each with its sessions for the agency. */
const boundIn = (creators, agencyId, { start, end, last }) =>
  [...creators]
    .filter(([, { bindings }]) => isBoundWithin(bindings, agencyId, { start, end }))
    .map(([creatorId, { bindings, rights, sessions }]) => ({
      creatorId,
      exposed: lastChange(rights, last)?.isGranted === true,
      inBase: lastChange(bindings, last)?.agencyId === agencyId,
      known: sessions,
      sessions: sessions.filter(
        ({ startedAt }) =>
          start <= startedAt &&
          startedAt < end &&
          lastChange(bindings, startedAt)?.agencyId === agencyId,
      ),
    }));

const isLong = ({ endedAt, startedAt }, minutes) =>
  Date.parse(endedAt) - Date.parse(startedAt) >= minutes * 60_000;

/** Counts those of some sessions that overlap another one of all. */
const overlapsIn = (some, all) => {
  const among = new Set(some.map(({ sessionId }) => sessionId));
  const sorted = all.toSorted((a, b) => byText(a.startedAt, b.startedAt));
  let [count, latest] = [0, ''];
  for (const [at, { endedAt, sessionId, startedAt }] of sorted.entries()) {
    const overlaps = startedAt < latest || sorted[at + 1]?.startedAt < endedAt;
    if (overlaps && among.has(sessionId)) count += 1;
    if (latest < endedAt) latest = endedAt;
  }
  return count;
};

const termNames = [
  'activityMinEffectiveSessions',
  'activityRate',
  'effectiveSessionMinutes',
  'headcountMin',
  'newcomerDays',
];

/** Returns the parameters that an assessment is counted by. */
const assessmentTermsOf = (document, problem) =>
  Object.fromEntries(
    termNames.map((name) => {
      const value = document?.parameters[name]?.value;
      must(isCount(value), problem, name);
      return [name, value];
    }),
  );

const isHeldUnjustly = ({ admissions, expulsions }, { start, end }) =>
  expulsions.some(({ effectiveAt, episode, revoked }) => {
    if (revoked === undefined) return false;
    const back = admissions[episode]?.effectiveAt ?? revoked.recordedAt;
    const until = back < revoked.recordedAt ? back : revoked.recordedAt;
    return effectiveAt < end && (start <= effectiveAt || start < until);
  });

/** Returns the verdict on a month, with its reasons. */
const verdictOf = (history, { active, base }, terms, span, calendar) => {
  const { activityRate: rate, headcountMin, newcomerDays } = terms;
  const { episode, standing } = standingAt(history, span.last, always);
  const admission = history.admissions[episode - 1]?.effectiveAt;
  const exempt = [
    admission !== undefined &&
      span.start < calendar.startOfDayAfter(admission, newcomerDays + 1) &&
      'newcomer',
    (!['active', 'pending_expulsion'].includes(standing) || isHeldUnjustly(history, span)) &&
      'not_active',
  ].filter(Boolean);
  if (exempt.length > 0) return { verdict: 'not_assessed', reasons: exempt };
  const reasons = [
    100 * active < rate * base && 'activity',
    base < headcountMin && 'headcount',
  ].filter(Boolean);
  return { verdict: reasons.length === 0 ? 'passed' : 'failed', reasons };
};

const countsUnder = (bound, terms) => {
  const isActive = ({ sessions }) =>
    sessions.filter((one) => isLong(one, terms.effectiveSessionMinutes)).length >=
    terms.activityMinEffectiveSessions;
  const base = bound.filter(({ inBase }) => inBase);
  return { active: base.filter(isActive).length, anyActive: bound.filter(isActive).length, base };
};

const sessionsOf = async (bound, minutes) => {
  const all = bound.flatMap(({ sessions }) => sessions);
  const lines = all
    .toSorted((a, b) => byText(a.sessionId, b.sessionId))
    .map(({ corrections, sessionId }) => `${sessionId} ${corrections}\n`);
  const long = (sessions) => sessions.filter((one) => isLong(one, minutes));
  return {
    count: all.length,
    effective: long(all).length,
    overlapping: bound.reduce(
      (sum, { known, sessions }) => sum + overlapsIn(long(sessions), known),
      0,
    ),
    sha256: await sha256(utf8.encode(lines.join(''))),
  };
};

const changesOf = (before, after) => {
  const [was, is] = [before, after].map(({ data, rulebook }) => ({ ...data, rulebook }));
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => name !== 'changed')
    .filter((name) => canonical([was[name] ?? null]) !== canonical([is[name] ?? null]))
    .sort(byText);
};

/**
 * Returns what an assessment must be, data and rulebook, by what was recorded before it.
 *
 * @param before the assessment of the same month before it, or undefined
 */
const assessedAgain = async (history, event, creators, before, { calendar, register }) => {
  const { agencyId, month } = event.data;
  const span = spanOfMonth(month, calendar);
  must(event.recordedAt >= span.end, 'decision_differs', `${month} was not over`);
  const bound = boundIn(creators, agencyId, span);
  const under = (at) => {
    const rulebook = inForceAt(register, at, always);
    const terms = assessmentTermsOf(rulebook.document, 'decision_differs');
    const counts = countsUnder(bound, terms);
    const numbers = { active: counts.active, base: counts.base.length };
    const judged = verdictOf(history, numbers, terms, span, calendar);
    return { ...counts, ...judged, rulebook: rulebook.reference, terms };
  };
  const [own, other] = [under(span.start), under(span.last)];
  const { reasons, rulebook, terms, verdict } = own;
  const data = {
    active: own.active,
    agencyId,
    ...(other.verdict !== verdict && {
      alternative: { reasons: other.reasons, rulebook: other.rulebook, verdict: other.verdict },
    }),
    anyTime: { active: own.anyActive, base: bound.length },
    base: own.base.length,
    exposed: own.base.filter(({ exposed }) => exposed).length,
    headcountMin: terms.headcountMin,
    minSessions: terms.activityMinEffectiveSessions,
    month,
    rate: terms.activityRate,
    reasons,
    sessions: await sessionsOf(bound, terms.effectiveSessionMinutes),
    verdict,
  };
  const changed = before === undefined ? {} : { changed: changesOf(before, { data, rulebook }) };
  return { data: { ...data, ...changed }, rulebook };
};

/** Returns what the last assessment of each month was counted from (evidence-pack.md). */
export const assessedMonthsOf = (streams, register, agencyId, months, calendarIn) => {
  checkCountable(streams, agencyId, months);
  if (months.length === 0) return undefined;
  const calendar = calendarIn();
  const own = streams.get(`agency-${agencyId}`).map(({ event }) => event);
  const wanted = months.map((month) => own.findLast((event) => isAssessmentOf(event, [month])));
  const inOrder = [...streams.values()].flat().sort((a, b) => a.place - b.place);
  const bases = basesOf(
    inOrder.map(({ event }) => event),
    (event) => wanted.includes(event),
  );
  return wanted.map((event) => {
    const { id, revision, rulebook } = event;
    const { month } = event.data;
    const { document } =
      register.find(({ reference }) => reference.sha256 === rulebook?.sha256) ?? {};
    const { effectiveSessionMinutes: minutes } = assessmentTermsOf(document, 'computation_events');
    const creators = boundIn(bases.get(id), agencyId, spanOfMonth(month, calendar))
      .map(({ creatorId, exposed, inBase, sessions }) => ({
        creatorId,
        effective: sessions.filter((one) => isLong(one, minutes)).length,
        exposed,
        inBase,
        sessions: sessions
          .map((one) => {
            const { corrections, endedAt, sessionId, startedAt } = one;
            return { corrections, effective: isLong(one, minutes), endedAt, sessionId, startedAt };
          })
          .sort((a, b) => byText(a.startedAt, b.startedAt) || byText(a.sessionId, b.sessionId)),
      }))
      .sort((a, b) => byText(a.creatorId, b.creatorId));
    return { creators, minutes, month, revision };
  });
};

/** Checks an assessment that is counted again. */
export const checkAssessed = async (history, event, creators, before, terms) => {
  const again = await assessedAgain(history, event, creators, before, terms);
  const { data, decidedAt, effectiveAt, notifiedAt, occurredAt, rulebook } = event;
  const instants = [decidedAt, effectiveAt, notifiedAt, occurredAt];
  const isSame =
    canonical({ data, rulebook }) === canonical(again) &&
    instants.every((instant) => instant === undefined);
  must(isSame, 'decision_differs', `the assessment of ${data.month}`);
};

/** Says whether an event is an assessment that is counted again. */
export const isCountedAgain = (event, agencyId, months) =>
  event.stream === `agency-${agencyId}` && isAssessmentOf(event, months);
