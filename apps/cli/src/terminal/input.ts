import { once } from 'node:events';
import { createReadStream, fstat } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { UsageError } from './exit-codes.js';
import { said } from './language.js';
import { reasonOf } from './reason.js';
import { count } from './words.js';

/** Lines that are read together are decided and stored together: about 1,500 sessions. */
const chunkBytes = 1 << 19;

const statsOf = promisify(fstat);

/** A file that is opened and read once, from the beginning. */
export interface Input {
  readonly chunks: AsyncGenerator<Uint8Array>;
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
    const stream = createReadStream(file, { highWaterMark: chunkBytes });
    const [descriptor] = (await once(stream, 'open')) as [number];
    const stats = await statsOf(descriptor);
    if (!stats.isDirectory()) return counted(stream, stats.isFile() ? stats.size : undefined);
    stream.destroy();
  } catch (error) {
    throw new UsageError(
      said(
        `cannot read "${file}": ${reasonOf(error, 'file')}`,
        `无法读取 "${file}"：${reasonOf(error, 'file')}`,
      ),
      said('check the path; - is standard input', '请检查路径；- 表示标准输入'),
      {
        cause: error,
      },
    );
  }
  throw new UsageError(
    said(`cannot read "${file}": it is a folder`, `无法读取 "${file}"：它是文件夹`),
    said('check the path; - is standard input', '请检查路径；- 表示标准输入'),
  );
}

/**
 * Reads a file whole, or standard input for `-`.
 *
 * @throws UsageError when it cannot be read
 */
export async function readBytes(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      said(
        `cannot read "${file}": ${reasonOf(error, 'file')}`,
        `无法读取 "${file}"：${reasonOf(error, 'file')}`,
      ),
      said('check the path; - is standard input', '请检查路径；- 表示标准输入'),
      { cause: error },
    );
  }
}

/**
 * Reads a file whole, or standard input for `-`, up to a limit.
 *
 * @throws UsageError when it cannot be read, or is longer
 */
export async function readBounded(file: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readUpTo(file, maxBytes);
  if (bytes.length > maxBytes)
    throw new UsageError(
      said(
        `"${file}" has more than ${count(maxBytes, 'byte')}, the limit`,
        `"${file}" 超过 ${String(maxBytes)} 字节的上限`,
      ),
    );
  return bytes;
}

/**
 * Reads a file whole, or standard input for `-`; of one that is longer than a limit, a byte more
 * than that and no further.
 *
 * @throws UsageError when it cannot be read
 */
export async function readUpTo(file: string, maxBytes: number): Promise<Uint8Array> {
  const { chunks } = await openInput(file);
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(read).subarray(0, maxBytes + 1);
}

/** Gives again what was taken from a generator to look at it, and then the rest. */
export async function* resumed<Value>(
  first: Value,
  rest: AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  yield first;
  yield* rest;
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
