import type { PagePlace } from '@penalty-ledger/projections';

/** A text that is not a cursor of the list it was given to. */
export class CursorError extends Error {
  readonly code = 'invalid_cursor';

  /** @param sort the order that the cursor is of, when it is of another order */
  constructor(readonly sort?: string) {
    super(
      sort === undefined
        ? 'give `next` of the page before, as it was'
        : `it is of a page sorted by ${sort}; give the same sort with it`,
    );
  }
}

/** Writes a cursor: the order of a list, and the place in it where a page ends. */
export function cursorOf(sort: string, { key, id }: PagePlace): string {
  return encode([sort, key, id]);
}

/**
 * Reads the place that a cursor names.
 *
 * @param sort the order that is asked for now
 * @throws CursorError when the text is not a cursor, or is one of another order
 */
export function readCursor(cursor: unknown, sort: string): PagePlace {
  const [of, key, id] = decode(cursor);
  if (typeof of !== 'string' || typeof key !== 'string' || typeof id !== 'string')
    throw new CursorError();
  if (of !== sort) throw new CursorError(of);
  return { key, id };
}

/** Writes the members of a cursor as one text. */
export function encode(members: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}

/** Reads the members of a cursor; none when the text was not written by {@link encode}. */
export function decode(cursor: unknown): readonly unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(String(cursor), 'base64url').toString());
    return Array.isArray(members) ? members : [];
  } catch {
    return [];
  }
}
