import type { EventStore } from '@penalty-ledger/event-store';
import {
  agency,
  agencyStream,
  closed,
  eventIn,
  handleEvent,
  ignoreEvent,
  leafHashOf,
  openPersonalData,
  readEvent,
  Sha256Schema,
  UuidSchema,
  type EventHandlers,
  type EventOf,
  type EventTypeIn,
  type LedgerEvent,
  type PersonalData,
  type Shape,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { KeyStore } from '../keys/key-store.js';

/** The stored event something rests on. */
export type EventReference = Shape<typeof EventReferenceSchema>;
export const EventReferenceSchema = closed(
  {
    stream: Type.String(),
    revision: Type.Integer(),
    eventId: UuidSchema,
    leafHash: Sha256Schema,
  },
  { $id: 'EventReference', description: 'the stored event something rests on' },
);

/** The events, and the keys to what is sealed in them. */
export interface Sealed {
  readonly store: EventStore;
  readonly keys: KeyStore;
}

/**
 * An event's personal part in clear, beside its data; `erased` when the key to it was destroyed.
 */
export type Personal = PersonalData | 'erased' | undefined;

/**
 * The part of an agency's stream that its history does not keep: texts, and the stored event behind
 * each fact.
 */
export interface AgencySources {
  readonly name: string | null;
  /** By deduction. */
  readonly imposed: ReadonlyMap<string, ImposedSource>;
  /** By deduction, in the order they were recorded. */
  readonly corrections: ReadonlyMap<string, readonly EventReference[]>;
  /** By complaint, as it was filed. */
  readonly complaints: ReadonlyMap<string, Personal>;
  /** By measure, as it was imposed. */
  readonly measures: ReadonlyMap<string, Personal>;
}

export interface ImposedSource {
  readonly event: EventOf<'DeductionImposed'>;
  readonly reference: EventReference;
  readonly personal: Personal;
}

export async function sourcesOf(agencyId: string, { store, keys }: Sealed): Promise<AgencySources> {
  const imposed = new Map<string, ImposedSource>();
  const complaints = new Map<string, Personal>();
  const measures = new Map<string, Personal>();
  const corrections = new Map<string, EventReference[]>();
  let name: string | null = null;
  const handlers = (reference: EventReference): EventHandlers<EventTypeIn<'agency'>> => ({
    AgencyAdmitted: (event) => {
      name = nameIn(event, keys);
    },
    DeductionImposed: (event) => {
      const personal = personalOf(event, keys);
      imposed.set(event.data.deductionId, { event, reference, personal });
    },
    DeductionCorrected: ({ data: { deductionId } }) => {
      corrections.set(deductionId, [...(corrections.get(deductionId) ?? []), reference]);
    },
    ComplaintFiled: (event) => {
      complaints.set(event.data.complaintId, personalOf(event, keys));
    },
    MeasureImposed: (event) => {
      measures.set(event.data.measureId, personalOf(event, keys));
    },
    AgencyExited: ignoreEvent,
    AgencyReadmitted: ignoreEvent,
    DeductionRevoked: ignoreEvent,
    DeductionAdjusted: ignoreEvent,
    DeductionReinstated: ignoreEvent,
    AppealInitiated: ignoreEvent,
    AppealEvidenceSubmitted: ignoreEvent,
    AppealWithdrawn: ignoreEvent,
    AppealDecided: ignoreEvent,
    PendingExpulsionOpened: ignoreEvent,
    PendingExpulsionLifted: ignoreEvent,
    ExpulsionExecuted: ignoreEvent,
    ExpulsionUnsupported: ignoreEvent,
    ExpulsionRevoked: ignoreEvent,
    ReentryApplied: ignoreEvent,
    PlatformBalanceObserved: ignoreEvent,
    ComplaintClosed: ignoreEvent,
    ComplaintsMerged: ignoreEvent,
    ComplaintUnmerged: ignoreEvent,
    GrowthPostRecorded: ignoreEvent,
    MeasureLifted: ignoreEvent,
    HumanReviewRequested: ignoreEvent,
    HumanReviewAnswered: ignoreEvent,
    AssessmentComputed: ignoreEvent,
  });
  for await (const batch of store.readStream(agencyStream(agencyId))) {
    for (const record of batch) {
      const event = eventIn('agency', readEvent(record));
      const { stream, revision, id: eventId } = event;
      const reference = { stream, revision, eventId, leafHash: leafHashOf(record.body) };
      handleEvent(handlers(reference), event);
    }
  }
  return { name, imposed, corrections, complaints, measures };
}

/**
 * An agency's name: `erased` when its key was destroyed, `undefined` for an unknown agency. Its
 * admission is always the first event of its stream.
 */
export async function agencyName(
  agencyId: string,
  { store, keys }: Sealed,
): Promise<string | undefined> {
  for await (const [first] of store.readStream(agencyStream(agencyId), { batchSize: 1 })) {
    if (first !== undefined) return nameIn(eventIn('agency', readEvent(first)), keys) ?? undefined;
  }
  return undefined;
}

function nameIn(admitted: StreamEvent<'agency'>, keys: KeyStore): string | null {
  return textOf(personalOf(admitted, keys), 'name');
}

/**
 * The part of an agency's event under the agency's own key, in clear; `erased` when that key is
 * gone.
 */
function personalOf(event: StreamEvent<'agency'>, keys: KeyStore): Personal {
  return personalPart(event, agency.subjectOf(event.data.agencyId), keys);
}

/** The part of an event under a subject's key, in clear; `erased` when that key is gone. */
export function personalPart(
  { personal, id }: Pick<LedgerEvent, 'personal' | 'id'>,
  subject: string,
  keys: KeyStore,
): Personal {
  const sealed = personal?.find((box) => box.subject === subject);
  if (sealed === undefined) return undefined;
  const key = keys.find(subject);
  return key === undefined ? 'erased' : openPersonalData(sealed, id, key);
}

/** One text of it; null when there is none. */
export function textOf(personal: Personal, field: string): string | null {
  if (personal === 'erased') return 'erased';
  const text = personal?.[field];
  return typeof text === 'string' ? text : null;
}
