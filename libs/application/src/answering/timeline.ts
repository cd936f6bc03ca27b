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
    acts: Type.Array(ActSchema, { description: 'in the order they were recorded' }),
  },
  { $id: 'Timeline' },
);

/** Reads an agency's timeline. */
export function timelineOf(
  query: AskedAt & { readonly agencyId: string },
  reader: ReaderContext,
): Promise<Timeline | QueryError> {
  const { agencyId } = query;
  const { zone } = reader;
  return reader.ofAgency(query, async (history, at, context) => {
    const { balance } = agency.balanceAnswer(history, { agencyId, ...at }, context);
    const acts = await actsUpTo(agencyId, at, reader);
    const [effectiveAt, knownAt] = [zone.format(at.effectiveAt), zone.format(at.knownAt)];
    return { agencyId, effectiveAt, knownAt, balance, acts };
  });
}

async function actsUpTo(
  agencyId: string,
  { effectiveAt, knownAt }: At,
  { parts }: ReaderContext,
): Promise<readonly Act[]> {
  const acts: Act[] = [];
  for await (const batch of parts.store.readStream(agencyStream(agencyId))) {
    for (const record of batch) {
      const event = readEvent(record);
      if (event.recordedAt <= knownAt && startOf(event) <= effectiveAt) acts.push(actOf(event));
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
