import type { SignedCheckpoint } from './signed-checkpoint.js';
import { table } from '../terminal/table.js';
import { count, figure } from '../terminal/words.js';
import { said } from '../terminal/language.js';

/** The checkpoints as a table: how much each signs, when, and the root. */
export function checkpointLines(checkpoints: readonly SignedCheckpoint[]): string[] {
  const columns = [
    { title: said('Events', '事件数'), align: 'right' },
    { title: said('Streams', '事件流数'), align: 'right' },
    { title: said('Signed at (UTC)', '签署时间（UTC）') },
    { title: said('Root', '根哈希') },
  ] as const;
  const rows = checkpoints.map(({ size, streams, signedAt, root }) => [
    figure(size),
    figure(streams),
    signedAt,
    root,
  ]);
  return [
    ...table(columns, rows),
    '',
    said(count(checkpoints.length, 'checkpoint'), `${figure(checkpoints.length)} 个检查点`),
  ];
}
