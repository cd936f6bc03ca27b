import { createHash } from 'node:crypto';
import { ReadModelsDamagedError } from './file/damage.js';
import type { QueryDatabase } from './file/query-database.js';
import type { Projection } from './projection.js';

/**
 * The digest of each read model and of all together: SHA-256 over their rows in order, hexadecimal;
 * {@link unreadable} where the file is damaged.
 */
export interface Digests {
  readonly all: string;
  readonly each: Readonly<Record<string, string>>;
}

/** Stands for the digest of rows that cannot be read. */
export const unreadable = 'unreadable';

/** Digests all rows of some read models. */
export function digestsOf(database: QueryDatabase, projections: readonly Projection[]): Digests {
  const each: Record<string, string> = {};
  const all = createHash('sha256');
  for (const { name, digestQuery } of projections) {
    each[name] = digestOf(database, digestQuery);
    all.update(`${name} ${each[name]}\n`);
  }
  return { all: all.digest('hex'), each };
}

function digestOf(database: QueryDatabase, query: string): string {
  const digest = createHash('sha256');
  try {
    for (const row of database.prepare(query).iterate())
      digest.update(`${JSON.stringify(Object.values(row as object))}\n`);
  } catch (error) {
    if (error instanceof ReadModelsDamagedError) return unreadable;
    throw error;
  }
  return digest.digest('hex');
}
