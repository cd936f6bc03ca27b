import { eventVersions as agencyEventVersions } from './agency/events.js';
import { alarmEventVersions } from './alarms.js';
import { eventVersions as creatorEventVersions } from './creator/creator.js';
import { erasureEventVersions } from './erasure.js';
import type { EventRecord, LedgerEvent } from './event.js';
import { eventVersions as slotsEventVersions } from './traffic/slots.js';
import { eventVersions as themesEventVersions } from './traffic/themes.js';
import { eventVersions as sessionEventVersions } from './session/session.js';

/** The schema version each event type is written in today. */
export const eventVersions: Readonly<Record<string, number>> = {
  ...agencyEventVersions,
  ...slotsEventVersions,
  ...themesEventVersions,
  ...creatorEventVersions,
  ...sessionEventVersions,
  ...erasureEventVersions,
  ...alarmEventVersions,
  CommandRefused: 1,
  EvidenceRegistered: 1,
  LedgerOpened: 1,
  RulebookPublished: 1,
  RulebookShipped: 1,
  SimulationClockAdvanced: 1,
};

/** Turns the data of one schema version into the next one's. */
export type Upcaster = (data: unknown) => unknown;

/**
 * By event type, the steps from version 1 to 2, from 2 to 3, … Stored bytes and hashes never change; old data are read through these
 * (E-75).
 */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** No type has had a second version yet. */
const upcasters: Upcasters = {};

/** What can be said of an event before its format is known to be ours. */
type EventOfAnyFormat = Pick<LedgerEvent, 'type' | 'schemaVersion' | 'stream' | 'revision'> & {
  readonly format: number;
};

/** An event this program is too old to understand. */
export class UnknownEventError extends Error {
  readonly code = 'unknown_event';

  constructor(event: EventOfAnyFormat) {
    const { format, type, schemaVersion, stream, revision } = event;
    const what =
      format === 1
        ? `a ${type} of schema version ${String(schemaVersion)}`
        : `written in format ${String(format)}`;
    super(
      `event ${String(revision)} of stream "${stream}" is ${what}, ` +
        'which this program does not know: it was written by a newer one; use that',
    );
    this.name = 'UnknownEventError';
  }
}

/**
 * Reads a stored event in its current schema version. The bytes are taken to be checked: stores do that.
 *
 * @throws UnknownEventError for a format, a type or a version from the future
 */
export function readEvent(
  record: Pick<EventRecord, 'body'>,
  versions: Readonly<Record<string, number>> = eventVersions,
  steps: Upcasters = upcasters,
): LedgerEvent {
  const parsed = JSON.parse(record.body) as EventOfAnyFormat;
  if (parsed.format !== 1) throw new UnknownEventError(parsed);
  const event = parsed as LedgerEvent;
  const current = versions[event.type];
  if (current === event.schemaVersion) return event;
  if (current === undefined || event.schemaVersion > current) throw new UnknownEventError(event);
  const data = (steps[event.type] ?? [])
    .slice(event.schemaVersion - 1)
    .reduce<unknown>((old, step) => step(old), event.data);
  return { ...event, data, schemaVersion: current };
}
