import {
  closed,
  enumOf,
  evidenceStream,
  IdSchema,
  InstantSchema,
  MediaTypeSchema,
  nullable,
  readEvent,
  Sha256Schema,
  type AgencyHistory,
  type Instant,
  type Shape,
} from '@penalty-ledger/ledger';
import {
  evidenceOfAgency,
  evidencePages,
  type EvidenceRow,
  type PagePlace,
} from '@penalty-ledger/projections';
import type { QueryError } from '../queries.js';
import type { ReaderContext } from '../reader-context.js';
import { personalOf, shownText, textOf, type ShownText } from '../shown-texts.js';
import { cursorOf } from './cursor.js';
import { pageOf, pageSchema, sortedPage, type ListPage, type PageQuery } from './list-page.js';
import type { ListSort } from './list-texts.js';

/** A registered piece of evidence in a list. */
export type EvidenceEntry = Shape<typeof EvidenceEntrySchema>;
export const EvidenceEntrySchema = closed(
  {
    evidenceId: IdSchema,
    subject: closed({ kind: IdSchema, id: IdSchema }),
    title: shownText(),
    mediaType: MediaTypeSchema,
    sha256: Sha256Schema,
    capturedAt: nullable(InstantSchema),
    recordedAt: InstantSchema,
  },
  { $id: 'EvidenceEntry' },
);
export const EvidencePageSchema = pageSchema(EvidenceEntrySchema, 'EvidencePage');

/** The kinds of subjects that belong to an agency. */
const ownedKinds = ['agency', 'appeal', 'complaint', 'deduction', 'session'] as const;
export const EvidenceSubjectKindSchema = enumOf([...ownedKinds, 'creator']);

/** The evidence to list, as known at K, and its order. */
export interface EvidenceListQuery extends PageQuery<ListSort<'evidence'>> {
  /** Only evidence about this agency, or about a deduction, appeal, complaint or session of it. */
  readonly agencyId?: string;
  readonly knownAt?: Instant;
  /** Only evidence about subjects of one kind. */
  readonly kind?: string;
  /** Only registrations of one file. */
  readonly sha256?: string;
}

/** Lists registered evidence. A page reads the stream of each of its items for its title. */
export function evidenceList(
  reader: ReaderContext,
): (query: EvidenceListQuery) => Promise<ListPage<EvidenceEntry> | QueryError> {
  const { database } = reader.parts.readModels;
  const [pages, ofAgency] = [evidencePages(database), evidenceOfAgency(database)];
  return async (query) => {
    const found =
      query.agencyId === undefined
        ? pageOfAll(query)
        : await reader.ofAgency({ ...query, agencyId: query.agencyId }, (history, { knownAt }) =>
            pageOfAgency(query, ofAgency(history.agencyId, subjectsOf(history, knownAt), knownAt)),
          );
    if ('error' in found) return found;
    const { items, ...next } = found;
    return { items: await Promise.all(items.map((row) => entryOf(row, reader))), ...next };
  };

  function pageOfAll(query: EvidenceListQuery): ListPage<EvidenceRow> {
    const { sort = 'recordedAt', limit, after, kind, sha256 } = query;
    const rows = pages({
      ...{ knownAt: reader.at(query).knownAt, descending: sort.startsWith('-'), limit: limit + 1 },
      ...(kind !== undefined && { subjectKind: kind }),
      ...(sha256 !== undefined && { sha256 }),
      ...(after !== undefined && { after }),
    });
    return pageOf(
      rows,
      limit,
      (row) => cursorOf(sort, placeOf(row)),
      (row) => row,
    );
  }
}

function pageOfAgency(
  { sort = 'recordedAt', limit, after, kind, sha256 }: EvidenceListQuery,
  known: readonly EvidenceRow[],
): ListPage<EvidenceRow> {
  const rows = known.filter(
    (row) =>
      (kind === undefined || row.subjectKind === kind) &&
      (sha256 === undefined || row.sha256 === sha256),
  );
  return sortedPage({ rows, placeOf, entryOf: (row) => row }, { sort, limit, after });
}

function placeOf({ recordedAt, evidenceId }: EvidenceRow): PagePlace {
  return { key: recordedAt, id: evidenceId };
}

/**
 * An agency and its records known at K, by which evidence about them is found; its sessions are not
 * kept.
 */
function subjectsOf(
  { agencyId, appeals, complaints, deductions }: AgencyHistory,
  knownAt: Instant,
): readonly { readonly kind: string; readonly id: string }[] {
  const of = (
    kind: string,
    records: ReadonlyMap<string, { readonly recordedAt: Instant }>,
  ): { readonly kind: string; readonly id: string }[] =>
    [...records]
      .filter(([, { recordedAt }]) => recordedAt <= knownAt)
      .map(([id]) => ({ kind, id }));
  return [
    { kind: 'agency', id: agencyId },
    ...of('appeal', appeals),
    ...of('complaint', complaints),
    ...of('deduction', deductions),
  ];
}

async function entryOf(row: EvidenceRow, reader: ReaderContext): Promise<EvidenceEntry> {
  const { evidenceId, subjectKind, subjectId, mediaType, sha256, capturedAt, recordedAt } = row;
  const { zone } = reader;
  return {
    evidenceId,
    subject: { kind: subjectKind, id: subjectId },
    title: await titleOf(evidenceId, reader),
    mediaType,
    sha256,
    capturedAt: capturedAt === null ? null : zone.format(capturedAt),
    recordedAt: zone.format(recordedAt),
  };
}

async function titleOf(
  evidenceId: string,
  { parts: { store, keys } }: ReaderContext,
): Promise<ShownText | null> {
  const reading = store.readStream(evidenceStream(evidenceId), { batchSize: 1 });
  for await (const [first] of reading)
    if (first !== undefined) return textOf(personalOf(readEvent(first), keys), 'title');
  return null;
}
