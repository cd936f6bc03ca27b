import {
  agency,
  agencyStream,
  byCodeUnit,
  closed,
  described,
  eventIn,
  EventEnvelopeSchema,
  IdSchema,
  InstantSchema,
  readEvent,
  type Instant,
  type LedgerEvent,
  type Shape,
  type StreamEvent,
} from '@penalty-ledger/ledger';
import type { PagePlace } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import type { KeyStore } from '../keys/key-store.js';
import { cursorOf } from './lists/cursor.js';
import { maxPageSize, pageOf, type PageQuery } from './lists/list-page.js';
import type { QueryError } from './queries.js';
import type { AskedAt, At, ReaderContext } from './reader-context.js';
import { isWithheld, personalOf, WithheldSchema } from './shown-texts.js';

const Text = Type.Optional(Type.String());

/** The texts of an act in clear. The id of a complainant is none of them (answers.md). */
const TextsSchema = closed({
  caseNo: Text,
  grounds: Text,
  name: Text,
  noticeText: Text,
  reason: Text,
  statement: Type.Optional(agency.StatementSchema),
  subject: Text,
  titles: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
});

/** A recorded act: an event with its texts, and without its place in the chain. */
export type Act = Shape<typeof ActSchema>;
const ActSchema = closed(
  {
    at: described(InstantSchema, 'when it took effect or happened; else when it was recorded'),
    ...Type.Pick(EventEnvelopeSchema, [
      'id',
      'type',
      'stream',
      'revision',
      'actor',
      'recordedAt',
      'occurredAt',
      'decidedAt',
      'notifiedAt',
      'effectiveAt',
      'rulebook',
      'data',
    ]).properties,
    texts: Type.Optional(
      Type.Union([TextsSchema, WithheldSchema], {
        description: 'in clear; or why none of them is shown',
      }),
    ),
  },
  { $id: 'Act' },
);

/** An agency's recorded acts up to E, as known at K, with the balance they lead to. */
export type Timeline = Shape<typeof TimelineSchema>;
export const TimelineSchema = closed(
  {
    agencyId: IdSchema,
    effectiveAt: InstantSchema,
    knownAt: InstantSchema,
    balance: Type.Integer(),
    acts: Type.Array(ActSchema, {
      description: 'in the order in which they took effect, or as `sort` says',
      maxItems: maxPageSize,
    }),
    next: Type.Optional(
      Type.String({ description: 'the cursor of the next page; left out on the last' }),
    ),
  },
  { $id: 'Timeline' },
);

/** The orders of a timeline: by effect, and that of the recording. */
export const timelineSorts = ['effect', 'revision'] as const;

/** The page of a timeline that is asked for. */
export interface TimelineQuery extends AskedAt, PageQuery<(typeof timelineSorts)[number]> {
  readonly agencyId: string;
}

/** Reads a page of an agency's timeline. */
export function timelineOf(
  query: TimelineQuery,
  reader: ReaderContext,
): Promise<Timeline | QueryError> {
  const { agencyId, limit } = query;
  const { zone } = reader;
  return reader.ofAgency(query, async (history, at, context) => {
    const { balance } = agency.balanceAnswer(history, { agencyId, ...at }, context);
    const found = await actsUpTo(query, at, reader);
    const [effectiveAt, knownAt] = [zone.format(at.effectiveAt), zone.format(at.knownAt)];
    const sort = query.sort ?? timelineSorts[0];
    const cursorAt = (act: Act): string => cursorOf(sort, placeIn(sort, act));
    const { items: acts, ...next } = pageOf(found, limit, cursorAt, (act) => act);
    return { agencyId, effectiveAt, knownAt, balance, acts, ...next };
  });
}

/** The acts of a page, and one more where there are more. */
async function actsUpTo(
  query: TimelineQuery,
  { effectiveAt, knownAt }: At,
  { parts, zone }: ReaderContext,
): Promise<readonly Act[]> {
  const { agencyId, limit, after, sort = timelineSorts[0] } = query;
  let acts: Act[] = [];
  const from = sort === 'revision' && after !== undefined ? Number(after.key) + 1 : 0;
  // A cursor that somebody made up.
  if (after !== undefined && !Number.isSafeInteger(Number(sort === 'effect' ? after.id : from)))
    return acts;
  if (from < 0) return acts;
  for await (const batch of parts.store.readStream(agencyStream(agencyId), { from })) {
    for (const record of batch) {
      const event = eventIn('agency', readEvent(record));
      const at = effectOf(event);
      if (event.recordedAt > knownAt || at > effectiveAt) continue;
      const act = actOf(event, zone.format(at), parts.keys);
      if (sort === 'revision') {
        acts.push(act);
        if (acts.length > limit) return acts;
      } else if (after === undefined || isBehind(act, after)) acts.push(act);
    }
    // What is not of the page is not kept, however long the stream is.
    if (sort === 'effect') acts = acts.sort(byEffect).slice(0, limit + 1);
  }
  return acts;
}

/** The place of an act in an order of the timeline. */
function placeIn(sort: (typeof timelineSorts)[number], { at, id, revision }: Act): PagePlace {
  return sort === 'revision' ? { key: String(revision), id } : { key: at, id: String(revision) };
}

/** Both instants are in the ledger's zone and of one width, so their texts compare as times. */
function byEffect(a: Act, b: Act): number {
  return byCodeUnit(a.at, b.at) || a.revision - b.revision;
}

function isBehind({ at, revision }: Act, { key, id }: PagePlace): boolean {
  return at > key || (at === key && revision > Number(id));
}

/** The instant at which an act took effect, else was decided, else happened. */
function effectOf(event: LedgerEvent): Instant {
  const { effectiveAt, decidedAt, occurredAt, recordedAt } = event;
  return effectiveAt ?? decidedAt ?? occurredAt ?? recordedAt;
}

function actOf(event: StreamEvent<'agency'>, at: string, keys: KeyStore): Act {
  const { id, type, stream, revision, actor, recordedAt, data } = event;
  const { occurredAt, decidedAt, notifiedAt, effectiveAt, rulebook } = event;
  const texts = textsIn(event, keys);
  return {
    at,
    id,
    type,
    stream,
    revision,
    actor,
    recordedAt,
    ...(occurredAt !== undefined && { occurredAt }),
    ...(decidedAt !== undefined && { decidedAt }),
    ...(notifiedAt !== undefined && { notifiedAt }),
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(rulebook !== undefined && { rulebook }),
    data,
    ...(texts !== undefined && { texts }),
  };
}

function textsIn(event: StreamEvent<'agency'>, keys: KeyStore): Act['texts'] {
  const personal = personalOf(event, keys);
  if (personal === undefined) return undefined;
  if (isWithheld(personal)) return personal.reason;
  const { complainantId: _complainant, ...texts } = personal;
  return texts;
}
