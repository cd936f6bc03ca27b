import type { LedgerReader, NamedKind, QueryError } from '@penalty-ledger/application';
import { said } from '../terminal/language.js';

/** The part of a reader that knows the ids in use. */
export type KnownIds = Pick<LedgerReader, 'nearestIds' | 'rulebooks' | 'zone'>;

/**
 * The kinds of ids that a refusal may be about, by its code. What is not admitted or not bound may
 * be known all the same.
 */
const kindsOf = {
  not_admitted: 'agency',
  not_bound: 'creator',
  unknown_addition: 'addition',
  unknown_agency: 'agency',
  unknown_appeal: 'appeal',
  unknown_complaint: 'complaint',
  unknown_creator: 'creator',
  unknown_deduction: 'deduction',
  unknown_evidence: 'evidence',
  unknown_measure: 'measure',
  unknown_post: 'post',
  unknown_proposal: 'proposal',
  unknown_review: 'review',
  unknown_session: 'session',
} satisfies Readonly<
  Record<`unknown_${NamedKind}` | 'not_admitted' | 'not_bound', NamedKind>
> as Readonly<Record<string, NamedKind>>;

/** Fields that name records and are not called by their kind: those of `MergeComplaints`. */
const kindsOfFields: Readonly<Record<string, NamedKind>> = { from: 'complaint', into: 'complaint' };

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
  const kind = kindsOf[error];
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

/** Says which ids come nearest to those of a refused command that are not in use. */
export async function hintForRefused(
  code: string | null,
  data: unknown,
  ids: Pick<KnownIds, 'nearestIds'>,
): Promise<string | undefined> {
  const kind = kindsOf[code ?? ''];
  if (kind === undefined) return undefined;
  for (const id of idsIn(data, kind)) {
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
  const named = items.map(({ id, rulebookVersion }) => `${id}@${rulebookVersion}`).join(', ');
  return said(`the rulebooks here: ${named}`, `现有规则：${named}`);
}

/** The ids of a kind in the data of a command: `agencyId`, `deductionIds`, `into`, at any depth. */
function idsIn(data: unknown, kind: NamedKind): string[] {
  if (Array.isArray(data)) return data.flatMap((each) => idsIn(each, kind));
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]: [string, unknown]) => {
    if (/^(.+)Ids?$/.exec(name)?.[1] === kind || kindsOfFields[name] === kind)
      return [value].flat().filter((each) => typeof each === 'string');
    return idsIn(value, kind);
  });
}
