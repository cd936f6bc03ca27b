import {
  CursorError,
  defaultPageSize,
  maxPageSize,
  readCursor,
  type PageQuery,
} from '@penalty-ledger/application';
import { ApiProblem } from './problems/api-problem.js';
import { enumIn, integerIn, type Parameters } from './parameters.js';

/** The parameters of a list in pages. */
export const pageParameters = ['sort', 'limit', 'cursor', 'atLeast'] as const;

/**
 * The page asked for and its order: the first of `sorts` unless given.
 *
 * @throws ApiProblem `invalid`
 */
export function pageIn<Sort extends string>(
  given: Parameters,
  sorts: readonly [Sort, ...Sort[]],
): PageQuery<Sort> {
  const sort = enumIn(given, 'sort', sorts) ?? sorts[0];
  const { cursor } = given;
  const after = cursor === undefined ? undefined : asCursor(() => readCursor(cursor, sort));
  return { sort, limit: limitIn(given), ...(after !== undefined && { after }) };
}

/** The maximal number of items on a page. @throws ApiProblem `invalid` */
export function limitIn(given: Parameters): number {
  return integerIn(given, 'limit', 1, maxPageSize) ?? defaultPageSize;
}

/** Reads something with a cursor in it. @throws ApiProblem `invalid` when the cursor is none */
export function asCursor<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof CursorError) throw problemOf(error);
    throw error;
  }
}

function problemOf({ message, sort }: CursorError): ApiProblem {
  return new ApiProblem('invalid', {
    en: `cursor: ${message}`,
    zh:
      sort === undefined
        ? 'cursor：须为上一页给出的 `next`，不得改动'
        : `cursor：它来自按 ${sort} 排序的页；请使用相同的 sort`,
  });
}
