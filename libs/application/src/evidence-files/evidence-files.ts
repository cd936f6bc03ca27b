import { createHash, randomUUID, type Hash } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { counted, SpokenError, type InBoth } from '@penalty-ledger/ledger';
import { makeLastingFolder, syncFolder } from '@penalty-ledger/event-store';
import { partialEnding } from '../backing-up/durable-file.js';

/** The limit of a file of evidence, unless another one is set: 100 MiB. */
export const defaultEvidenceFileBytes = 104_857_600;

/** The reason for which a file of evidence could not be kept or given. */
export type EvidenceFileProblem =
  'too_large' | 'other_hash' | 'damaged' | 'unwritable' | 'no_folder';

/** A file of evidence cannot be kept, or not be given as it was kept. */
export class EvidenceFileError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'evidence_file';

  constructor(
    readonly problem: EvidenceFileProblem,
    text: InBoth,
    readonly hint: InBoth,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** A file as it was kept. */
export interface KeptFile {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

const isSha256 = /^[0-9a-f]{64}$/;

/**
 * The files of evidence beside a ledger, each under the SHA-256 of its bytes: what is kept twice is
 * there once. A file has its name only when all of it is on the disk. Hashes are checked on writing
 * and on reading.
 */
export class EvidenceFiles {
  /** @param given of the ledger's location; missing on an engine without `LEDGER_EVIDENCE` */
  constructor(
    private readonly given: string | undefined,
    readonly maxBytes = defaultEvidenceFileBytes,
  ) {}

  /** @throws EvidenceFileError `no_folder` */
  get folder(): string {
    if (this.given !== undefined) return this.given;
    throw new EvidenceFileError(
      'no_folder',
      { en: 'this ledger has no folder for files of evidence', zh: '该账本没有证据文件夹' },
      {
        en: 'set LEDGER_EVIDENCE to a folder that every node of the engine reaches',
        zh: '请将 LEDGER_EVIDENCE 设为引擎各节点均可访问的文件夹',
      },
    );
  }

  /**
   * Keeps a file.
   *
   * @param expected the hash it must have; left out: any
   * @throws EvidenceFileError `too_large`, `other_hash`, `unwritable`, `no_folder`; nothing of it
   *   stays then
   */
  async keep(chunks: AsyncIterable<Uint8Array>, expected?: string): Promise<KeptFile> {
    const partial = join(this.folder, `${randomUUID()}${partialEnding}`);
    const file = await this.#made(partial);
    try {
      const kept = await this.#write(file, chunks);
      if (expected !== undefined && kept.sha256 !== expected)
        throw new EvidenceFileError(
          'other_hash',
          {
            en: `the bytes have the SHA-256 ${kept.sha256}, not ${expected}`,
            zh: `内容的 SHA-256 为 ${kept.sha256}，而非 ${expected}`,
          },
          {
            en: 'send the file again, or register the hash that it has',
            zh: '请重新发送文件，或登记其实际哈希',
          },
        );
      const path = this.#path(kept.sha256);
      this.#makeFolder(dirname(path));
      await rename(partial, path);
      syncFolder(dirname(path));
      return kept;
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /**
   * Opens a file whose bytes have their hash still, from its beginning; `undefined` when it was not
   * kept.
   *
   * @throws EvidenceFileError `damaged`
   */
  async open(
    sha256: string,
  ): Promise<{ readonly file: FileHandle; readonly bytes: number } | undefined> {
    if (!isSha256.test(sha256)) return undefined;
    const file = await openIfThere(this.#path(sha256));
    if (file === undefined) return undefined;
    try {
      const { hash, bytes } = await hashOf(file);
      if (hash === sha256) return { file, bytes };
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    throw new EvidenceFileError(
      'damaged',
      {
        en: `the file of evidence ${sha256} is not the one that was kept`,
        zh: `证据文件 ${sha256} 与保存时不同`,
      },
      {
        en: 'keep the original again; its bytes replace the damaged ones',
        zh: '请重新保存原件；其内容将替换损坏的文件',
      },
    );
  }

  /** Reads a file whole; `undefined` when it was not kept. @throws as {@link open} */
  async read(sha256: string): Promise<Uint8Array | undefined> {
    const opened = await this.open(sha256);
    if (opened === undefined) return undefined;
    try {
      const content = new Uint8Array(opened.bytes);
      await opened.file.read(content, 0, opened.bytes, 0);
      return content;
    } finally {
      await opened.file.close();
    }
  }

  async #write(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<KeptFile> {
    const hash: Hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > this.maxBytes)
          throw new EvidenceFileError(
            'too_large',
            {
              en: `the file has more than ${counted(this.maxBytes, 'byte')}`,
              zh: `文件超过 ${String(this.maxBytes)} 字节`,
            },
            { en: 'LEDGER_EVIDENCE_BYTES sets the limit', zh: '上限由 LEDGER_EVIDENCE_BYTES 设定' },
          );
        hash.update(chunk);
        await file.appendFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { sha256: hash.digest('hex'), bytes };
  }

  async #made(path: string): Promise<FileHandle> {
    this.#makeFolder(this.folder);
    try {
      return await open(path, 'wx', 0o600);
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #makeFolder(folder: string): void {
    try {
      makeLastingFolder(folder, 0o700);
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #unwritable(cause: unknown): EvidenceFileError {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return new EvidenceFileError(
      'unwritable',
      {
        en: `the folder of evidence "${this.folder}" cannot be written (${why})`,
        zh: `证据文件夹 "${this.folder}" 无法写入（${why}）`,
      },
      {
        en: 'make it writable for this user, or set LEDGER_EVIDENCE to another folder',
        zh: '请让当前用户可以写入，或将 LEDGER_EVIDENCE 设为其他文件夹',
      },
      { cause },
    );
  }

  #path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function hashOf(
  file: FileHandle,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
    hash.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
  }
  return { hash: hash.digest('hex'), bytes };
}
