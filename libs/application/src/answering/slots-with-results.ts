import {
  closed,
  creator,
  InstantSchema,
  SlotResultSchema,
  slots,
  SlotsAnswerSchema,
  type CreatorHistory,
  type Instant,
  type LedgerZone,
  type SessionOfSlot,
  type Shape,
  type Slots,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { sessionsOfCreator, type ReadModels } from '@penalty-ledger/projections';

/** The slots of a date as known at K, with the results of each assigned hour. */
export type SlotsWithResults = Shape<typeof SlotsWithResultsSchema>;
export const SlotsWithResultsSchema = closed(
  {
    ...SlotsAnswerSchema.properties,
    knownAt: InstantSchema,
    results: Type.Array(SlotResultSchema, {
      description: 'what came of each hour that was assigned',
    }),
  },
  { $id: 'Slots' },
);

/** Answers `slots`. A session is its creator's agency's of its start, as known at K. */
export async function slotsWithResults(
  {
    date,
    effectiveAt,
    knownAt,
  }: { readonly date: string; readonly effectiveAt: Instant; readonly knownAt: Instant },
  slotsOfDate: Slots,
  zone: LedgerZone,
  { database }: ReadModels,
  readCreator: (creatorId: string) => Promise<CreatorHistory>,
): Promise<SlotsWithResults> {
  const [from, to] = [zone.startOfDate(date), zone.startOfDayAfter(zone.startOfDate(date), 1)];
  const find = sessionsOfCreator(database);
  const sessions: SessionOfSlot[] = [];
  for (const creatorId of new Set(
    (slotsOfDate.allocation?.slots ?? []).flatMap(({ creatorIds }) => creatorIds),
  )) {
    const history = await readCreator(creatorId);
    for (const session of find(creatorId, from, to, knownAt)) {
      const agencyId = creator.agencyOfCreatorAt(history, session.startedAt, knownAt);
      if (agencyId !== undefined && !session.voided) sessions.push({ ...session, agencyId });
    }
  }
  return {
    ...slots.slotsAnswer(date, slotsOfDate, effectiveAt, zone),
    knownAt: zone.format(knownAt),
    results: slots.slotResults(date, slotsOfDate, sessions, zone),
  };
}
