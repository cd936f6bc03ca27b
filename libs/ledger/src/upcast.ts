import { agencyEventVersions } from './agency/agency-events.js';
import type { EventRecord, LedgerEvent } from './event.js';

/** The schema version each event type is written in today. */
export const eventVersions: Readonly<Record<string, number>> = {
  ...agencyEventVersions,
  CommandRefused: 1,
  EvidenceRegistered: 1,
  LedgerOpened: 1,
  RulebookPublished: 1,
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

/** An event this program is too old to understand. */
export class UnknownEventError extends Error {
  readonly code = 'unknown_event';

  constructor(event: Pick<LedgerEvent, 'type' | 'schemaVersion' | 'stream' | 'revision'>) {
    const { type, schemaVersion, stream, revision } = event;
    super(
      `event ${String(revision)} of stream "${stream}" is a ${type} of schema version ${String(schemaVersion)}, ` +
        'which this program does not know: it was written by a newer one; use that',
    );
    this.name = 'UnknownEventError';
  }
}

/**
 * Reads a stored event in its current schema version. The bytes are taken to be checked: stores do that.
 *
 * @throws UnknownEventError for a type or version from the future
 */
export function readEvent(
  record: Pick<EventRecord, 'body'>,
  versions: Readonly<Record<string, number>> = eventVersions,
  steps: Upcasters = upcasters,
): LedgerEvent {
  const event = JSON.parse(record.body) as LedgerEvent;
  const current = versions[event.type];
  if (current === event.schemaVersion) return event;
  if (current === undefined || event.schemaVersion > current) throw new UnknownEventError(event);
  const data = (steps[event.type] ?? [])
    .slice(event.schemaVersion - 1)
    .reduce<unknown>((old, step) => step(old), event.data);
  return { ...event, data, schemaVersion: current };
}
