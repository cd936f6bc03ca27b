import {
  AgencyOutlookSchema,
  closed,
  endOfTime,
  IdSchema,
  ProspectSchema,
  type Prospect,
  type Shape,
} from '@penalty-ledger/ledger';
import type { PagePlace } from '@penalty-ledger/projections';
import { Type } from '@sinclair/typebox';
import { everyOutlook, type Outlook, type OutlookAnswer } from '../outlook.js';
import type { ReaderContext } from '../reader-context.js';
import { withDamaged } from './agency-rows.js';
import {
  numberKey,
  pageSchema,
  sortedBy,
  sortedPage,
  type AgencyRowsPage,
  type PageQuery,
} from './list-page.js';
import type { ListSort } from './list-texts.js';

const { properties: month } = AgencyOutlookSchema.properties.assessment;
const { properties: points } = AgencyOutlookSchema.properties.thresholds.items;

/** An agency's outlook in short. */
export type OutlookEntry = Shape<typeof OutlookEntrySchema>;
export const OutlookEntrySchema = closed(
  {
    agencyId: IdSchema,
    asOf: AgencyOutlookSchema.properties.asOf,
    month: month.month,
    prospect: ProspectSchema,
    active: month.active,
    base: month.base,
    rate: month.rate,
    missingActive: month.missingActive,
    missingCreators: month.missingCreators,
    streamBefore: month.streamBefore,
    possibleBefore: month.possibleBefore,
    actBefore: month.actBefore,
    balance: points.balance,
    threshold: points.threshold,
    left: points.left,
  },
  { $id: 'OutlookEntry' },
);

export const OutlookPageSchema = closed(
  {
    ...pageSchema(OutlookEntrySchema, 'OutlookPage').properties,
    damaged: Type.Optional(
      Type.Array(IdSchema, {
        description:
          'agencies that are left out because their events are damaged; sorted by `agencyId` ' +
          'only those before the next page',
      }),
    ),
  },
  { $id: 'OutlookPage' },
);

/** The agencies whose outlooks to list, and their order. */
export interface OutlookListQuery extends PageQuery<ListSort<'outlooks'>> {
  readonly prospect?: Prospect;
}

/**
 * Lists the outlooks of all agencies. Each is computed from the sessions of the month. In the order
 * of the ids a page costs as much as its agencies have creators; in another order it costs as much
 * as all of them.
 */
export async function outlookList(
  { sort = 'agencyId', limit, after, prospect }: OutlookListQuery,
  reader: ReaderContext,
): Promise<AgencyRowsPage<OutlookEntry>> {
  const rows: OutlookRow[] = [];
  const damaged: string[] = [];
  const onDamage = (agencyId: string): void => void damaged.push(agencyId);
  const isInOrder = sort === 'agencyId';
  const outlooks = everyOutlook(reader, onDamage, isInOrder ? after?.id : undefined);
  for await (const { answer, month } of outlooks) {
    const entry = entryOf(answer);
    if (prospect === undefined || entry.prospect === prospect)
      rows.push({ entry, actBefore: month.actBefore });
    if (isInOrder && rows.length > limit) break;
  }
  const placeOf = (row: OutlookRow): PagePlace => ({
    key: keys[sortedBy<keyof typeof keys>(sort)](row),
    id: row.entry.agencyId,
  });
  return withDamaged(
    sortedPage({ rows, placeOf, entryOf: ({ entry }) => entry }, { sort, limit, after }),
    damaged,
  );
}

/** An entry, and the instant by which the list is sorted. */
interface OutlookRow extends Pick<Outlook['month'], 'actBefore'> {
  readonly entry: OutlookEntry;
}

/** More than any account can be beyond its threshold: a key is of 0 or more. */
const maxBeyond = 2 ** 40;

const keys = {
  agencyId: ({ entry }: OutlookRow) => entry.agencyId,
  // Those for which nothing can be done, or has to be, come last.
  actBefore: ({ actBefore }: OutlookRow) => actBefore ?? endOfTime,
  left: ({ entry }: OutlookRow) => numberKey(entry.left + maxBeyond),
};

function entryOf({ agencyId, asOf, assessment, thresholds }: OutlookAnswer): OutlookEntry {
  const [first] = thresholds;
  if (first === undefined) throw new TypeError(`agency "${agencyId}": a rulebook has an account`);
  return {
    agencyId,
    asOf,
    month: assessment.month,
    prospect: assessment.prospect,
    active: assessment.active,
    base: assessment.base,
    rate: assessment.rate,
    missingActive: assessment.missingActive,
    missingCreators: assessment.missingCreators,
    streamBefore: assessment.streamBefore,
    possibleBefore: assessment.possibleBefore,
    actBefore: assessment.actBefore,
    balance: first.balance,
    threshold: first.threshold,
    left: first.left,
  };
}
