import type { LedgerReader, NamedKind, QueryError } from '@penalty-ledger/application';
import { said } from '../terminal/language.js';

/** The part of a reader that knows the ids in use. */
export type KnownIds = Pick<LedgerReader, 'nearestIds' | 'zone'>;

/** The kind of what a query did not find, and the field that names it. */
const notFound: Readonly<Partial<Record<QueryError['error'], NamedKind>>> = {
  unknown_agency: 'agency',
  unknown_appeal: 'appeal',
  unknown_complaint: 'complaint',
  unknown_session: 'session',
};

/**
 * Says which ids come nearest to one that a query did not find, or when it was recorded if that was
 * after K; nothing for other errors.
 */
export async function hintFor(
  { error }: QueryError,
  fields: Readonly<Record<string, unknown>>,
  ids: KnownIds,
): Promise<string | undefined> {
  const kind = notFound[error];
  const id = kind === undefined ? undefined : fields[`${kind}Id`];
  if (kind === undefined || typeof id !== 'string') return undefined;
  const near = await ids.nearestIds(kind, id);
  const [first] = near;
  if (first?.id !== id) return didYouMean(near);
  const recordedAt = ids.zone.format(first.recordedAt);
  return said(
    `"${id}" was recorded at ${recordedAt}; give --known-at ${recordedAt} or later`,
    `"${id}" 于 ${recordedAt} 记录；请将 --known-at 设为该时刻或之后`,
  );
}

/** The nearest ids as a question; nothing when none is near. */
export function didYouMean(near: readonly { readonly id: string }[]): string | undefined {
  if (near.length === 0) return undefined;
  const ids = near.map(({ id }) => `"${id}"`);
  return said(`did you mean ${ids.join(' or ')}?`, `是否指 ${ids.join('、')}？`);
}
