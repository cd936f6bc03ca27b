import { must } from './problem.js';

const decisionKinds = {
  DeductionRevoked: 'revoked',
  DeductionAdjusted: 'adjusted',
  DeductionReinstated: 'reinstated',
};

/** Types of the agency's stream that no answer of a pack depends on. */
const irrelevant = new Set([
  ...['ReentryApplied', 'ComplaintFiled', 'ComplaintsMerged'],
  ...['ComplaintUnmerged', 'GrowthPostRecorded', 'AssessmentComputed'],
  ...['MeasureImposed', 'MeasureLifted', 'HumanReviewRequested', 'HumanReviewAnswered'],
  ...['AdditionGranted', 'AdditionRevoked'],
]);

/** Returns an element by id; an event that names one not recorded cannot be folded. */
const existing = (elements, id) => {
  const found = elements.get(id);
  must(found !== undefined, 'computation_events', `${id} was never recorded`);
  return found;
};

const codesOf = ({ findings }) => (findings ?? []).map(({ code }) => code);

/** Returns the values that an imposed deduction or its correction sets. */
const valuesOf = ({ data, effectiveAt: stated, notifiedAt, occurredAt, recordedAt, rulebook }) => {
  const { account, appealDeadline, clause, period, points } = data;
  const effectiveAt = stated ?? recordedAt;
  return {
    ...{ account, clause, effectiveAt, notifiedAt, occurredAt: occurredAt ?? effectiveAt },
    ...{ appealDeadline, period, points, rulebook },
  };
};

/** Ends the last pending expulsion, unless it has already ended. */
const endPending = ({ pendings }, recordedAt, endedAt) => {
  const last = pendings.at(-1);
  if (last !== undefined) last.ended ??= { recordedAt, endedAt };
};

const impose = ({ deductions }, event) => {
  const { actor, data, id: eventId, recordedAt, revision } = event;
  const { basis, creatorId, deductionId, noticeSha256 } = data;
  deductions.set(deductionId, {
    ...{ actor, basis, creatorId, deductionId, eventId, findings: codesOf(data) },
    ...{ noticeSha256, recordedAt, revision },
    imposed: valuesOf(event),
    corrections: [],
    decisions: [],
    appealIds: [],
  });
};

const initiate = ({ appeals, deductions }, { data, occurredAt, recordedAt }) => {
  const { appealId, deductionIds = [], evidenceBy, expulsion, initiateBy, kind, outOfTime } = data;
  const initiatedAt = occurredAt ?? recordedAt;
  appeals.set(appealId, {
    ...{ appealId, evidenceBy, expulsion, initiateBy, kind, outOfTime },
    ...{ deductionIds, findings: codesOf(data), initiatedAt, recordedAt },
  });
  for (const id of deductionIds) existing(deductions, id).appealIds.push(appealId);
};

const expel = ({ expulsions }, { data }, fact) => {
  const account = { id: data.account, carryOver: data.carryOver };
  const { period, reentryFrom, threshold } = data;
  expulsions.push({ ...fact, account, findings: codesOf(data), period, reentryFrom, threshold });
};

/** Adds an event to the history. */
export const add = (history, event) => {
  const { actor, data, effectiveAt: stated, recordedAt, revision, schemaVersion, type } = event;
  must(schemaVersion === 1, 'computation_events', 'an unknown schema version');
  const { admissions, appeals, deductions, exits, expulsions, pendings } = history;
  const effectiveAt = stated ?? recordedAt;
  const fact = { recordedAt, effectiveAt, episode: admissions.length };
  const findings = codesOf(data);
  if (type === 'AgencyAdmitted') {
    admissions.push(fact);
  } else if (type === 'AgencyReadmitted') {
    admissions.push(fact);
    history.readmissions.push({ recordedAt, findings });
  } else if (type === 'AgencyExited') {
    exits.push(fact);
    endPending(history, recordedAt, effectiveAt);
  } else if (type === 'DeductionImposed') {
    impose(history, event);
  } else if (type === 'DeductionCorrected') {
    const { corrections } = existing(deductions, data.deductionId);
    corrections.push({ recordedAt, revision, values: valuesOf(event) });
  } else if (Object.hasOwn(decisionKinds, type)) {
    const points = type === 'DeductionRevoked' ? 0 : data.points;
    const { appealId } = data;
    existing(deductions, data.deductionId).decisions.push({
      ...{ actor, appealId, kind: decisionKinds[type], points, recordedAt, revision },
      findings,
    });
  } else if (type === 'AppealInitiated') {
    initiate(history, event);
  } else if (type === 'AppealEvidenceSubmitted') {
    const submittedAt = event.occurredAt ?? recordedAt;
    existing(appeals, data.appealId).evidence = { recordedAt, submittedAt };
  } else if (type === 'AppealWithdrawn') {
    existing(appeals, data.appealId).withdrawn = { recordedAt };
  } else if (type === 'AppealDecided') {
    const decidedAt = event.decidedAt ?? recordedAt;
    const { outcome } = data;
    existing(appeals, data.appealId).decided = { recordedAt, decidedAt, outcome, findings };
  } else if (type === 'PendingExpulsionOpened') {
    const { account, closesAt, period } = data;
    pendings.push({ ...fact, account, closesAt, period });
  } else if (type === 'PendingExpulsionLifted') {
    endPending(history, recordedAt, effectiveAt);
  } else if (type === 'ExpulsionExecuted') {
    expel(history, event, fact);
    endPending(history, recordedAt, effectiveAt);
  } else if (type === 'ExpulsionRevoked' || type === 'ExpulsionUnsupported') {
    const expulsion = existing(new Map(expulsions.entries()), data.expulsion);
    if (type === 'ExpulsionRevoked') expulsion.revoked = { recordedAt, findings };
    else expulsion.isUnsupported = true;
  } else if (type === 'PlatformBalanceObserved') {
    history.observations.push({ recordedAt, period: data.period, findings });
  } else if (type === 'ComplaintClosed') {
    history.closed.add(data.complaintId);
  } else {
    must(irrelevant.has(type), 'computation_events', `an unknown type ${type}`);
  }
};

/** Returns the history of an agency of which nothing is recorded yet. */
export const emptyHistory = () => ({
  ...{ admissions: [], exits: [], pendings: [], expulsions: [], readmissions: [] },
  ...{ observations: [], deductions: new Map(), appeals: new Map(), closed: new Set() },
});

/** Returns what the events of an agency's stream come to, with the instant each was recorded. */
export const historyOf = (events) => {
  const history = emptyHistory();
  for (const event of events) add(history, event);
  return history;
};
