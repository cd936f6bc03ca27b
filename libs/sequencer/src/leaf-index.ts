import type { Position } from '@penalty-ledger/event-store';

/**
 * Which leaf of the tree the event at a position is, from 0. Engines that number their events 1, 2, 3, … need nothing more; one whose positions
 * have gaps would keep a table, and this file is the one place that would read it.
 *
 * @throws RangeError for a position of another kind of engine
 */
export function leafIndexOf(position: Position): number {
  if (!/^[1-9]\d{0,15}$/.test(position))
    throw new RangeError(`"${position}" does not say which leaf it is: this engine needs a table of leaves`);
  return Number(position) - 1;
}

/** The position of the event that is a leaf, from 0: what {@link leafIndexOf} was given. */
export function positionOfLeaf(index: number): Position {
  return String(index + 1);
}
