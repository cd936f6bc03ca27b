import {
  agencyStream,
  closed,
  earliestInstant,
  endOfTime,
  eventTypes,
  foundFields,
  handlersFor,
  sessionsStream,
  UtcInstantSchema,
  type Instant,
  type Shape,
  Sentence,
} from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import { Type } from '@sinclair/typebox';
import type { Projection } from './projection.js';

/** A finding in the list, with the event that carries it and its place among that event's. */
export type FindingRow = Shape<typeof FindingRowSchema>;
export const FindingRowSchema = closed(
  {
    stream: Type.String(),
    revision: Type.Integer(),
    place: Type.Integer({ description: 'among the findings of its event: 0, 1, …' }),
    ...foundFields,
    recordedAt: UtcInstantSchema,
  },
  { $id: 'Finding' },
);

/** Every departure from the rulebook that was found, for the auditor. */
export const findings: Projection = {
  name: 'findings',
  projectionVersion: 4,
  tables: `
    CREATE TABLE findings (
      stream TEXT NOT NULL,
      revision INTEGER NOT NULL,
      place INTEGER NOT NULL,
      code TEXT NOT NULL,
      severity TEXT NOT NULL,
      detail TEXT NOT NULL,
      detailInChinese TEXT NOT NULL,
      recordedAt TEXT NOT NULL,
      PRIMARY KEY (stream, revision, place)
    ) STRICT, WITHOUT ROWID;
    -- Those of one code stand in it in the order of the table.
    CREATE INDEX findingsByCode ON findings (code);
    CREATE INDEX findingsByRecording ON findings (recordedAt);
    CREATE INDEX findingsByCodeAndRecording ON findings (code, recordedAt);`,
  digestQuery: 'SELECT * FROM findings ORDER BY stream, revision, place',
  prepare(database) {
    const insert = database.prepare('INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    return handlersFor(eventTypes, ({ data, stream, revision, recordedAt }) => {
      if (!('findings' in data)) return;
      for (const [place, { code, severity, detail }] of data.findings.entries()) {
        insert.run(stream, revision, place, code, severity, detail.en, detail.zh, recordedAt);
      }
    });
  },
};

/** The number of times each finding was made. */
export function findingCounts(
  database: QueryDatabase,
): () => readonly { readonly code: string; readonly severity: string; readonly count: number }[] {
  const select = database.prepare(
    'SELECT code, severity, count(*) AS count FROM findings GROUP BY code, severity ORDER BY code',
  );
  return () => {
    const rows: unknown[] = select.all();
    return rows as { code: string; severity: string; count: number }[];
  };
}

/**
 * A filter on findings: of one agency's streams, its sessions' too, or of all streams; of one code
 * or all; recorded from one instant up to, but not including, another; after the last of the page
 * before.
 */
export interface FindingsWanted {
  readonly agencyId?: string;
  readonly code?: string;
  readonly severity?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  readonly after?: FindingPlace;
  readonly limit: number;
}

/** The place of a finding in its order; `recordedAt` counts only in an order of recording. */
export type FindingPlace = Pick<FindingRow, 'stream' | 'revision' | 'place'> & {
  readonly recordedAt?: Instant;
};

const beginning = { stream: '', revision: -1, place: -1 };

/**
 * Findings in the order of stream, revision and place, in pages. A page reads only the findings of
 * an agency's streams, of one code, or its own rows.
 */
export function findingPages(
  database: QueryDatabase,
): (wanted: FindingsWanted) => readonly FindingRow[] {
  const select = (condition: string) =>
    database.prepare(`
      SELECT * FROM findings WHERE ${condition} AND (stream, revision, place) > (?3, ?4, ?5)
      ${filtered('+recordedAt')} ORDER BY stream, revision, place LIMIT ?6`);
  // Every statement is given both values, so each has to name them.
  const ofStream = select('stream = ?1 AND (?2 IS NULL OR code = ?2)');
  // The length tells the months of an agency from those of one whose id goes on: `a1`, `a1-2`.
  const ofMonths = select(
    'stream >= ?1 AND stream < ?10 AND length(stream) = ?11 AND (?2 IS NULL OR code = ?2)',
  );
  const ofCode = select('code = ?2 AND ?1 IS NULL');
  const all = select('?1 IS NULL AND ?2 IS NULL');
  return ({ agencyId, code = null, after = beginning, limit, ...wanted }) => {
    const filters = filtersOf(wanted);
    const read = (
      from: typeof all,
      stream: string | null,
      max: number,
      ...more: readonly (number | string)[]
    ): FindingRow[] => {
      const place = [after.stream, after.revision, after.place] as const;
      const rows: unknown[] = from.all(stream, code, ...place, max, ...filters, ...more);
      return rows.map(rowOf);
    };
    if (agencyId === undefined) return read(code === null ? all : ofCode, null, limit);
    const own = read(ofStream, agencyStream(agencyId), limit);
    if (own.length === limit) return own;
    const first = sessionsStream(agencyId, '0000-00');
    const last = sessionsStream(agencyId, '9999-99');
    const from = after.stream > first ? after.stream : first;
    return [...own, ...read(ofMonths, from, limit - own.length, last, first.length)];
  };
}

/**
 * Findings of all agencies in the order of their recording or its reverse, in pages. A page reads
 * only the findings recorded between `from` and `to`, of one code where it is given.
 */
export function findingsByRecording(
  database: QueryDatabase,
): (
  wanted: Omit<FindingsWanted, 'agencyId'> & { readonly descending: boolean },
) => readonly FindingRow[] {
  const select = (ofCode: boolean, descending: boolean) => {
    const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
    const [index, code] = ofCode
      ? ['findingsByCodeAndRecording', 'code = ?2']
      : ['findingsByRecording', '?2 IS NULL'];
    const places = ['recordedAt', 'stream', 'revision', 'place'];
    return database.prepare(`
      SELECT * FROM findings INDEXED BY ${index}
      WHERE ${code} AND (${places.join(', ')}) ${beyond} (?1, ?3, ?4, ?5) ${filtered('recordedAt')}
      ORDER BY ${places.map((each) => `${each} ${direction}`).join(', ')} LIMIT ?6`);
  };
  const statements = new Map<string, ReturnType<typeof select>>();
  return ({ code = null, descending, after, limit, ...wanted }) => {
    const name = `${String(code !== null)} ${String(descending)}`;
    const statement = statements.get(name) ?? select(code !== null, descending);
    statements.set(name, statement);
    // Before and after every finding: names of streams never begin with a tilde.
    const edge = descending ? { ...beginning, recordedAt: '~', stream: '~' } : beginning;
    const { recordedAt = '', stream, revision, place } = { ...edge, ...after };
    const rows: unknown[] = statement.all(
      ...[recordedAt, code, stream, revision, place, limit],
      ...filtersOf(wanted),
    );
    return rows.map(rowOf);
  };
}

function rowOf(row: unknown): FindingRow {
  const { detail, detailInChinese, ...rest } = row as StoredRow;
  return { ...rest, detail: new Sentence({ en: detail, zh: detailInChinese }) };
}

interface StoredRow extends Omit<FindingRow, 'detail'> {
  readonly detail: string;
  readonly detailInChinese: string;
}

/** @param recordedAt with a `+` where no index of it is to be used */
function filtered(recordedAt: string): string {
  return `AND (?7 IS NULL OR severity = ?7) AND ${recordedAt} >= ?8 AND ${recordedAt} < ?9`;
}

function filtersOf({
  severity = null,
  from = earliestInstant,
  to = endOfTime,
}: Pick<FindingsWanted, 'from' | 'to'> & { readonly severity?: string | null }) {
  return [severity, from, to] as const;
}
