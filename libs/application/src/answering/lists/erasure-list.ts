import { IntegrityError } from '@penalty-ledger/event-store';
import {
  agency,
  closed,
  enumOf,
  erasure,
  erasuresStream,
  eventIn,
  IdSchema,
  InstantSchema,
  nullable,
  type Shape,
} from '@penalty-ledger/ledger';
import { lastSession, registrationLookup } from '@penalty-ledger/projections';
import { Type, type Static } from '@sinclair/typebox';
import { holdsOn, type HoldFacts } from '../../recording/holds.js';
import { unlessDamaged } from '../../recording/outcome.js';
import type { ReaderContext } from '../reader-context.js';
import { withDamaged } from './agency-rows.js';
import { cursorOf } from './cursor.js';
import {
  pageOf,
  pageSchema,
  rowsAfter,
  type AgencyRowsPage,
  type PageQuery,
  type Placed,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

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
    holds: Type.Array(ShownHoldSchema, {
      maxItems: erasure.maxHolds,
      description: 'what holds it now, the longest first',
    }),
  },
  { $id: 'WaitingErasure' },
);
export const ErasurePageSchema = closed(
  {
    ...pageSchema(WaitingErasureSchema, 'ErasurePage').properties,
    damaged: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'subjects before the next page that are left out because events that would tell what ' +
          'holds them are damaged',
      }),
    ),
  },
  { $id: 'ErasurePage' },
);

export type WaitingStatus = Static<typeof WaitingStatusSchema>;
export const WaitingStatusSchema = enumOf(['due', 'held']);

/** The erasures to list, as of now, and their order. */
export interface ErasureListQuery extends PageQuery<ListSort<'erasures'>> {
  readonly status?: WaitingStatus;
}

/**
 * Lists the erasures that were refused and have not been made since, by when they were first asked
 * for. What holds them is looked for until a page is full: without `status`, for its items alone.
 */
export async function erasureList(
  { status, sort = 'askedAt', limit, after }: ErasureListQuery,
  reader: ReaderContext,
): Promise<AgencyRowsPage<WaitingErasure>> {
  const erasures = await reader.foldStream(
    erasuresStream,
    reader.now,
    erasure.emptyHistory(),
    (history, event) => erasure.evolve(history, eventIn('erasures', event)),
  );
  const facts = factsOf(erasures, reader);
  const asked = rowsAfter(
    [...erasures.waiting.values()],
    ({ askedAt, subject }) => ({ key: askedAt, id: subject }),
    { sort, after },
  );
  const found: Placed<WaitingErasure>[] = [];
  const damaged: string[] = [];
  for (const { row, place } of asked) {
    const entry = await unlessDamaged(waitingErasure(row, facts, reader));
    if (entry instanceof IntegrityError) damaged.push(row.subject);
    else if (status === undefined || entry.due === (status === 'due'))
      found.push({ row: entry, place });
    if (found.length > limit) break;
  }
  return withDamaged(
    pageOf(
      found,
      limit,
      ({ place }) => cursorOf(sort, place),
      ({ row }) => row,
    ),
    damaged,
  );
}

async function waitingErasure(
  waiting: erasure.WaitingErasure,
  facts: HoldFacts,
  { now, zone }: ReaderContext,
): Promise<WaitingErasure> {
  const { subject, requestId = null, by, askedAt } = waiting;
  const holds = erasure.inOrder(await holdsOn(subject, now, facts));
  const end = agency.lastToEnd(holds)?.until;
  return {
    ...{ subject, requestId, by, askedAt: zone.format(askedAt) },
    due: holds.length === 0,
    dueFrom: end === undefined ? null : zone.format(end),
    holds: holds.map((hold) => erasure.shownHold(hold, zone)),
  };
}

function factsOf(erasures: erasure.ErasureHistory, reader: ReaderContext): HoldFacts {
  const { now, parts, states, zone } = reader;
  const { database } = parts.readModels;
  return {
    erasures,
    rulebooks: reader.answerContext(now).rulebooks,
    store: parts.store,
    zone,
    registered: registrationLookup(database),
    agency: (agencyId) => states.agency(agencyId),
    creator: (creatorId) => states.creator(creatorId),
    lastSession: lastSession(database),
  };
}
