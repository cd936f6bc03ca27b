import { open, readFile } from 'node:fs/promises';
import { UsageError } from './exit-codes.js';
import { reasonOf } from './reason.js';

/** Lines that are read together are decided and stored together: about 1,500 sessions. */
const chunkBytes = 1 << 19;

/** A file that is read once, from the beginning. */
export interface Input {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Its size, if that is known beforehand. */
  readonly bytes: number | undefined;
  /** The bytes read so far. */
  readonly bytesRead: () => number;
}

/**
 * Opens a file, or standard input for `-`.
 *
 * @throws UsageError when it cannot be read
 */
export async function openInput(file: string): Promise<Input> {
  if (file === '-') return counted(process.stdin, undefined);
  try {
    const handle = await open(file);
    const stats = await handle.stat();
    if (!stats.isDirectory())
      return counted(
        handle.createReadStream({ highWaterMark: chunkBytes }),
        stats.isFile() ? stats.size : undefined,
      );
    await handle.close();
  } catch (error) {
    throw new UsageError(
      `cannot read "${file}": ${reasonOf(error, 'file')}`,
      'check the path; - is standard input',
      {
        cause: error,
      },
    );
  }
  throw new UsageError(
    `cannot read "${file}": it is a folder`,
    'check the path; - is standard input',
  );
}

/** Reads a file whole. @throws UsageError when it cannot be read */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`cannot read "${file}": ${reasonOf(error, 'file')}`);
  }
}

function counted(stream: AsyncIterable<Uint8Array>, bytes: number | undefined): Input {
  let read = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      read += chunk.length;
      yield chunk;
    }
  }
  return { chunks: chunks(), bytes, bytesRead: () => read };
}
