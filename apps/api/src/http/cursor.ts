import type { PagePlace } from '@penalty-ledger/projections';
import { ApiProblem } from './problems/api-problem.js';

/** What is no cursor. */
export const wrongCursor = {
  en: 'cursor: give `next` of the page before, as it was',
  zh: 'cursor：须为上一页给出的 `next`，不得改动',
};

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
    throw new ApiProblem('invalid', wrongCursor);
  if (of !== sort)
    throw new ApiProblem('invalid', {
      en: `cursor: it is of a page sorted by ${of}; give the same sort with it`,
      zh: `cursor：它来自按 ${of} 排序的页；请使用相同的 sort`,
    });
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
