import { eventVersions as agencyVersions, type AgencyEventData } from './agency/events.js';
import { eventVersions as alarmVersions, type AlarmEventData } from './alarms.js';
import { eventVersions as creatorVersions, type CreatorEventData } from './creator/creator.js';
import { eventVersions as erasureVersions, type ErasureEventData } from './erasure.js';
import type { DecidedEvent, EventEnvelope } from './event.js';
import { SpokenError, type InBoth } from './in-both.js';
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

/** Every possible event with its data; {@link EventEnvelope.type} selects the type of the data. */
export type LedgerEvent = EventOf<EventType>;

/** An event of one of these types that was decided and not yet recorded. */
export type NewEventOf<Types extends EventType> = DecidedEvent<Pick<EventData, Types>>;

export type NewEvent = NewEventOf<EventType>;

/** The event types that each kind of stream holds. */
interface TypesByStream {
  readonly agency: keyof AgencyEventData;
  readonly alarms: keyof AlarmEventData;
  readonly creator: keyof CreatorEventData;
  readonly erasures: keyof ErasureEventData;
  readonly evidence: keyof EvidenceEventData;
  readonly ledger: keyof LedgerEventData;
  readonly refusals: keyof RefusalEventData;
  readonly rulebooks: keyof RulebookEventData;
  readonly sessions: keyof SessionEventData;
  readonly slots: keyof SlotsEventData;
  readonly themes: keyof ThemesEventData;
}

/** The event types of one kind of stream, or of several. */
export type EventTypeIn<Kind extends StreamKind> = TypesByStream[Kind];

const versionsByStream: {
  readonly [Kind in StreamKind]: Readonly<Record<EventTypeIn<Kind>, number>>;
} = {
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
};

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

/** Every event type. */
export const eventTypes = Object.keys(eventVersions) as readonly EventType[];

/** The event types that these kinds of streams hold. */
export function eventTypesIn<Kind extends StreamKind>(
  ...kinds: readonly Kind[]
): readonly EventTypeIn<Kind>[] {
  const held = (type: EventType): type is EventTypeIn<Kind> =>
    kinds.some((kind) => Object.hasOwn(versionsByStream[kind], type));
  return eventTypes.filter(held);
}

/** The event types that only other kinds of streams hold. */
export function eventTypesOutside<Kind extends StreamKind>(
  ...kinds: readonly Kind[]
): readonly Exclude<EventType, EventTypeIn<Kind>>[] {
  const inside: ReadonlySet<EventType> = new Set(eventTypesIn(...kinds));
  const isOutside = (type: EventType): type is Exclude<EventType, EventTypeIn<Kind>> =>
    !inside.has(type);
  return eventTypes.filter(isOutside);
}

/** An event of one kind of stream, or of several. */
export type StreamEvent<Kind extends StreamKind> = Extract<
  LedgerEvent,
  { readonly type: EventTypeIn<Kind> }
>;

/** Tells whether an event is of a type that is only known to the caller. */
export function isEventOf<Type extends EventType>(
  type: Type,
  event: LedgerEvent,
): event is LedgerEvent & EventOf<Type> {
  return event.type === type;
}

/** An event of a type that never stands where it was read. */
export class ForeignEventError extends SpokenError {
  readonly code = 'foreign_event';

  /** @param expected what may stand there: a type, or the types of a kind of stream */
  constructor({ revision, stream, type }: LedgerEvent, expected: InBoth) {
    super({
      en:
        `event ${String(revision)} of stream "${stream}" is of the type ${type} and must be of ` +
        `${expected.en}: the ledger is damaged`,
      zh:
        `事件流 "${stream}" 的事件 ${String(revision)} 的类型为 ${type}，而应为 ` +
        `${expected.zh}：账本已损坏`,
    });
    this.name = 'ForeignEventError';
  }
}

/** Tells whether a stream of this kind holds events of this type. */
export function isEventIn<Kind extends StreamKind>(
  kind: Kind,
  event: LedgerEvent,
): event is StreamEvent<Kind> {
  return Object.hasOwn(versionsByStream[kind], event.type);
}

/**
 * Returns an event read from a stream of this kind as one of the types that such streams hold: a
 * fold takes no others.
 *
 * @throws ForeignEventError for a type that belongs to another kind of stream
 */
export function eventIn<Kind extends StreamKind>(
  kind: Kind,
  event: LedgerEvent,
): StreamEvent<Kind> {
  if (!isEventIn(kind, event)) {
    const expected: InBoth = { en: `the types of ${kind} streams`, zh: `${kind} 事件流的类型` };
    throw new ForeignEventError(event, expected);
  }
  return event;
}
