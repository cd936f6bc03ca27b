import {
  agency,
  agencyStream,
  closed,
  EventEnvelopeSchema,
  IdSchema,
  InstantSchema,
  readEvent,
  type Instant,
  type LedgerEvent,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { cursorOf } from './lists/cursor.js';
import { maxPageSize, pageOf, type PageQuery } from './lists/list-page.js';
import type { QueryError } from './queries.js';
import type { AskedAt, At, ReaderContext } from './reader-context.js';

/** A recorded act: an event without what is sealed in it, and without its place in the chain. */
export type Act = Shape<typeof ActSchema>;
const ActSchema = closed(
  Type.Pick(EventEnvelopeSchema, [
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
      description: 'in the order they were recorded',
      maxItems: maxPageSize,
    }),
    next: Type.Optional(
      Type.String({ description: 'the cursor of the next page; left out on the last' }),
    ),
  },
  { $id: 'Timeline' },
);

/** The order of a timeline: that of the agency's stream. */
export const timelineSorts = ['revision'] as const;

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
    const cursorAt = ({ id, revision }: Act): string =>
      cursorOf(timelineSorts[0], { key: String(revision), id });
    const { items: acts, ...next } = pageOf(found, limit, cursorAt, (act) => act);
    return { agencyId, effectiveAt, knownAt, balance, acts, ...next };
  });
}

/** The acts of a page, and one more where there are more. */
async function actsUpTo(
  { agencyId, limit, after }: TimelineQuery,
  { effectiveAt, knownAt }: At,
  { parts }: ReaderContext,
): Promise<readonly Act[]> {
  const acts: Act[] = [];
  const from = after === undefined ? 0 : Number(after.key) + 1;
  // A cursor that somebody made up.
  if (!Number.isSafeInteger(from) || from < 0) return acts;
  for await (const batch of parts.store.readStream(agencyStream(agencyId), { from })) {
    for (const record of batch) {
      const event = readEvent(record);
      if (event.recordedAt <= knownAt && startOf(event) <= effectiveAt) acts.push(actOf(event));
      if (acts.length > limit) return acts;
    }
  }
  return acts;
}

function startOf({ effectiveAt, recordedAt }: LedgerEvent): Instant {
  return effectiveAt ?? recordedAt;
}

function actOf(event: LedgerEvent): Act {
  const { id, type, stream, revision, actor, recordedAt, data } = event;
  const { occurredAt, decidedAt, notifiedAt, effectiveAt, rulebook } = event;
  return {
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
  };
}
