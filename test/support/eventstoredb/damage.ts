/**
 * Changes a log without the server: alters bytes, removes events, restores an older copy, or
 * scavenges hidden events for good. Appends and reads never do any of this.
 */
import { randomUUID } from 'node:crypto';
import {
  comparePositions,
  jsonProposal,
  type ProposedEvent,
  type WireEvent,
  type WirePosition,
} from './wire-event.js';
import type { WireLog } from './wire-log.js';

/**
 * Rewrites an event in place, as a redactor does: its position and revision stay. Throws when the
 * event does not exist.
 */
export function changeEvent(
  log: WireLog,
  stream: string,
  revision: bigint,
  changes: Partial<ProposedEvent>,
): void {
  const { slot, events, event } = find(log, stream, revision);
  slot.event = { ...event, ...changes };
  events[Number(revision)] = slot.event;
}

/** Takes one event out of its stream and of `$all`, leaving a hole. Throws when it is not there. */
export function removeEvent(log: WireLog, stream: string, revision: bigint): void {
  const { slot, events } = find(log, stream, revision);
  slot.event = undefined;
  events[Number(revision)] = undefined;
}

/** Restores an older copy: events after `position` are gone, and their numbers are given again. */
export function cutOff(log: WireLog, position: WirePosition): void {
  log.cutTo(log.slots.filter((slot) => comparePositions(slot.position, position) <= 0).length);
}

/**
 * Scavenges: events that streams hide disappear from `$all` too. The last event of a stream stays,
 * so that its numbering goes on; a tombstoned stream keeps the tombstone only. Writes the events by
 * which a scavenge records itself.
 */
export function scavenge(log: WireLog): void {
  const scavengeId = randomUUID();
  const report = (type: string) => {
    const stream = `$scavenges-${scavengeId}`;
    const noted = log.append(stream, 'any', [jsonProposal(randomUUID(), type, { scavengeId })]);
    if (noted.kind !== 'appended') return;
    const link = {
      ...jsonProposal(randomUUID(), '$>', {}),
      data: Buffer.from(`${noted.currentRevision}@${stream}`),
    };
    log.append('$scavenges', 'any', [link]);
  };
  report('$scavengeStarted');
  for (const name of log.streamNames) {
    const state = log.stateOf(name);
    for (const event of state?.events ?? []) {
      if (event === undefined) continue;
      const kept =
        log.shows(event) || (state?.tombstoned === false && event.revision === state.lastRevision);
      if (!kept) removeEvent(log, name, event.revision);
    }
  }
  report('$scavengeCompleted');
}

function find(log: WireLog, stream: string, revision: bigint) {
  const events = log.stateOf(stream)?.events;
  const event: WireEvent | undefined = events?.[Number(revision)];
  const slot = event === undefined ? undefined : log.slots[log.indexFrom(event.position, false)];
  if (events === undefined || event === undefined || slot === undefined)
    throw new Error(
      `No event ${stream}@${revision.toString()} in the log: append it before damaging it.`,
    );
  return { slot, events, event };
}
