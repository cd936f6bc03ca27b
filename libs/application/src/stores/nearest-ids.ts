import {
  idsAround,
  type NamedKind,
  type ReadModels,
  type UsedId,
} from '@penalty-ledger/projections';
import leven from 'leven';

/** The ids compared on each side of the one that was asked for: far less than a second in all. */
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
): readonly UsedId[] {
  const ids = idsAround(database)(kind, asked, comparedOnASide);
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
