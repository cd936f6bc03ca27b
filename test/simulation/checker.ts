import { commands, type SentCommand } from './commands.js';
import type { History, KeptEvent } from './history.js';

// Shares no code with what it judges: it reads the bytes of the engine's log by itself.

interface Read {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly causation: { readonly commandId: string };
  readonly data: Readonly<Record<string, unknown>>;
}

const threshold = 120;

/** Everything that is wrong with a run, each in a sentence. */
export function problemsOf(history: History): readonly string[] {
  const events = read(history.events);
  return [
    ...formProblems(events),
    ...decisionProblems(events),
    ...outcomeProblems(history, events),
    ...answerProblems(history),
    ...readModelProblems(history, events),
    ...deliveryProblems(history, events),
    ...checkpointProblems(history),
    ...history.unhandled.map((error) => `a rejection that nothing handles: ${error}`),
  ];
}

function read(kept: readonly KeptEvent[]): readonly Read[] {
  return kept.map(({ stream, revision, body }) => ({
    ...(JSON.parse(body) as Read),
    stream,
    revision,
  }));
}

/** Finds an id twice, revisions with a gap, and a time of recording that goes back. */
function formProblems(events: readonly Read[]): readonly string[] {
  const problems: string[] = [];
  const ids = new Set<string>();
  const last = new Map<string, number>();
  let recordedAt = '';
  for (const event of events) {
    const place = `${event.stream}@${String(event.revision)} ${event.type}`;
    if (ids.has(event.id)) problems.push(`${place} has the id of another event`);
    ids.add(event.id);
    if (event.revision !== (last.get(event.stream) ?? -1) + 1)
      problems.push(`${place} does not follow the revision before it`);
    last.set(event.stream, event.revision);
    if (event.recordedAt < recordedAt)
      problems.push(`${place} was recorded at ${event.recordedAt}, behind ${recordedAt}`);
    recordedAt = event.recordedAt;
  }
  return problems;
}

/** The state of agencies and deductions by a model of a few lines. */
class Model {
  readonly admitted = new Set<string>();
  readonly deductions = new Map<string, { agency: string; points: number; isRevoked: boolean }>();
  readonly pending = new Set<string>();
  readonly bound = new Map<string, string>();

  balanceOf(agency: string): number {
    let balance = 0;
    for (const each of this.deductions.values())
      if (each.agency === agency && !each.isRevoked) balance += each.points;
    return balance;
  }

  /** Takes an event, and says what speaks against it. */
  take({ type, data }: Read): string | undefined {
    const agency = data['agencyId'] as string;
    const deductionId = data['deductionId'] as string;
    const known = this.deductions.get(deductionId);
    switch (type) {
      case 'AgencyAdmitted':
        if (this.admitted.has(agency)) return `${agency} was admitted before`;
        this.admitted.add(agency);
        return undefined;
      case 'DeductionImposed':
        if (known !== undefined) return `${deductionId} was imposed before`;
        this.deductions.set(deductionId, {
          agency,
          points: data['points'] as number,
          isRevoked: false,
        });
        return this.admitted.has(agency) ? undefined : `${agency} was not admitted`;
      case 'DeductionRevoked':
        if (known === undefined) return `${deductionId} was not imposed`;
        if (known.isRevoked) return `${deductionId} was revoked before`;
        known.isRevoked = true;
        return undefined;
      case 'PendingExpulsionOpened':
        if (this.balanceOf(agency) < threshold) return `${agency} is below the threshold`;
        if (this.pending.has(agency)) return `${agency} has a pending expulsion`;
        this.pending.add(agency);
        return undefined;
      case 'PendingExpulsionLifted':
        if (this.balanceOf(agency) >= threshold) return `${agency} is not below the threshold`;
        if (!this.pending.delete(agency)) return `${agency} has no pending expulsion`;
        return undefined;
      case 'CreatorBound': {
        const creator = data['creatorId'] as string;
        const to = this.bound.get(creator);
        this.bound.set(creator, agency);
        if (to !== undefined) return `${creator} was bound to ${to} before`;
        return this.admitted.has(agency) ? undefined : `${agency} was not admitted`;
      }
      default:
        return undefined;
    }
  }
}

/** Finds decisions that are wrong by what stood before them, or not complete. */
function decisionProblems(events: readonly Read[]): readonly string[] {
  const problems: string[] = [];
  const model = new Model();
  events.forEach((event, index) => {
    const problem = model.take(event);
    if (problem !== undefined) problems.push(`${event.type}: ${problem}`);
    // The events of one append stand together, so what a decision brings about follows at once.
    const agency = event.data['agencyId'] as string;
    const next = events[index + 1];
    const isDone =
      next?.stream !== event.stream || next.causation.commandId !== event.causation.commandId;
    if (!event.stream.startsWith('agency-') || !isDone) return;
    const isOver = model.balanceOf(agency) >= threshold;
    if (isOver !== model.pending.has(agency))
      problems.push(
        `after ${event.type}, ${agency} has ${String(model.balanceOf(agency))} points ` +
          `and ${isOver ? 'no' : 'a'} pending expulsion`,
      );
  });
  return problems;
}

/** The event that says that a command was carried out. */
function isOf({ command, data }: SentCommand, event: Read): boolean {
  const has = (key: string): boolean => event.data[key] === data[key];
  switch (command) {
    case 'AdmitAgency':
      return event.type === 'AgencyAdmitted' && has('agencyId');
    case 'RecordDeduction':
      return (
        event.type === 'DeductionImposed' && has('deductionId') && has('agencyId') && has('points')
      );
    case 'RecordRevocation':
      return event.type === 'DeductionRevoked' && has('deductionId');
    default:
      return event.type === 'CreatorBound' && has('creatorId') && has('agencyId');
  }
}

/** Finds commands that are lost or doubled, by what their senders were told. */
function outcomeProblems({ attempts }: History, events: readonly Read[]): readonly string[] {
  const problems: string[] = [];
  commands.forEach((command, index) => {
    const name = `command ${String(index)} (${command.command})`;
    const count = events.filter((event) => isOf(command, event)).length;
    const codes = attempts
      .filter((attempt) => attempt.command === index)
      .map(({ outcome }) => outcome);
    const accepted = codes.filter((code) => code === 'accepted').length;
    if (count > 1) problems.push(`${name} is in the log ${String(count)} times`);
    if (accepted > 1) problems.push(`${name} was accepted ${String(accepted)} times`);
    if ((accepted > 0 || codes.includes('duplicate')) && count === 0)
      problems.push(`${name} was acknowledged and is not in the log`);
    const last = codes.at(-1);
    if (count === 1 && last !== 'accepted' && last !== 'duplicate')
      problems.push(`${name} is in the log, and sent again it is answered ${String(last)}`);
    if (count === 0 && (last === 'accepted' || last === 'duplicate'))
      problems.push(`${name} is not in the log, and sent again it is answered ${last}`);
  });
  return problems;
}

/** Finds answers that no balance between the question and the answer equals. */
function answerProblems({ asked, events }: History): readonly string[] {
  return asked.flatMap(({ node, agency, before, after, answer }) => {
    const { balance, error } = answer as { balance?: number; error?: string };
    const found = error ?? balance;
    const possible: unknown[] = [];
    for (let end = before; end <= after; end += 1) {
      const model = new Model();
      for (const event of read(events.slice(0, end))) model.take(event);
      possible.push(model.admitted.has(agency) ? model.balanceOf(agency) : 'unknown_agency');
    }
    if (possible.includes(found)) return [];
    const stood = [...new Set(possible)].join(' or ');
    return [`${node} answers ${String(found)} for ${agency}, and ${stood} stood in the log`];
  });
}

/** Finds events that read models passed over. */
function readModelProblems({ readModels }: History, events: readonly Read[]): readonly string[] {
  const model = new Model();
  for (const event of events) model.take(event);
  return readModels.flatMap(({ node, eventsOf, agencyOf }) => [
    ...Object.entries(eventsOf).flatMap(([agency, found]) => {
      const count = events.filter(({ stream }) => stream === `agency-${agency}`).length;
      if ((found ?? 0) === count) return [];
      return [`${node} has folded ${String(found)} of ${String(count)} events of ${agency}`];
    }),
    ...Object.entries(agencyOf).flatMap(([deduction, found]) => {
      const agency = model.deductions.get(deduction)?.agency;
      if (found === agency) return [];
      return [`${node} has ${deduction} of ${String(found)}, and it is of ${String(agency)}`];
    }),
  ]);
}

/** Finds events that the receiver did not get, or got out of order. */
function deliveryProblems({ delivered }: History, events: readonly Read[]): readonly string[] {
  if (delivered === undefined) return [];
  const first = [...new Set(delivered.flat())];
  const expected = events.map(({ id }) => id);
  const at = expected.findIndex((id, index) => first[index] !== id);
  if (at < 0 && first.length === expected.length) return [];
  const missing = events.find(({ id }) => !first.includes(id));
  return [
    missing === undefined
      ? `webhook: event ${String(at)} comes in another order`
      : `webhook: ${missing.stream}@${String(missing.revision)} ${missing.type} never came`,
  ];
}

/** Finds published checkpoints that do not grow, and two roots for one size. */
function checkpointProblems({ published, checkpoints }: History): readonly string[] {
  const problems: string[] = [];
  let last = 0;
  const roots = new Map<string, string>();
  for (const note of [...published, ...checkpoints]) {
    const [, size = '', root = ''] = note.split('\n');
    if ((roots.get(size) ?? root) !== root) problems.push(`two roots for ${size} events`);
    roots.set(size, root);
  }
  for (const note of published) {
    const size = Number(note.split('\n')[1]);
    if (size <= last) problems.push(`a checkpoint of ${String(size)} events after ${String(last)}`);
    last = size;
  }
  return problems;
}
