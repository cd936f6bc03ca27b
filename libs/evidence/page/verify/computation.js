import { stateAt } from './appeals.js';
import { assessedMonthsOf } from './assessments.js';
import { balanceAt, standingAt, sumAt, valuesAt } from './balance.js';
import { canonical } from './canonical-json.js';
import { checkFoldable } from './event-forms.js';
import { byText } from './forms.js';
import { historyOf } from './history.js';
import { must, Problem } from './problem.js';
import { inForceAt } from './rulebooks.js';
import { calendarOf } from './zone.js';

/** Types that the timeline shows. */
const shown = new Set([
  ...['AgencyAdmitted', 'AgencyExited', 'AgencyReadmitted'],
  ...['DeductionImposed', 'DeductionCorrected'],
  ...['DeductionRevoked', 'DeductionAdjusted', 'DeductionReinstated'],
  ...['AppealInitiated', 'AppealEvidenceSubmitted', 'AppealWithdrawn', 'AppealDecided'],
  ...['PendingExpulsionOpened', 'PendingExpulsionLifted'],
  ...['ExpulsionExecuted', 'ExpulsionUnsupported', 'ExpulsionRevoked', 'ReentryApplied'],
]);

const aboutOf = ({ appealId, deductionId }) => {
  if (deductionId !== undefined) return { deductionId };
  return appealId === undefined ? undefined : { appealId };
};

const timelineOf = (history, events, period, account) =>
  events
    .filter(({ type }) => shown.has(type))
    .map(({ data, recordedAt, revision, type }) => ({
      about: aboutOf(data),
      balance: sumAt(history, { effectiveAt: recordedAt, knownAt: recordedAt, period, account }),
      recordedAt,
      revision,
      standing: standingAt(history, recordedAt, recordedAt).standing,
      type,
    }));

const detailOf = (deduction, history, at) => {
  const { account: _account, appealDeadline: _deadline, ...values } = valuesAt(deduction, at);
  const { appealIds, corrections, decisions, imposed: _imposed, ...recorded } = deduction;
  return {
    ...recorded,
    appeals: appealIds.map((appealId) => {
      const appeal = history.appeals.get(appealId);
      return { appealId, kind: appeal.kind, state: stateAt(appeal, at) };
    }),
    corrections: corrections.map(({ recordedAt, revision }) => ({ recordedAt, revision })),
    decisions: decisions.map(({ actor, appealId, kind, points, recordedAt, revision }) => ({
      ...{ actor, appealId, kind, points, recordedAt, revision },
    })),
    ...values,
  };
};

/** Returns each clause that deductions rest on once, from the rulebook they name. */
const clausesOf = (deductions, register) => {
  const found = new Map();
  for (const { clause: id, rulebook } of deductions) {
    const { document } =
      register.find(({ reference }) => reference.sha256 === rulebook?.sha256) ?? {};
    const clause = document?.clauses.find((one) => one.id === id);
    if (clause === undefined) continue;
    const { points, text, title } = clause;
    found.set(`${rulebook.sha256} ${id}`, { ...rulebook, clause: id, points, text, title });
  }
  return [...found].sort(([a], [b]) => byText(a, b)).map(([, clause]) => clause);
};

/** Returns the rulebooks that acts were judged by and the one in force, with their instants. */
const rulebooksOf = (events, inForce, register) => {
  const shipped = new Set(
    register
      .filter(({ type }) => type === 'RulebookShipped')
      .map(({ reference }) => reference.sha256),
  );
  const named = new Set([inForce.sha256, ...events.map(({ rulebook }) => rulebook?.sha256)]);
  const rows = [...named].flatMap((hash) => {
    const found = register.findLast(({ reference }) => reference.sha256 === hash);
    if (found === undefined) return [];
    const { effectiveFrom, reference } = found;
    const recordedAt = shipped.has(hash) ? null : found.recordedAt;
    const retroactive = events
      .filter(({ rulebook }) => recordedAt !== null && rulebook?.sha256 === hash)
      .filter(({ effectiveAt, occurredAt = effectiveAt }) => recordedAt > occurredAt)
      .map(({ revision }) => revision);
    const findings = [
      recordedAt !== null && recordedAt > effectiveFrom && 'rulebook_late',
      retroactive.length > 0 && 'retroactive_rulebook',
    ].filter(Boolean);
    return [{ ...reference, effectiveFrom, findings, recordedAt, retroactive }];
  });
  return rows.sort(
    (a, b) => byText(a.effectiveFrom, b.effectiveFrom) || byText(a.sha256, b.sha256),
  );
};

const appealOf = (history, appealId, then, now) => {
  const appeal = history.appeals.get(appealId);
  must(appeal !== undefined, 'computation_events', 'no such appeal');
  const { decided, deductionIds, evidence, evidenceBy, expulsion, initiateBy } = appeal;
  const { initiatedAt, kind, recordedAt } = appeal;
  const at = (instant) => (recordedAt <= instant ? stateAt(appeal, instant) : null);
  return {
    ...{ appealId, decidedAt: decided?.decidedAt, deductionIds, evidenceBy },
    ...{ evidenceSubmittedAt: evidence?.submittedAt, expulsion, initiateBy, initiatedAt },
    ...{ kind, now: at(now), recordedAt, then: at(then) },
  };
};

const computed = (streams, register, manifest, signedAt) => {
  const { simulation, zone } = streams.get('ledger')[0].event.data;
  must(typeof zone === 'string', 'computation_events', 'no time zone');
  const { account, assessments: months = [], effectiveAt, knownAt, period, subject } = manifest;
  for (const chain of streams.values()) {
    const isBefore = chain.at(-1).event.recordedAt <= signedAt;
    must(isBefore, 'computation_events', 'recorded after the checkpoint');
  }
  const events = (streams.get(`agency-${subject.agencyId}`) ?? []).map(({ event }) => event);
  checkFoldable(events, register);
  const history = historyOf(events);
  const isKnownAt = (at) => history.admissions.some(({ recordedAt }) => recordedAt <= at);
  must(isKnownAt(signedAt), 'computation_events', 'no such agency');
  const isAsked = (deduction) =>
    [knownAt, signedAt].some((at) => {
      const values = valuesAt(deduction, at);
      return deduction.recordedAt <= at && values.period === period && values.account === account;
    });
  const deductions = [...history.deductions.values()]
    .filter(isAsked)
    .sort((a, b) => byText(a.deductionId, b.deductionId))
    .map((deduction) => detailOf(deduction, history, signedAt));
  const { accounts } = inForceAt(register, effectiveAt, signedAt).document;
  const terms = accounts.find(({ id }) => id === account);
  must(terms !== undefined, 'computation_events', 'no such account');
  const { agencyId, appealId } = subject;
  const now = balanceAt(history, register, manifest, signedAt);
  const calendarIn = () => calendarOf(zone);
  return {
    account,
    agencyId,
    appeal: appealId === undefined ? undefined : appealOf(history, appealId, knownAt, signedAt),
    assessments: assessedMonthsOf(streams, register, agencyId, months, calendarIn),
    clauses: clausesOf(deductions, register),
    deductions,
    effectiveAt,
    now,
    period,
    rulebooks: rulebooksOf(events, now.rulebook, register),
    then: isKnownAt(knownAt) ? balanceAt(history, register, manifest, knownAt) : null,
    timeline: timelineOf(history, events, period, terms),
    ...(simulation === true && { simulation: true }),
    zone,
  };
};

/** Returns the answers and the text of computation.json; data of other forms fail the step. */
export const compute = (...given) => {
  try {
    const answers = computed(...given);
    return { answers, text: canonical(answers) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('computation_events', error.message);
  }
};
