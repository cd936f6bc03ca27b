import type { Position } from '@penalty-ledger/event-store';

/**
 * Which leaf of the tree the event at a position is, from 0, on an engine that numbers its events 1, 2, 3, …: there a position says so by itself.
 * `undefined` on one whose positions have gaps; for those the log's file keeps a table (`LogFile.leafAt`).
 */
export function countedLeafOf(position: Position): number | undefined {
  return /^[1-9]\d{0,15}$/.test(position) ? Number(position) - 1 : undefined;
}

/** The position of the event that is a leaf, from 0, on an engine that numbers its events: what {@link countedLeafOf} was given. */
export function countedPositionOf(leaf: number): Position {
  return String(leaf + 1);
}
