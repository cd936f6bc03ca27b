import { epochMsOf, type Instant } from '../instant.js';

/** The points of a deduction, and where they count: the part of it that a sum looks at. */
export interface CountedPoints {
  readonly account: string;
  readonly period: string;
  readonly effectiveAt: Instant;
  readonly points: number;
}

/**
 * The points of each period and account, as every event changed them. A change is known from its
 * recording on and counts from an instant on, so that any sum at (E, K) is a sum of changes, and
 * nearly every sum that a command needs is that of all.
 */
export interface PointSums {
  /** The recording of the last change, in milliseconds since 1970. */
  lastKnownFrom: number;
  /** By period and account. */
  readonly changes: Map<string, PointChanges>;
}

/** The changes of one period and account, in the order of their recording. */
interface PointChanges {
  /** In milliseconds since 1970, as the next column: a sum may look at every row. */
  readonly knownFrom: number[];
  readonly countsFrom: number[];
  readonly points: number[];
  earliest: number;
  latest: number;
  total: number;
}

export function emptyPoints(): PointSums {
  return { lastKnownFrom: 0, changes: new Map() };
}

/**
 * Adds a change to the sums, which are changed in place. Returns false for one that this ledger
 * never records, which goes back in time or has points that no rulebook allows: it is not in the
 * sums then, and they must not be used.
 *
 * @param before what the deduction counted until then; `undefined` for a new one
 */
export function addChange(
  sums: PointSums,
  recordedAt: Instant,
  before: CountedPoints | undefined,
  after: CountedPoints,
): boolean {
  const knownFrom = epochMsOf(recordedAt);
  if (!(knownFrom >= sums.lastKnownFrom) || !isExact(after.points)) return false;
  sums.lastKnownFrom = knownFrom;
  if (before !== undefined) add(sums, before, -before.points, knownFrom);
  add(sums, after, after.points, knownFrom);
  return true;
}

/** Says whether a million of such points add up without rounding, in any order. */
function isExact(points: number): boolean {
  return Number.isInteger(points) && Math.abs(points) <= 1_000_000_000;
}

function add(
  { changes }: PointSums,
  { account, effectiveAt, period }: CountedPoints,
  points: number,
  knownFrom: number,
): void {
  if (points === 0) return;
  const key = keyOf(period, account);
  let found = changes.get(key);
  if (found === undefined) {
    const columns = { knownFrom: [], countsFrom: [], points: [] };
    found = { ...columns, earliest: Infinity, latest: -Infinity, total: 0 };
    changes.set(key, found);
  }
  const countsFrom = epochMsOf(effectiveAt);
  found.knownFrom.push(knownFrom);
  found.countsFrom.push(countsFrom);
  found.points.push(points);
  found.earliest = Math.min(found.earliest, countsFrom);
  found.latest = Math.max(found.latest, countsFrom);
  found.total += points;
}

/** The sum of what is known at K and counts from an instant of `from` to E, both included. */
export function pointsBetween(
  { changes }: PointSums,
  { period, account }: { readonly period: string; readonly account: string },
  from: Instant,
  { effectiveAt, knownAt }: { readonly effectiveAt: Instant; readonly knownAt: Instant },
): number {
  const found = changes.get(keyOf(period, account));
  if (found === undefined) return 0;
  const [first, last, known] = [epochMsOf(from), epochMsOf(effectiveAt), epochMsOf(knownAt)];
  const { countsFrom, knownFrom, points } = found;
  if (found.earliest >= first && found.latest <= last && (knownFrom.at(-1) ?? 0) <= known)
    return found.total;
  let sum = 0;
  for (let at = 0; at < points.length && (knownFrom[at] ?? 0) <= known; at += 1) {
    const counts = countsFrom[at] ?? 0;
    if (counts >= first && counts <= last) sum += points[at] ?? 0;
  }
  return sum;
}

/** A period has no space in it. */
function keyOf(period: string, account: string): string {
  return `${period} ${account}`;
}
