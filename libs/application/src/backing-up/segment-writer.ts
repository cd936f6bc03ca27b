import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  BackupDamagedError,
  segmentFile,
  type Segment,
  type SequenceName,
} from './backup-manifest.js';
import { naming } from './disk-failure.js';
import { makeFile, partialEnding } from './durable-file.js';
import { openRegularFile } from './regular-file.js';

const compressed = promisify(gzip);

/**
 * The lines of a segment at most, and its characters: a damaged file loses no more, and a restore
 * reads one at a time.
 */
export const segmentLimit = { lines: 100_000, characters: 1 << 26 } as const;

/** The characters that become one member of a gzip file. */
const memberCharacters = 1 << 19;

/** Faster by half than level 6, for a file that is a tenth larger. */
const level = 3;

/** The bytes of an earlier segment that are moved at once. */
const copyBytes = 1 << 20;

/**
 * Adds lines to a sequence of segments. Every file is complete and synced before it gets its name;
 * it belongs to the backup once the manifest names it.
 */
export class SegmentWriter {
  readonly #folder: string;
  readonly #name: SequenceName;
  readonly #segments: Segment[];
  #file: OpenSegment | undefined;
  #waiting: string[] = [];
  #characters = 0;
  #lines: number;

  constructor(folder: string, name: SequenceName, before: readonly Segment[]) {
    this.#folder = folder;
    this.#name = name;
    this.#segments = [...before];
    this.#lines = before.at(-1)?.last ?? 0;
  }

  /** Lines of the sequence so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Adds lines, none of which holds a line feed. */
  async add(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      this.#waiting.push(line);
      this.#characters += line.length;
      this.#lines += 1;
      const { lines: written = 0, characters = 0 } = this.#file ?? {};
      const isFull =
        written + this.#waiting.length >= segmentLimit.lines ||
        characters + this.#characters >= segmentLimit.characters;
      if (isFull) await this.#endSegment();
      else if (this.#characters >= memberCharacters) await this.#write();
    }
  }

  /** Ends the last segment. @returns every segment of the sequence */
  async finish(): Promise<readonly Segment[]> {
    if (this.#waiting.length > 0 || this.#file !== undefined) await this.#endSegment();
    return this.#segments;
  }

  /** Closes what is open, after a failure. */
  async abandon(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#file ??= await OpenSegment.make(join(this.#folder, `${this.#name}${partialEnding}`));
    await this.#file.add(await compressed(`${lines.join('\n')}\n`, { level }));
    this.#file.lines += lines.length;
    this.#file.characters += this.#characters;
    this.#characters = 0;
  }

  async #endSegment(): Promise<void> {
    if (this.#waiting.length > 0) await this.#write();
    const file = this.#file as OpenSegment;
    await file.end();
    this.#file = undefined;
    const absorbed = this.#absorbed(file.lines);
    const complete = absorbed.length === 0 ? file : await this.#merged(absorbed, file);
    const last = this.#lines;
    const first = last - file.lines - linesOf(absorbed) + 1;
    const name = segmentFile(this.#name, first, last);
    renameSync(complete.path, join(this.#folder, name));
    this.#segments.push({
      bytes: complete.bytes,
      file: name,
      first,
      last,
      sha256: complete.sha256,
    });
  }

  /**
   * Takes the segments off that a new one takes in: those at the end with no more lines than it has
   * by then. So each line is moved some log₂(100,000) times, and few files stay small.
   */
  #absorbed(lines: number): readonly Segment[] {
    const absorbed: Segment[] = [];
    let total = lines;
    for (let last = this.#segments.at(-1); last !== undefined; last = this.#segments.at(-1)) {
      const more = linesOf([last]);
      if (more > total || total + more > segmentLimit.lines) break;
      absorbed.unshift(last);
      total += more;
      this.#segments.pop();
    }
    return absorbed;
  }

  async #merged(earlier: readonly Segment[], added: OpenSegment): Promise<OpenSegment> {
    const path = join(this.#folder, `${this.#name}-merged${partialEnding}`);
    const merged = await OpenSegment.make(path);
    try {
      for (const { file, bytes, sha256 } of earlier)
        await merged.append(join(this.#folder, file), bytes, sha256);
      await merged.append(added.path, added.bytes, added.sha256);
      await merged.end();
      return merged;
    } catch (error) {
      await merged.handle.close();
      throw error;
    }
  }
}

/** A file that is being written, and its hash. */
class OpenSegment {
  readonly #hash = createHash('sha256');
  bytes = 0;
  lines = 0;
  characters = 0;
  sha256 = '';

  private constructor(
    readonly path: string,
    readonly handle: FileHandle,
  ) {}

  static async make(path: string): Promise<OpenSegment> {
    return new OpenSegment(path, await naming(path, () => makeFile(path)));
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.bytes += bytes.length;
    await naming(this.path, () => this.handle.appendFile(bytes));
  }

  /** Appends a file that must have this length and hash. */
  async append(path: string, bytes: number, sha256: string): Promise<void> {
    const hash = createHash('sha256');
    const from = await openRegularFile(path);
    try {
      for (let at = 0; at < bytes;) {
        const length = Math.min(copyBytes, bytes - at);
        const { bytesRead, buffer } = await from.read(Buffer.alloc(length), 0, length, at);
        if (bytesRead === 0) break;
        const read = buffer.subarray(0, bytesRead);
        hash.update(read);
        await this.add(read);
        at += bytesRead;
      }
    } finally {
      await from.close();
    }
    if (hash.digest('hex') !== sha256)
      throw new BackupDamagedError({
        en:
          `"${path}" is not the file that was written: its SHA-256 differs; ` +
          'keep this folder, and back up into another one',
        zh: `"${path}" 不是写出时的文件：其 SHA-256 不同；请保留该文件夹，并备份到另一个文件夹`,
      });
  }

  /** Makes the file durable and closes it. */
  async end(): Promise<void> {
    this.sha256 = this.#hash.digest('hex');
    await naming(this.path, () => this.handle.sync());
    await this.handle.close();
  }
}

function linesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
