import {
  noPreviousEvent,
  recordOf,
  uuidOf,
  type Causation,
  type DomainTimes,
  type EventRecord,
  type LedgerEvent,
  type RulebookReference,
} from './event.js';
import type { Instant } from './instant.js';
import { sealPersonalData, type PersonalData, type SubjectKey } from './personal-data.js';
import { eventVersions } from './upcast.js';

/** An event that was decided and not yet recorded. */
export interface NewEvent extends DomainTimes {
  readonly type: string;
  readonly data: unknown;
  readonly personal?: PersonalData;
  readonly rulebook?: RulebookReference;
}

/** Where the last event of a stream stands; `undefined` for a stream without events. */
export interface StreamHead {
  readonly revision: number;
  readonly leafHash: string;
}

/** Everything the ledger adds to events when it records them. */
export interface Recording {
  readonly stream: string;
  readonly head: StreamHead | undefined;
  readonly recordedAt: Instant;
  readonly actor: string;
  readonly causation: Causation;
  /** Whose personal data the events hold, and the key that seals them; needed only when there are some. */
  readonly subject?: { readonly id: string; readonly key: SubjectKey };
}

/** An event, and the record in which a store keeps it. */
export interface RecordedEvent {
  readonly event: LedgerEvent;
  readonly record: EventRecord;
}

/**
 * Writes decided events as the records that follow a stream's head: revisions, ids, sealed personal data, the chain of hashes.
 *
 * @throws TypeError when an event has personal data and no subject was given, or holds what canonical JSON cannot
 */
export function recordEvents(events: readonly NewEvent[], recording: Recording): RecordedEvent[] {
  const { stream, head, recordedAt, actor, causation } = recording;
  const recorded: RecordedEvent[] = [];
  let previous = head?.leafHash ?? noPreviousEvent;
  let revision = (head?.revision ?? -1) + 1;
  for (const [index, { type, data, personal, ...rest }] of events.entries()) {
    const schemaVersion = eventVersions[type];
    if (schemaVersion === undefined) throw new TypeError(`the event type ${type} has no schema version`);
    const id = uuidOf(`${causation.command}/${causation.commandId}#${String(index)}`);
    const event: LedgerEvent = {
      ...rest,
      actor,
      causation,
      data,
      format: 1,
      id,
      ...(personal !== undefined && { personal: seal(personal, id, recording) }),
      previous,
      recordedAt,
      revision,
      schemaVersion,
      stream,
      type,
    };
    const record = recordOf(event);
    recorded.push({ event, record });
    previous = record.leafHash;
    revision += 1;
  }
  return recorded;
}

function seal(personal: PersonalData, eventId: string, { subject, stream }: Recording) {
  if (subject === undefined)
    throw new TypeError(`an event of "${stream}" has personal data and no subject whose key would seal it`);
  return sealPersonalData(personal, subject.id, eventId, subject.key);
}
