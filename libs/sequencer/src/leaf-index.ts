import type { Position } from '@penalty-ledger/event-store';

/**
 * Gives the number of an event's leaf, from 0, on an engine that numbers its events 1, 2, 3, …;
 * `undefined` on one whose positions have gaps. For those the log's file keeps a table
 * (`LogFile.leafAt`).
 */
export function countedLeafOf(position: Position): number | undefined {
  return /^[1-9]\d{0,15}$/.test(position) ? Number(position) - 1 : undefined;
}

/**
 * The position of the event at a leaf, from 0, on an engine that numbers its events: the inverse of
 * {@link countedLeafOf}.
 */
export function countedPositionOf(leaf: number): Position {
  return String(leaf + 1);
}
