import {
  idsAround,
  type NamedKind,
  type ReadModels,
  type UsedId,
} from '@penalty-ledger/projections';
import leven from 'leven';

/**
 * The ids compared on each side of the one that was asked for: far less than a second in all. A
 * service, which others wait for meanwhile, compares fewer.
 */
const comparedOnASide = 20_000;
const offered = 3;
/** The number of characters that a mistyped id differs in at most. */
const farthest = 3;

/**
 * Finds the ids in use that look most like one that was asked for, the nearest first; the id itself
 * where it was recorded after what was asked about. The cost is bounded: in a ledger with more ids
 * than are compared, those next to it in their order are.
 */
export function nearestIds(
  kind: NamedKind,
  asked: string,
  database: ReadModels['database'],
  compared = comparedOnASide,
): readonly UsedId[] {
  const ids = idsAround(database)(kind, asked, compared);
  return nearestOf(asked, ids);
}

/** The nearest of some ids, by the number of characters to change; capitals are one with others. */
export function nearestOf<Used extends { readonly id: string }>(
  asked: string,
  ids: readonly Used[],
): readonly Used[] {
  const wanted = asked.toLowerCase();
  // Half of a short id can be changed into any other.
  const maxDistance = Math.min(farthest, Math.ceil(wanted.length / 2));
  return ids
    .map((used) => ({ used, distance: distanceOf(wanted, used.id.toLowerCase(), maxDistance) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((one, other) => one.distance - other.distance || (one.used.id < other.used.id ? -1 : 1))
    .slice(0, offered)
    .map(({ used }) => used);
}

function distanceOf(wanted: string, id: string, maxDistance: number): number {
  if (Math.abs(wanted.length - id.length) > maxDistance) return Infinity;
  return leven(wanted, id, { maxDistance: maxDistance + 1 });
}

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
  unknown_hold: 'hold',
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

/** The ids that a refusal may be about: those of its kind in what was sent, at any depth. */
export function idsRefused(
  code: string | null,
  data: unknown,
): readonly { readonly kind: NamedKind; readonly id: string }[] {
  const kind = kindsOf[code ?? ''];
  return kind === undefined ? [] : idsIn(data, kind).map((id) => ({ kind, id }));
}

function idsIn(data: unknown, kind: NamedKind): string[] {
  if (Array.isArray(data)) return data.flatMap((each) => idsIn(each, kind));
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]: [string, unknown]) => {
    if (/^(.+)Ids?$/.exec(name)?.[1] === kind || kindsOfFields[name] === kind)
      return [value].flat().filter((each) => typeof each === 'string');
    return idsIn(value, kind);
  });
}
