import { existsSync } from 'node:fs';
import { LogFile } from '@penalty-ledger/sequencer';

/** The last event of a stream, as the Merkle log keeps it. */
export type KeptHead = ReturnType<LogFile['heads']> extends Iterable<infer Head> ? Head : never;

/** The last events of all streams in the Merkle log at a path; none where there is no log. */
export function keptHeads(path: string): readonly KeptHead[] {
  if (!existsSync(path)) return [];
  const file = LogFile.open(path, 'read');
  try {
    return [...file.heads()];
  } finally {
    file.close();
  }
}
