import type { Instant } from '@penalty-ledger/ledger';
import type { QueryDatabase } from './file/query-database.js';
import { registrationKey } from './registrations.js';

/** The kinds of records that people name by their id. */
export type NamedKind =
  | 'addition'
  | 'agency'
  | 'appeal'
  | 'complaint'
  | 'creator'
  | 'deduction'
  | 'evidence'
  | 'hold'
  | 'measure'
  | 'post'
  | 'proposal'
  | 'review'
  | 'session';

/** An id that is in use, and when it was recorded. */
export interface UsedId {
  readonly id: string;
  readonly recordedAt: Instant;
}

/**
 * Finds ids of a kind that are in use, on both sides of one in their order: those that begin as it
 * does lie next to it.
 *
 * @returns at most `limit` on each side, the id itself among them where it is in use
 */
export function idsAround(
  database: QueryDatabase,
): (kind: NamedKind, id: string, limit: number) => readonly UsedId[] {
  return (kind, id, limit) => {
    const { rows, before, after } = placeOf(kind);
    const select = (range: string, order: 'ASC' | 'DESC', ...keys: readonly string[]): UsedId[] => {
      const found: unknown[] = database
        .prepare(`SELECT key, recordedAt FROM ${rows} AND ${range} ORDER BY key ${order} LIMIT ?`)
        .all(...keys, limit);
      return (found as { readonly key: string; readonly recordedAt: Instant }[]).map(
        ({ key, recordedAt }) => ({ id: key.slice(before.length), recordedAt }),
      );
    };
    return [
      ...select('key >= ? AND key < ?', 'ASC', before + id, after),
      ...select('key >= ? AND key < ?', 'DESC', before, before + id),
    ];
  };
}

/** The rows of a kind, and the keys between which all of theirs lie. */
function placeOf(kind: NamedKind): {
  readonly rows: string;
  readonly before: string;
  readonly after: string;
} {
  switch (kind) {
    case 'session':
      return {
        rows: '(SELECT sessionId AS key, recordedAt, place FROM sessions) WHERE place = 0',
        before: '',
        after: afterEveryId,
      };
    case 'creator':
      return {
        rows: `(SELECT creatorId AS key, min(recordedAt) AS recordedAt FROM creators
          GROUP BY creatorId) WHERE TRUE`,
        before: '',
        after: afterEveryId,
      };
    default:
      // "0" is the character after the slash.
      return {
        rows: 'registrations WHERE TRUE',
        before: registrationKey(kind, ''),
        after: `${kind}0`,
      };
  }
}

/** Ids are letters, digits and marks of ASCII, which all sort before this. */
const afterEveryId = '\u007f';
