import { must } from './problem.js';

/** By type, the member of its data that is the id of what it creates. */
const createdIds = {
  AgencyAdmitted: 'agencyId',
  DeductionImposed: 'deductionId',
  AppealInitiated: 'appealId',
  ComplaintFiled: 'complaintId',
  GrowthPostRecorded: 'postId',
  MeasureImposed: 'measureId',
  AdditionGranted: 'additionId',
  HumanReviewRequested: 'reviewId',
  SessionRecorded: 'sessionId',
  EvidenceRegistered: 'evidenceId',
};

const commandNameOf = ({ actor, causation: { commandId } }) =>
  commandId.endsWith(`@${actor}`) ? commandId.slice(0, -actor.length - 1) : commandId;

/** Checks that no event, no command and nothing created has the id of another (event.md, Ids). */
export const checkOnce = (events) => {
  const seen = new Set();
  const commands = new Map();
  const lasts = new Map();
  const take = (...name) => {
    const key = name.join(' ');
    must(!seen.has(key), 'id_twice', key);
    seen.add(key);
  };
  for (const { event } of events) {
    const { actor, causation, data, id, recordedAt, stream, type } = event;
    const { command, commandId, fingerprint } = causation;
    take('event', id);
    const created = Object.hasOwn(createdIds, type) ? data[createdIds[type]] : undefined;
    if (typeof created === 'string') take(type, created);
    const isFirst = lasts.get(stream) !== `${command} ${commandId}`;
    lasts.set(stream, `${command} ${commandId}`);
    // Ids with a slash are the ledger's own.
    if (commandId.includes('/')) continue;
    const name = `${actor} ${commandNameOf(event)}`;
    if (type === 'AssessmentComputed') take('computed', name, data.agencyId);
    if (type === 'AssessmentComputed' || command === 'ComputeAssessment' || !isFirst) continue;
    const append = `${fingerprint} ${recordedAt}`;
    must((commands.get(name) ?? append) === append, 'id_twice', name);
    commands.set(name, append);
    take('command', name, stream);
  }
};
