import assert from 'node:assert/strict';
import { dirname } from 'node:path';

/** The folder under which paths lie on the simulated disk; everything else is the machine's. */
export const diskRoot = '/simulated-disk';

/** One change of a disk, or one point in time, in the order in which they happened. */
export type Operation =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'makeFolder'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'syncFolder'; readonly path: string }
  /** Somebody outside learns a fact, which must hold from now on. */
  | { readonly kind: 'acknowledged'; readonly fact: string };

/** The code of an operating system's failure. */
export type FaultCode = 'ENOSPC' | 'EROFS' | 'EDQUOT' | 'EIO';

/** A call to the disk, before it is carried out. */
export interface Attempt {
  readonly kind:
    | 'open'
    | 'create'
    | 'read'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'makeFolder'
    | 'rename'
    | 'unlink'
    | 'syncFolder';
  readonly path: string;
}

export class DiskFault extends Error {
  readonly syscall: string;

  constructor(
    readonly code: FaultCode | 'ENOENT' | 'EEXIST',
    { kind, path }: Attempt,
  ) {
    super(`${code}: ${reasons[code]}, ${kind} '${path}'`);
    this.syscall = kind;
    this.path = path;
  }

  readonly path: string;
}

const reasons = {
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  EDQUOT: 'disk quota exceeded',
  EIO: 'i/o error',
  ENOENT: 'no such file or directory',
  EEXIST: 'file already exists',
} as const;

/** The thing that a path names: a file by its number, or a folder. */
export type Entry = number | 'folder';

/** The content of a disk. */
export interface DiskImage {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly files: ReadonlyMap<number, Buffer>;
}

export const emptyImage: DiskImage = { entries: new Map([[diskRoot, 'folder']]), files: new Map() };

/** Bytes that can be written at any place, as a file's can. */
export class Content {
  #bytes: Buffer;
  #size: number;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = Buffer.from(bytes);
    this.#size = bytes.length;
  }

  get size(): number {
    return this.#size;
  }

  /** The bytes as they are now; a later write may change them. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  write(at: number, bytes: Buffer): void {
    const end = at + bytes.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    bytes.copy(this.#bytes, at);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    if (size > this.#size) this.write(size - 1, Buffer.alloc(1));
    this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }
}

/**
 * A disk in memory, under all files of a ledger together. It keeps a journal of every change and of
 * every sync, from which the states after a power loss are made, and fails where a test says so.
 */
export class SimulatedDisk {
  readonly journal: Operation[] = [];
  /** Says which calls fail, and how. */
  fault: (attempt: Attempt) => FaultCode | undefined = () => undefined;
  readonly #entries: Map<string, Entry>;
  readonly #files: Map<number, Content>;
  readonly #writes = new Map<number, number>();
  #nextFile: number;
  #isWithoutEffect = false;

  /**
   * @param image the content to begin with
   * @param firstFile the number of the first new file, where files of the image were unlinked
   */
  constructor(image: DiskImage = emptyImage, firstFile = 1) {
    this.#entries = new Map(image.entries);
    this.#files = new Map([...image.files].map(([file, bytes]) => [file, new Content(bytes)]));
    this.#nextFile = Math.max(firstFile - 1, ...image.files.keys()) + 1;
  }

  /** Notes that something was acknowledged to somebody outside. */
  acknowledged(fact: string): void {
    this.journal.push({ kind: 'acknowledged', fact });
  }

  /**
   * Runs work whose changes do not reach the disk. A process that was killed closes nothing, and
   * its connections have to be let go of.
   */
  withoutEffect(work: () => void): void {
    this.#isWithoutEffect = true;
    try {
      work();
    } finally {
      this.#isWithoutEffect = false;
    }
  }

  /** Runs work that no fault disturbs. */
  withoutFaults<Result>(work: () => Result): Result {
    const { fault } = this;
    this.fault = () => undefined;
    try {
      return work();
    } finally {
      this.fault = fault;
    }
  }

  /** Puts other files in the place of those under a path, as if they had always been there. */
  replace(under: string, { entries, files }: DiskImage): void {
    for (const path of this.paths)
      if (path.startsWith(under) && typeof this.entry(path) === 'number') this.unlink(path);
    for (const [path, entry] of entries) {
      if (!path.startsWith(under) || typeof entry !== 'number') continue;
      const file = this.open(path, 'createNew');
      this.write(file, 0, files.get(entry) ?? Buffer.alloc(0));
      this.sync(file);
    }
    this.syncFolder(dirname(under));
  }

  entry(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  get paths(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }

  /** The content as it is now. */
  image(): DiskImage {
    const files = [...this.#files].map(([file, { bytes }]) => [file, Buffer.from(bytes)] as const);
    return { entries: new Map(this.#entries), files: new Map(files) };
  }

  /** Opens a file, which is made where it is missing if `create` says so. */
  open(path: string, create: 'create' | 'createNew' | undefined): number {
    const found = this.#entries.get(path);
    if (found !== undefined && create === 'createNew')
      throw new DiskFault('EEXIST', { kind: 'open', path });
    if (typeof found === 'number') {
      this.#attempt({ kind: 'open', path });
      return found;
    }
    const attempt: Attempt = { kind: 'create', path };
    if (create === undefined || this.#entries.get(dirname(path)) !== 'folder')
      throw new DiskFault('ENOENT', { kind: 'open', path });
    this.#attempt(attempt);
    const file = this.#nextFile;
    this.#nextFile += 1;
    this.#entries.set(path, file);
    this.#files.set(file, new Content());
    this.journal.push({ kind: 'create', path, file });
    return file;
  }

  size(file: number): number {
    return this.#content(file).size;
  }

  /** Stands for the time of the last write: the number of writes. */
  writesOf(file: number): number {
    return this.#writes.get(file) ?? 0;
  }

  /** The bytes of a part of a file; fewer where it ends. */
  read(file: number, at: number, length: number): Buffer {
    this.#attempt({ kind: 'read', path: this.#pathOf(file) });
    return this.#content(file).bytes.subarray(at, at + length);
  }

  write(file: number, at: number, bytes: Uint8Array): void {
    if (this.#isWithoutEffect) return;
    this.#attempt({ kind: 'write', path: this.#pathOf(file) });
    const copy = Buffer.from(bytes);
    this.#content(file).write(at, copy);
    this.#countWrite(file);
    this.journal.push({ kind: 'write', file, at, bytes: copy });
  }

  truncate(file: number, size: number): void {
    if (this.#isWithoutEffect) return;
    this.#attempt({ kind: 'truncate', path: this.#pathOf(file) });
    this.#content(file).truncate(size);
    this.#countWrite(file);
    this.journal.push({ kind: 'truncate', file, size });
  }

  sync(file: number): void {
    if (this.#isWithoutEffect) return;
    this.#attempt({ kind: 'sync', path: this.#pathOf(file) });
    this.journal.push({ kind: 'sync', file });
  }

  makeFolder(path: string): void {
    if (this.#entries.has(path)) return;
    assert(path.startsWith(diskRoot), `${path} is not on the disk`);
    this.makeFolder(dirname(path));
    this.#attempt({ kind: 'makeFolder', path });
    this.#entries.set(path, 'folder');
    this.journal.push({ kind: 'makeFolder', path });
  }

  syncFolder(path: string): void {
    this.#attempt({ kind: 'syncFolder', path });
    this.journal.push({ kind: 'syncFolder', path });
  }

  rename(from: string, to: string): void {
    const entry = this.#entries.get(from);
    if (entry === undefined) throw new DiskFault('ENOENT', { kind: 'rename', path: from });
    this.#attempt({ kind: 'rename', path: from });
    this.#entries.delete(from);
    this.#entries.set(to, entry);
    this.journal.push({ kind: 'rename', from, to });
  }

  unlink(path: string): void {
    if (this.#isWithoutEffect) return;
    if (!this.#entries.has(path)) throw new DiskFault('ENOENT', { kind: 'unlink', path });
    this.#attempt({ kind: 'unlink', path });
    this.#entries.delete(path);
    this.journal.push({ kind: 'unlink', path });
  }

  #countWrite(file: number): void {
    this.#writes.set(file, this.writesOf(file) + 1);
  }

  #attempt(attempt: Attempt): void {
    const code = this.fault(attempt);
    if (code !== undefined) throw new DiskFault(code, attempt);
  }

  #content(file: number): Content {
    const content = this.#files.get(file);
    assert(content !== undefined, `there is no file ${file}`);
    return content;
  }

  /** A name of the file, for messages and faults. */
  #pathOf(file: number): string {
    for (const [path, entry] of this.#entries) if (entry === file) return path;
    return `(unlinked file ${String(file)})`;
  }
}
