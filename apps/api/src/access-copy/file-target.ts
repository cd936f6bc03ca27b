import type { CopyTarget } from '@penalty-ledger/application/access-log';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A file, best on another disk: `file:/audit/access.ndjson`. It is made with mode 0600. */
export function fileTarget(url: string): CopyTarget {
  const path = resolve(url.slice('file:'.length));
  return {
    url,
    async send(lines) {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(`${lines.join('\n')}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    close: () => Promise.resolve(),
  };
}
