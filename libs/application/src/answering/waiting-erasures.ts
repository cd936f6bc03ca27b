import {
  agency,
  closed,
  erasure,
  erasuresStream,
  eventIn,
  IdSchema,
  InstantSchema,
  nullable,
  type Shape,
} from '@penalty-ledger/ledger';
import { lastSession, registrationLookup } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import { holdsOn } from '../recording/holds.js';
import type { ReaderContext } from './reader-context.js';

/** A hold with its end in the ledger's zone. */
const ShownHoldSchema = closed(
  { ...agency.HoldSchema.properties, until: Type.Optional(InstantSchema) },
  { $id: 'Hold' },
);

/** An erasure that was refused and has not been made, and what holds it now. */
export type WaitingErasure = Shape<typeof WaitingErasureSchema>;
export const WaitingErasureSchema = closed(
  {
    subject: Type.String(),
    requestId: nullable(IdSchema, 'the reference of the request'),
    by: Type.String({ description: 'who asked for it last' }),
    askedAt: InstantSchema,
    due: Type.Boolean({ description: 'nothing holds it any more: erase it' }),
    dueFrom: nullable(
      InstantSchema,
      'when it is due, if nothing more happens; null when it is due, or has no set end',
    ),
    holds: Type.Array(ShownHoldSchema, { description: 'what holds it now, the longest first' }),
  },
  { $id: 'WaitingErasure' },
);

/** Every erasure that was refused and has not been made since, in the order they were asked for. */
export async function waitingErasures(reader: ReaderContext): Promise<readonly WaitingErasure[]> {
  const { now, parts, states, zone } = reader;
  const { database } = parts.readModels;
  const { rulebooks } = reader.answerContext(now);
  const erasures = await reader.foldStream(
    erasuresStream,
    now,
    erasure.emptyHistory(),
    (history, event) => erasure.evolve(history, eventIn('erasures', event)),
  );
  const facts = {
    erasures,
    rulebooks,
    store: parts.store,
    zone,
    registered: registrationLookup(database),
    agency: (agencyId: string) => states.agency(agencyId),
    creator: (creatorId: string) => states.creator(creatorId),
    lastSession: lastSession(database),
  };
  const waiting: WaitingErasure[] = [];
  for (const { subject, requestId = null, by, askedAt } of erasures.waiting.values()) {
    const holds = erasure.inOrder(await holdsOn(subject, now, facts));
    const end = agency.lastToEnd(holds)?.until;
    waiting.push({
      ...{ subject, requestId, by, askedAt: zone.format(askedAt) },
      due: holds.length === 0,
      dueFrom: end === undefined ? null : zone.format(end),
      holds: holds.map((hold) => erasure.shownHold(hold, zone)),
    });
  }
  return waiting;
}
