import { closeSync, openSync, readSync } from 'node:fs';

/** Reads a file or a pipe from its beginning, `limit` bytes at most. */
export function readBeginning(path: string, limit: number): Uint8Array {
  const chunkBytes = Math.min(limit, 1 << 20);
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; total < limit;) {
      const chunk = Buffer.alloc(Math.min(chunkBytes, limit - total));
      const bytes = readSync(descriptor, chunk, 0, chunk.length, null);
      if (bytes === 0) break;
      chunks.push(chunk.subarray(0, bytes));
      total += bytes;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}
