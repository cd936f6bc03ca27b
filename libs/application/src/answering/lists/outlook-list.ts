import {
  AgencyOutlookSchema,
  byCodeUnit,
  closed,
  IdSchema,
  ProspectSchema,
  type Prospect,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { outlookIn, type OutlookAnswer } from '../outlook.js';
import type { ReaderContext } from '../reader-context.js';
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, type ListPage, type PageQuery } from './list-page.js';

/** The orders of the list of outlooks. */
export const outlookSorts = ['agencyId'] as const;

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
        description: 'agencies before the next page that are left out: their events are damaged',
      }),
    ),
  },
  { $id: 'OutlookPage' },
);

/** A page of outlooks. */
export interface OutlookPage extends ListPage<OutlookEntry> {
  /** Left out where there are none. */
  readonly damaged?: readonly string[];
}

/** The agencies whose outlooks to list. */
export interface OutlookListQuery extends PageQuery<(typeof outlookSorts)[number]> {
  readonly prospect?: Prospect;
}

/**
 * Lists the outlooks of all agencies in the order of their ids. Each is computed from the sessions
 * of the month, so a page costs as much as its agencies have creators.
 */
export async function outlookList(
  { limit, after, prospect }: OutlookListQuery,
  reader: ReaderContext,
): Promise<OutlookPage> {
  const { now } = reader;
  const context = reader.answerContext(now);
  const entries: OutlookEntry[] = [];
  const damaged: string[] = [];
  const onDamage = (agencyId: string): void => void damaged.push(agencyId);
  for await (const history of reader.everyHistory(now, onDamage, after?.id)) {
    const entry = entryOf(await outlookIn(history, now, context, reader));
    if (prospect === undefined || entry.prospect === prospect) entries.push(entry);
    if (entries.length > limit) break;
  }
  const cursorAt = ({ agencyId }: OutlookEntry): string =>
    cursorOf(outlookSorts[0], { key: agencyId, id: agencyId });
  const page = pageOf(entries, limit, cursorAt, (entry) => entry);
  return damaged.length === 0 ? page : { ...page, damaged: damaged.sort(byCodeUnit) };
}

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
    balance: first.balance,
    threshold: first.threshold,
    left: first.left,
  };
}
