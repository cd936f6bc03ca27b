import type { PagePlace } from '@penalty-ledger/projections';
import { ApiProblem } from '../problems/api-problem.js';

/** Where a page of a sorted list ended, as an answer's `next` says it. */
export function cursorOf(sort: string, { key, id }: PagePlace): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url');
}

/**
 * The place a cursor says.
 *
 * @param sort the order that is asked for now
 * @throws ApiProblem `invalid` for what is no cursor, and for one of another order
 */
export function placeIn(cursor: unknown, sort: string): PagePlace | undefined {
  if (cursor === undefined) return undefined;
  const [of, key, id] = partsOf(cursor);
  if (typeof of !== 'string' || typeof key !== 'string' || typeof id !== 'string')
    throw new ApiProblem('invalid', 'cursor: give `next` of the page before, as it was');
  if (of !== sort)
    throw new ApiProblem('invalid', `cursor: it is of a page sorted by ${of}; give the same sort with it`);
  return { key, id };
}

function partsOf(cursor: unknown): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(String(cursor), 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
