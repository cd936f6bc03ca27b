import { eventVersions as agencyVersions, type AgencyEventData } from './agency/events.js';
import { eventVersions as alarmVersions, type AlarmEventData } from './alarms.js';
import { eventVersions as creatorVersions, type CreatorEventData } from './creator/creator.js';
import { eventVersions as erasureVersions, type ErasureEventData } from './erasure.js';
import type { DecidedEvent, EventEnvelope } from './event.js';
import { eventVersions as evidenceVersions, type EvidenceEventData } from './evidence.js';
import {
  ledgerEventVersions,
  refusalEventVersions,
  type LedgerEventData,
  type RefusalEventData,
} from './ledger.js';
import { eventVersions as rulebookVersions, type RulebookEventData } from './rulebook-register.js';
import { eventVersions as sessionVersions, type SessionEventData } from './session/session.js';
import type { StreamKind } from './stream-names.js';
import { eventVersions as slotsVersions, type SlotsEventData } from './traffic/slots.js';
import { eventVersions as themesVersions, type ThemesEventData } from './traffic/themes.js';

/** The data of every event, by type (`docs/spec/event.md`, "Event types"). */
export interface EventData
  extends
    AgencyEventData,
    AlarmEventData,
    CreatorEventData,
    ErasureEventData,
    EvidenceEventData,
    LedgerEventData,
    RefusalEventData,
    RulebookEventData,
    SessionEventData,
    SlotsEventData,
    ThemesEventData {}

export type EventType = keyof EventData;

/** A recorded event of one of these types. */
export type EventOf<Types extends EventType> = {
  [Type in Types]: EventEnvelope<Type, EventData[Type]>;
}[Types];

/** Every event there can be, with its data: what {@link EventEnvelope.type} says decides the rest. */
export type LedgerEvent = EventOf<EventType>;

/** An event of one of these types that was decided and not yet recorded. */
export type NewEventOf<Types extends EventType> = DecidedEvent<Pick<EventData, Types>>;

export type NewEvent = NewEventOf<EventType>;

/** The event types that each kind of stream holds, with the schema version each is written in. */
const versionsByStream = {
  agency: agencyVersions,
  alarms: alarmVersions,
  creator: creatorVersions,
  erasures: erasureVersions,
  evidence: evidenceVersions,
  ledger: ledgerEventVersions,
  refusals: refusalEventVersions,
  rulebooks: rulebookVersions,
  sessions: sessionVersions,
  slots: slotsVersions,
  themes: themesVersions,
} as const satisfies Record<StreamKind, Partial<Record<EventType, number>>>;

/** The event types of one kind of stream, or of several. */
export type EventTypeIn<Kind extends StreamKind> = Extract<
  { [Each in Kind]: keyof (typeof versionsByStream)[Each] }[Kind],
  EventType
>;

/** The schema version each event type is written in today. */
export const eventVersions: Readonly<Record<EventType, number>> = {
  ...versionsByStream.agency,
  ...versionsByStream.alarms,
  ...versionsByStream.creator,
  ...versionsByStream.erasures,
  ...versionsByStream.evidence,
  ...versionsByStream.ledger,
  ...versionsByStream.refusals,
  ...versionsByStream.rulebooks,
  ...versionsByStream.sessions,
  ...versionsByStream.slots,
  ...versionsByStream.themes,
};

/** An event of one kind of stream, or of several. */
export type StreamEvent<Kind extends StreamKind> = Extract<
  LedgerEvent,
  { readonly type: EventTypeIn<Kind> }
>;

/** An event in a stream of a kind that never holds its type. */
export class ForeignEventError extends Error {
  readonly code = 'foreign_event';

  constructor({ revision, stream, type }: LedgerEvent, kind: StreamKind) {
    super(
      `event ${String(revision)} of stream "${stream}" is a ${type}, ` +
        `which a stream of the kind "${kind}" never holds: the ledger is damaged`,
    );
    this.name = 'ForeignEventError';
  }
}

/** Whether a stream of this kind holds events of this type. */
export function isEventIn<Kind extends StreamKind>(
  kind: Kind,
  event: LedgerEvent,
): event is StreamEvent<Kind> {
  return Object.hasOwn(versionsByStream[kind], event.type);
}

/**
 * Gives an event of a stream of this kind, as what such streams hold: what a fold takes.
 *
 * @throws ForeignEventError for a type that belongs to another kind of stream
 */
export function eventIn<Kind extends StreamKind>(
  kind: Kind,
  event: LedgerEvent,
): StreamEvent<Kind> {
  if (!isEventIn(kind, event)) throw new ForeignEventError(event, kind);
  return event;
}
