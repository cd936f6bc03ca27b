import type { SignedCheckpoint } from './signed-checkpoint.js';
import { table } from '../terminal/table.js';
import { count, figure } from '../terminal/words.js';

/** The checkpoints as a table: how much each signs, when, and the root. */
export function checkpointLines(checkpoints: readonly SignedCheckpoint[]): string[] {
  const columns = [
    { title: 'Events', align: 'right' },
    { title: 'Streams', align: 'right' },
    { title: 'Signed at (UTC)' },
    { title: 'Root' },
  ] as const;
  const rows = checkpoints.map(({ size, streams, signedAt, root }) => [
    figure(size),
    figure(streams),
    signedAt,
    root,
  ]);
  return [...table(columns, rows), '', count(checkpoints.length, 'checkpoint')];
}
