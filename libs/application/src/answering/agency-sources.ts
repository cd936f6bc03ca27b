import type { EventStore } from '@penalty-ledger/event-store';
import {
  agencyStream,
  closed,
  eventIn,
  handleEvent,
  ignoreEvent,
  leafHashOf,
  readEvent,
  Sha256Schema,
  UuidSchema,
  type EventHandlers,
  type EventOf,
  type EventTypeIn,
  type Instant,
  type Shape,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import type { KeyStore } from '../keys/key-store.js';
import { personalOf, textOf, type Personal, type ShownText } from './shown-texts.js';

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

/** A stored act: who recorded it, and its texts. */
export interface ActSource {
  readonly by: string;
  readonly personal: Personal;
}

/** The acts on an appeal as they were stored. */
export interface AppealSource {
  readonly initiated: ActSource;
  evidence?: ActSource & Pick<EventOf<'AppealEvidenceSubmitted'>['data'], 'items'>;
  withdrawn?: ActSource;
  decided?: ActSource;
  /** The points its decision took from deductions, in their order. */
  readonly adjustments: { readonly deductionId: string; was: number; points: number }[];
}

/** A decision on a deduction as it was stored. */
export interface DecisionSource extends ActSource {
  /** The points the deduction counted before. */
  readonly was: number;
  readonly decidedAt: Instant | undefined;
}

/** A correction of a deduction as it was stored. */
export interface CorrectionSource extends ActSource {
  readonly reference: EventReference;
  /** The fields that it named. */
  readonly corrected: readonly string[];
}

/** An act and the one that ended it: a closing, a lifting, an answer. */
export interface EndedSource {
  readonly begun: ActSource;
  ended?: ActSource;
}

/**
 * The part of an agency's stream that its history does not keep: texts, actors, and the stored
 * event behind each fact.
 */
export interface AgencySources {
  name: ShownText | null;
  /** Every act that names the rulebook it was judged by, in the order they were recorded. */
  readonly judged: StreamEvent<'agency'>[];
  /** By deduction. */
  readonly imposed: Map<string, ImposedSource>;
  /** By deduction, in the order they were recorded. */
  readonly corrections: Map<string, CorrectionSource[]>;
  /** By deduction, in the order they were recorded. */
  readonly decisions: Map<string, DecisionSource[]>;
  /** By appeal. */
  readonly appeals: Map<string, AppealSource>;
  /** By complaint: its filing and its closing. */
  readonly complaints: Map<string, EndedSource>;
  /** By measure: its imposition and its lifting. */
  readonly measures: Map<string, EndedSource>;
  /** By request for human review: the request and the answer. */
  readonly reviews: Map<string, EndedSource>;
  /** By addition: its grant and its revocation. */
  readonly additions: Map<string, EndedSource>;
  /** In the order they were recorded. */
  readonly admissions: ActSource[];
  readonly exits: ActSource[];
  /** By the number of the expulsion: its execution and its revocation. */
  readonly expulsions: EndedSource[];
}

export interface ImposedSource {
  readonly event: EventOf<'DeductionImposed'>;
  readonly reference: EventReference;
  readonly personal: Personal;
}

/** Reads an agency's stream from its beginning. */
export async function sourcesOf(agencyId: string, { store, keys }: Sealed): Promise<AgencySources> {
  const sources = noSources();
  for await (const batch of store.readStream(agencyStream(agencyId))) {
    for (const record of batch) {
      const event = eventIn('agency', readEvent(record));
      const { stream, revision, id: eventId } = event;
      const reference = { stream, revision, eventId, leafHash: leafHashOf(record.body) };
      handleEvent(handlersOf(sources, reference, keys), event);
      if (event.rulebook !== undefined) sources.judged.push(event);
    }
  }
  return sources;
}

/**
 * Reads the acts on one appeal, from its initiation to the last that its history has: an agency may
 * have many events before and after.
 *
 * @param from the revision of its initiation
 * @param acts the number of its acts and adjustments in its history
 */
export async function appealSourceOf(
  { agencyId, appealId, from, acts }: AppealPlace,
  { store, keys }: Sealed,
): Promise<AppealSource | undefined> {
  const sources = noSources();
  let found = 0;
  for await (const batch of store.readStream(agencyStream(agencyId), { from })) {
    for (const record of batch) {
      const event = eventIn('agency', readEvent(record));
      if (!('appealId' in event.data) || event.data.appealId !== appealId) continue;
      const { stream, revision, id: eventId } = event;
      const reference = { stream, revision, eventId, leafHash: leafHashOf(record.body) };
      handleEvent(handlersOf(sources, reference, keys), event);
      found += 1;
    }
    if (found >= acts) break;
  }
  return sources.appeals.get(appealId);
}

/** The place of an appeal's acts in its agency's stream. */
export interface AppealPlace {
  readonly agencyId: string;
  readonly appealId: string;
  readonly from: number;
  readonly acts: number;
}

function noSources(): AgencySources {
  return {
    name: null,
    judged: [],
    imposed: new Map(),
    corrections: new Map(),
    decisions: new Map(),
    appeals: new Map(),
    complaints: new Map(),
    measures: new Map(),
    reviews: new Map(),
    additions: new Map(),
    admissions: [],
    exits: [],
    expulsions: [],
  };
}

type DecisionEvent = EventOf<'DeductionAdjusted' | 'DeductionReinstated' | 'DeductionRevoked'>;

function handlersOf(
  sources: AgencySources,
  reference: EventReference,
  keys: KeyStore,
): EventHandlers<EventTypeIn<'agency'>> {
  const actIn = (event: StreamEvent<'agency'>): ActSource => ({
    by: event.actor,
    personal: personalOf(event, keys),
  });
  const decide = (event: DecisionEvent, points: number): void => {
    const { deductionId, was } = event.data;
    const appealId = 'appealId' in event.data ? event.data.appealId : undefined;
    // The reason of an appeal's decision is sealed with the decision itself.
    const decided = appealId === undefined ? undefined : sources.appeals.get(appealId)?.decided;
    if (appealId !== undefined)
      sources.appeals.get(appealId)?.adjustments.push({ deductionId, was, points });
    const { decidedAt } = event;
    const decision = { ...(decided ?? actIn(event)), was, decidedAt };
    sources.decisions.set(deductionId, [...(sources.decisions.get(deductionId) ?? []), decision]);
  };
  const begin = (of: Map<string, EndedSource>, id: string, event: StreamEvent<'agency'>): void => {
    of.set(id, { begun: actIn(event) });
  };
  const end = (begun: EndedSource | undefined, event: StreamEvent<'agency'>): void => {
    if (begun !== undefined) begun.ended = actIn(event);
  };
  return {
    AgencyAdmitted: (event) => {
      sources.name = nameIn(event, keys);
      sources.admissions.push(actIn(event));
    },
    AgencyReadmitted: (event) => void sources.admissions.push(actIn(event)),
    AgencyExited: (event) => void sources.exits.push(actIn(event)),
    DeductionImposed: (event) => {
      const personal = personalOf(event, keys);
      sources.imposed.set(event.data.deductionId, { event, reference, personal });
    },
    DeductionCorrected: (event) => {
      const { deductionId, corrected } = event.data;
      const earlier = sources.corrections.get(deductionId) ?? [];
      const correction = { ...actIn(event), reference, corrected };
      sources.corrections.set(deductionId, [...earlier, correction]);
    },
    DeductionRevoked: (event) => decide(event, 0),
    DeductionAdjusted: (event) => decide(event, event.data.points),
    DeductionReinstated: (event) => decide(event, event.data.points),
    AppealInitiated: (event) => {
      const initiated = actIn(event);
      sources.appeals.set(event.data.appealId, { initiated, adjustments: [] });
    },
    AppealEvidenceSubmitted: (event) => {
      const { appealId, items } = event.data;
      const appeal = sources.appeals.get(appealId);
      if (appeal !== undefined) appeal.evidence = { ...actIn(event), items };
    },
    AppealWithdrawn: (event) => {
      const appeal = sources.appeals.get(event.data.appealId);
      if (appeal !== undefined) appeal.withdrawn = actIn(event);
    },
    AppealDecided: (event) => {
      const appeal = sources.appeals.get(event.data.appealId);
      if (appeal !== undefined) appeal.decided = actIn(event);
    },
    ComplaintFiled: (event) => begin(sources.complaints, event.data.complaintId, event),
    ComplaintClosed: (event) => end(sources.complaints.get(event.data.complaintId), event),
    MeasureImposed: (event) => begin(sources.measures, event.data.measureId, event),
    MeasureLifted: (event) => end(sources.measures.get(event.data.measureId), event),
    HumanReviewRequested: (event) => begin(sources.reviews, event.data.reviewId, event),
    HumanReviewAnswered: (event) => end(sources.reviews.get(event.data.reviewId), event),
    AdditionGranted: (event) => begin(sources.additions, event.data.additionId, event),
    AdditionRevoked: (event) => end(sources.additions.get(event.data.additionId), event),
    ExpulsionExecuted: (event) => void sources.expulsions.push({ begun: actIn(event) }),
    ExpulsionRevoked: (event) => {
      const { appealId, expulsion: number } = event.data;
      const decided = appealId === undefined ? undefined : sources.appeals.get(appealId)?.decided;
      const expulsion = sources.expulsions[number];
      if (expulsion !== undefined) expulsion.ended = decided ?? actIn(event);
    },
    PendingExpulsionOpened: ignoreEvent,
    PendingExpulsionLifted: ignoreEvent,
    ExpulsionUnsupported: ignoreEvent,
    ReentryApplied: ignoreEvent,
    PlatformBalanceObserved: ignoreEvent,
    ComplaintsMerged: ignoreEvent,
    ComplaintUnmerged: ignoreEvent,
    GrowthPostRecorded: ignoreEvent,
    AssessmentComputed: ignoreEvent,
  };
}

/**
 * An agency's name; `undefined` for an unknown agency. Its admission is always the first event of
 * its stream.
 */
export async function agencyName(
  agencyId: string,
  { store, keys }: Sealed,
): Promise<ShownText | undefined> {
  for await (const [first] of store.readStream(agencyStream(agencyId), { batchSize: 1 })) {
    if (first !== undefined) return nameIn(eventIn('agency', readEvent(first)), keys) ?? undefined;
  }
  return undefined;
}

function nameIn(admitted: StreamEvent<'agency'>, keys: KeyStore): ShownText | null {
  return textOf(personalOf(admitted, keys), 'name');
}
