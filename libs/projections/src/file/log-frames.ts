import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { counted, SpokenError, type InBoth } from '@penalty-ledger/ledger';
import { pageSum } from './page-crc.js';

/** The state of a write-ahead log, as of its first `frames` frames. */
export interface LogMark {
  /** The salts of the log's header: others after each restart of the log. */
  readonly salts: string;
  readonly frames: number;
}

/** Frames read from a log. */
export interface LogFrames extends LogMark {
  readonly pageSize: number;
  /** The size of the database in pages after the last frame; 0 when no frame was read. */
  readonly databasePages: number;
  /** The sums of the pages in the frames read, by page number; the last frame of a page counts. */
  readonly sums: ReadonlyMap<number, number>;
}

/** A log whose bytes are not those that SQLite wrote. */
export class LogDamagedError extends SpokenError {
  declare readonly inBoth: InBoth;
}

const headerBytes = 32;
const frameHeaderBytes = 24;
const framesAtOnce = 512;

/** The magic number of a log whose checksums are made of integers in this machine's byte order. */
const magic = endianness() === 'LE' ? 0x377f0682 : 0x377f0683;

/**
 * Reads a log's frames after a mark, up to the frame that SQLite says is its last, checks them
 * against their chain of checksums (sqlite.org/fileformat2.html, section 4) and makes them durable.
 * SQLite itself checks frames only when it opens a log again.
 *
 * @param frames the number of frames in the log; at least one
 * @param after frames that were read before; reading begins at the first frame when the log was
 * restarted since
 * @throws LogDamagedError
 */
export function readLogFrames(
  path: string,
  frames: number,
  after: LogMark = { salts: '', frames: 0 },
): LogFrames {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new LogDamagedError(
      { en: 'its log cannot be opened', zh: '其日志无法打开' },
      { cause: error },
    );
  }
  try {
    const header = readIntegers(file, 0, headerBytes);
    const pageSize = header.bytes.readUInt32BE(8);
    const chain = new Chain();
    chain.add(header.integers, 0, 6);
    if (header.bytes.readUInt32BE(0) !== magic || !chain.isAt(header.bytes, 24))
      throw new LogDamagedError({
        en: 'the header of its log is not as it was written',
        zh: '其日志的头部与写入时不同',
      });
    const salts = header.bytes.toString('hex', 16, 24);
    const [saltOne, saltTwo] = [header.integers[4], header.integers[5]];
    const frameBytes = frameHeaderBytes + pageSize;
    const frameWords = frameBytes / 4;
    let done = salts === after.salts ? after.frames : 0;
    if (done > frames)
      throw new LogDamagedError({
        en:
          `its log has ${counted(frames, 'frame')}, ` +
          `and had ${String(done)} when it was last looked at`,
        zh: `其日志有 ${frames} 帧，而上次查看时有 ${String(done)} 帧`,
      });
    if (done > 0)
      chain.continueFrom(
        readIntegers(file, headerBytes + (done - 1) * frameBytes, frameHeaderBytes).bytes,
        frameHeaderBytes - 8,
      );
    const sums = new Map<number, number>();
    let databasePages = 0;
    while (done < frames) {
      const count = Math.min(framesAtOnce, frames - done);
      const { bytes, integers } = readIntegers(
        file,
        headerBytes + done * frameBytes,
        count * frameBytes,
      );
      for (let index = 0; index < count; index += 1) {
        const at = index * frameBytes;
        const word = index * frameWords;
        chain.add(integers, word, word + 2);
        chain.add(integers, word + frameHeaderBytes / 4, word + frameWords);
        if (
          integers[word + 2] !== saltOne ||
          integers[word + 3] !== saltTwo ||
          !chain.isAt(bytes, at + frameHeaderBytes - 8)
        )
          throw new LogDamagedError({
            en: `frame ${String(done + index + 1)} of its log is not as it was written`,
            zh: `其日志的第 ${String(done + index + 1)} 帧与写入时不同`,
          });
        const page = bytes.readUInt32BE(at);
        sums.set(page, pageSum(page, bytes.subarray(at + frameHeaderBytes, at + frameBytes)));
        databasePages = bytes.readUInt32BE(at + 4);
      }
      done += count;
    }
    if (sums.size > 0) {
      if (databasePages === 0)
        throw new LogDamagedError({
          en: `frame ${String(frames)} of its log ends no transaction`,
          zh: `其日志的第 ${String(frames)} 帧未结束任何事务`,
        });
      fsyncSync(file);
    }
    return { salts, frames, pageSize, databasePages, sums };
  } finally {
    closeSync(file);
  }
}

interface Integers {
  readonly bytes: Buffer;
  readonly integers: Int32Array;
}

function readIntegers(file: number, position: number, length: number): Integers {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0)
      throw new LogDamagedError({ en: 'its log is shorter than it was', zh: '其日志比先前短' });
    done += read;
  }
  return { bytes, integers: new Int32Array(bytes.buffer, bytes.byteOffset, length / 4) };
}

/** The running checksum of a log: two integers, each of everything before. */
class Chain {
  #one = 0;
  #other = 0;

  /** Goes on from the checksum that stands in a frame's header. */
  continueFrom(bytes: Buffer, at: number): void {
    this.#one = bytes.readInt32BE(at);
    this.#other = bytes.readInt32BE(at + 4);
  }

  /** Adds integers `from` up to `to`, an even number of them. */
  add(integers: Int32Array, from: number, to: number): void {
    let one = this.#one;
    let other = this.#other;
    for (let at = from; at < to; at += 2) {
      one = (one + (integers[at] ?? 0) + other) | 0;
      other = (other + (integers[at + 1] ?? 0) + one) | 0;
    }
    this.#one = one;
    this.#other = other;
  }

  isAt(bytes: Buffer, at: number): boolean {
    return this.#one === bytes.readInt32BE(at) && this.#other === bytes.readInt32BE(at + 4);
  }
}
