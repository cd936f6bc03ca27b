import {
  closed,
  described,
  Sha256Schema,
  UtcInstantSchema,
  type Shape,
} from '@penalty-ledger/ledger';
import { Type } from '@sinclair/typebox';
import { damagedLog, sentenceOf } from './access-log.js';
import type { Anchors } from './anchors.js';
import { AccessEntrySchema, type AccessEntry } from './entry.js';
import { beginning, walk } from './walk.js';

/** A page of the log. */
export type AccessPage = Shape<typeof AccessPageSchema>;
export const AccessPageSchema = closed({
  entries: Type.Array(AccessEntrySchema, { maxItems: 1_000 }),
  next: Type.Optional(
    Type.Integer({ description: '`after` of the next page; left out on the last page' }),
  ),
  cut: Type.Optional(
    described(
      closed({
        seq: Type.Integer(),
        hash: Sha256Schema,
        at: UtcInstantSchema,
        note: Type.String({ description: 'says the same, signed by the ledger' }),
      }),
      'the last of the entries that were cut off, where some of those asked for were',
    ),
  ),
});

/**
 * Entries after `after` (a `seq`; -1 for the first), at most `limit` (1–1,000), in order. Reading
 * begins at the anchor before them, so a page costs at most a day's entries. Damage ends the page.
 *
 * @throws AccessLogDamagedError when the next entry is damaged: a log must not look shorter than it
 * is
 */
export async function readAccessLog(
  path: string,
  anchors: Anchors,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<AccessPage> {
  const anchor = anchors.lastBefore(after);
  const entries: AccessEntry[] = [];
  const from = anchor === undefined ? beginning : { offset: anchor.bytes, after: anchor };
  const { refused, damage, cut } = await walk(path, from, (entry) => {
    if (entry.seq <= after) return true;
    if (entries.length === limit) return false;
    entries.push(entry);
    return true;
  });
  const last = entries.at(-1);
  // An unfinished entry is being written.
  const isDamaged = damage !== undefined && damage.kind !== 'unfinished';
  if (isDamaged && last === undefined) throw damagedLog(path, sentenceOf(damage));
  const goesOn = refused !== undefined || isDamaged;
  return {
    entries,
    ...(goesOn && last !== undefined && { next: last.seq }),
    ...(cut !== undefined &&
      after < cut.seq && { cut: { seq: cut.seq, hash: cut.hash, at: cut.at, note: cut.note } }),
  };
}
