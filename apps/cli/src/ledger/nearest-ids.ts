import type { LedgerReader, QueryError } from '@penalty-ledger/application';
import { idsRefused } from '@penalty-ledger/application/nearest-ids';
import { said } from '../terminal/language.js';
import { listed } from '../terminal/words.js';

/** The part of a reader that knows the ids in use. */
export type KnownIds = Pick<LedgerReader, 'nearestIds' | 'rulebooks' | 'zone'>;

/**
 * Says which ids come nearest to one that a query did not find, or when it was recorded if that was
 * after K; nothing for other errors.
 */
export async function hintFor(
  { error }: QueryError,
  fields: Readonly<Record<string, unknown>>,
  ids: KnownIds,
): Promise<string | undefined> {
  if (error === 'unknown_rulebook') return rulebooksText(ids);
  const [refused] = idsRefused(error, fields);
  if (refused === undefined) return undefined;
  const { kind, id } = refused;
  const near = await ids.nearestIds(kind, id);
  const [first] = near;
  if (first?.id !== id) return didYouMean(near);
  const recordedAt = ids.zone.format(first.recordedAt);
  return said(
    `"${id}" was recorded at ${recordedAt}; give --known-at ${recordedAt} or later`,
    `"${id}" 于 ${recordedAt} 记录；请将 --known-at 设为该时刻或之后`,
  );
}

/** Says which ids come nearest to those of a refused command that are not in use. */
export async function hintForRefused(
  code: string | null,
  data: unknown,
  ids: Pick<KnownIds, 'nearestIds'>,
): Promise<string | undefined> {
  for (const { kind, id } of idsRefused(code, data)) {
    const near = await ids.nearestIds(kind, id);
    if (near[0]?.id !== id && near.length > 0) return didYouMean(near);
  }
  return undefined;
}

/** Says which ids come nearest to one that a list was asked for; nothing when it is in use. */
export async function hintForFilter(
  fields: Readonly<Record<string, unknown>>,
  ids: Pick<KnownIds, 'nearestIds'>,
): Promise<string | undefined> {
  const { creatorId } = fields;
  if (typeof creatorId !== 'string') return undefined;
  const near = await ids.nearestIds('creator', creatorId);
  return near[0]?.id === creatorId ? undefined : didYouMean(near);
}

/** The nearest ids as a question; nothing when none is near. */
export function didYouMean(near: readonly { readonly id: string }[]): string | undefined {
  if (near.length === 0) return undefined;
  const ids = near.map(({ id }) => `"${id}"`);
  return said(`did you mean ${ids.join(' or ')}?`, `是否指 ${ids.join('、')}？`);
}

/** Lists the rulebooks there are, of which there are few. */
async function rulebooksText(ids: KnownIds): Promise<string> {
  const { items } = await ids.rulebooks({ sort: '-effectiveFrom', limit: 10 });
  const named = listed(items.map(({ id, rulebookVersion }) => `${id}@${rulebookVersion}`));
  return said(`the rulebooks here: ${named}`, `现有规则：${named}`);
}
