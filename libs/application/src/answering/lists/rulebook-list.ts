import {
  closed,
  firstAccountOf,
  IdSchema,
  InstantSchema,
  isRecordedLate,
  nullable,
  rulebooksInTime,
  Sha256Schema,
  type KnownRulebook,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { RulebookFindingCodeSchema } from '../explained-rulebooks.js';
import type { AskedAt, ReaderContext } from '../reader-context.js';
import { pageSchema, sortedPage, type ListPage, type PageQuery } from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A rulebook in a list, as known at K. */
export type RulebookEntry = Shape<typeof RulebookEntrySchema>;
export const RulebookEntrySchema = closed(
  {
    id: IdSchema,
    rulebookVersion: IdSchema,
    effectiveFrom: InstantSchema,
    inForce: Type.Boolean({ description: 'whether it is the one in force at E' }),
    recordedAt: nullable(InstantSchema, 'when it was published; null when it came with the ledger'),
    findings: Type.Array(RulebookFindingCodeSchema, {
      description: 'derived: `rulebook_late` when it was recorded after effectiveFrom',
    }),
    threshold: Type.Integer({ description: 'of its first account' }),
    clauses: Type.Integer({ description: 'how many it has' }),
    sha256: Sha256Schema,
  },
  { $id: 'RulebookEntry' },
);
export const RulebookPageSchema = pageSchema(RulebookEntrySchema, 'RulebookPage');

/** The rulebooks to list, at which E and K, and their order. They are the same for all agencies. */
export interface RulebookListQuery extends AskedAt, PageQuery<ListSort<'rulebooks'>> {
  /** Only the versions of one rulebook. */
  readonly id?: string;
}

/** Lists the rulebooks that hold as known at K. */
export function rulebookList(
  { id, sort = 'effectiveFrom', limit, after, ...asked }: RulebookListQuery,
  reader: ReaderContext,
): ListPage<RulebookEntry> {
  const { effectiveAt, knownAt } = reader.at(asked);
  const { rulebooks, zone } = reader.answerContext(knownAt);
  const inForce = rulebooks.inForceAt(effectiveAt);
  const known = rulebooksInTime(reader.states.register);
  const entryOf = (rulebook: KnownRulebook): RulebookEntry => {
    const { document, effectiveFrom, reference } = rulebook;
    const inTime = known.get(reference.sha256);
    return {
      id: reference.id,
      rulebookVersion: reference.rulebookVersion,
      effectiveFrom: zone.format(effectiveFrom),
      inForce: rulebook === inForce,
      recordedAt: inTime?.recordedAt === undefined ? null : zone.format(inTime.recordedAt),
      findings: inTime !== undefined && isRecordedLate(inTime) ? ['rulebook_late'] : [],
      threshold: firstAccountOf(document).threshold,
      clauses: document.clauses.length,
      sha256: reference.sha256,
    };
  };
  return sortedPage(
    {
      rows: rulebooks.all.filter(({ reference }) => id === undefined || reference.id === id),
      placeOf: ({ effectiveFrom, reference }) => ({
        key: effectiveFrom,
        id: `${reference.id}@${reference.rulebookVersion}`,
      }),
      entryOf,
    },
    { sort, limit, after },
  );
}
