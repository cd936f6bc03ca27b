import type * as Files from 'node:fs';
import type * as FilePromises from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { currentDisk } from './current-disk.js';
import { DiskFault, diskRoot, type SimulatedDisk } from './simulated-disk.js';

type Path = Parameters<typeof Files.existsSync>[0];

/** Descriptors of files on a simulated disk, apart from the machine's own. */
const descriptors = new Map<
  number,
  { readonly disk: SimulatedDisk; readonly file: number; readUpTo: number }
>();
let nextDescriptor = 1_000_000;

const copiedAtOnce = 16_384;

const isSimulated = (path: Path): path is string =>
  typeof path === 'string' && (path === diskRoot || path.startsWith(`${diskRoot}/`));

function openAt(path: string, flags: string | number = 'r'): number {
  const disk = currentDisk();
  const create = flags === 'wx' ? 'createNew' : flags === 'r' ? undefined : 'create';
  const entry = disk.entry(path);
  // A folder is opened to be synced.
  const file = entry === 'folder' ? -1 : disk.open(path, create);
  if (flags === 'w' && file >= 0) disk.truncate(file, 0);
  nextDescriptor += 1;
  descriptors.set(nextDescriptor, { disk, file, readUpTo: 0 });
  return nextDescriptor;
}

/** The functions of `node:fs` that the ledger uses; paths on the simulated disk lead there. */
export function simulatedFiles(real: typeof Files): Partial<typeof Files> {
  const folders = new Map<number, string>();
  const functions = {
    existsSync: (path: Path) =>
      isSimulated(path) ? currentDisk().entry(path) !== undefined : real.existsSync(path),
    mkdirSync: (path: Path, options?: Files.MakeDirectoryOptions) => {
      if (!isSimulated(path)) return real.mkdirSync(path, options);
      return makeFolder(path);
    },
    realpathSync: (path: Path) => (isSimulated(path) ? path : real.realpathSync(path)),
    openSync: (path: Path, flags: string | number, mode?: number) => {
      if (!isSimulated(path)) return real.openSync(path, flags, mode);
      const descriptor = openAt(path, flags);
      if (currentDisk().entry(path) === 'folder') folders.set(descriptor, path);
      return descriptor;
    },
    closeSync: (descriptor: number) => {
      if (!descriptors.delete(descriptor)) real.closeSync(descriptor);
    },
    fsyncSync: (descriptor: number) => {
      const opened = descriptors.get(descriptor);
      if (opened === undefined) real.fsyncSync(descriptor);
      else if (opened.file < 0) opened.disk.syncFolder(folders.get(descriptor)!);
      else opened.disk.sync(opened.file);
    },
    readFileSync: (path: Path, encoding?: BufferEncoding) => {
      if (!isSimulated(path)) return real.readFileSync(path, encoding);
      const disk = currentDisk();
      const file = disk.open(path, undefined);
      const bytes = disk.read(file, 0, disk.size(file));
      return encoding === undefined ? bytes : bytes.toString(encoding);
    },
    writeFileSync: (path: Path, text: string, options?: Files.WriteFileOptions) => {
      if (!isSimulated(path)) {
        real.writeFileSync(path, text, options);
        return;
      }
      const disk = currentDisk();
      const file = disk.open(path, 'create');
      disk.truncate(file, 0);
      disk.write(file, 0, Buffer.from(text));
    },
    readdirSync: (path: Path) => {
      if (!isSimulated(path)) return real.readdirSync(path);
      const beginning = `${path}/`;
      return currentDisk()
        .paths.filter((each) => each.startsWith(beginning))
        .map((each) => each.slice(beginning.length))
        .filter((name) => !name.includes('/'));
    },
    rmSync: (path: Path, options?: Files.RmOptions) => {
      if (!isSimulated(path)) real.rmSync(path, options);
      else if (currentDisk().entry(path) !== undefined || options?.force !== true)
        currentDisk().unlink(path);
    },
    renameSync: (from: Path, to: Path) => {
      if (isSimulated(from) && isSimulated(to)) currentDisk().rename(from, to);
      else real.renameSync(from, to);
    },
    copyFileSync: (from: Path, to: Path) => {
      if (!isSimulated(from) || !isSimulated(to)) {
        real.copyFileSync(from, to);
        return;
      }
      const disk = currentDisk();
      const source = disk.open(from, undefined);
      const target = disk.open(to, 'create');
      disk.truncate(target, 0);
      // As the operating system does, some pages at a time.
      for (let at = 0; at < disk.size(source); at += copiedAtOnce)
        disk.write(target, at, disk.read(source, at, copiedAtOnce));
    },
    chmodSync: (path: Path, mode: number) => {
      if (!isSimulated(path)) real.chmodSync(path, mode);
    },
    statSync: (path: Path, options?: Files.StatSyncOptions) =>
      isSimulated(path) ? statusAt(path, options) : real.statSync(path, options),
    fstatSync: (descriptor: number) => {
      const opened = descriptors.get(descriptor);
      if (opened === undefined) return real.fstatSync(descriptor);
      return { size: opened.disk.size(opened.file) };
    },
    readSync: (
      descriptor: number,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
    ) => {
      const opened = descriptors.get(descriptor);
      if (opened === undefined) return real.readSync(descriptor, buffer, offset, length, position);
      const bytes = opened.disk.read(opened.file, position ?? opened.readUpTo, length);
      if (position === null) opened.readUpTo += bytes.length;
      buffer.set(bytes, offset);
      return bytes.length;
    },
  };
  return { ...real, ...(functions as unknown as Partial<typeof Files>) };
}

/** As {@link simulatedFiles}, for `node:fs/promises`. */
export function simulatedFilePromises(real: typeof FilePromises): Partial<typeof FilePromises> {
  const functions = {
    mkdir: async (path: Path, options?: Files.MakeDirectoryOptions) =>
      isSimulated(path) ? makeFolder(path) : real.mkdir(path, options),
    open: async (path: Path, flags?: string | number, mode?: number) =>
      isSimulated(path) ? new SimulatedHandle(path, flags) : real.open(path, flags, mode),
  };
  return { ...real, ...(functions as unknown as Partial<typeof FilePromises>) };
}

/** The first folder that had to be made, as Node gives it. */
function makeFolder(path: string): string | undefined {
  let first: string | undefined;
  for (let at = path; currentDisk().entry(at) === undefined; at = dirname(at)) first = at;
  currentDisk().makeFolder(path);
  return first;
}

const devices = new WeakMap<SimulatedDisk, number>();
let nextDevice = 1;

/** Tells disks apart: the same file after a power loss is on another device. */
function deviceOf(disk: SimulatedDisk): number {
  let device = devices.get(disk);
  if (device === undefined) {
    device = nextDevice;
    nextDevice += 1;
    devices.set(disk, device);
  }
  return device;
}

function statusAt(
  path: string,
  { throwIfNoEntry = true }: Files.StatSyncOptions = {},
): Partial<Files.Stats> | undefined {
  const disk = currentDisk();
  const entry = disk.entry(path);
  if (entry === undefined) {
    if (!throwIfNoEntry) return undefined;
    throw new DiskFault('ENOENT', { kind: 'open', path });
  }
  const [ino, size] = entry === 'folder' ? [0, 0] : [entry, disk.size(entry)];
  const mtimeNs = entry === 'folder' ? 0n : BigInt(disk.writesOf(entry));
  const isDirectory = (): boolean => entry === 'folder';
  return { dev: deviceOf(disk), ino, isDirectory, mode: 0o600, size, ...{ mtimeNs } };
}

/** An open file, as the access log and backups use it. Each call takes a turn of the loop. */
class SimulatedHandle {
  readonly #disk = currentDisk();
  readonly #file: number;

  constructor(
    readonly path: string,
    flags: string | number = 'r',
  ) {
    // The ledger opens with flags in numbers to read alone.
    const isRead = flags === 'r' || typeof flags === 'number';
    const create = isRead ? undefined : flags === 'wx' ? 'createNew' : 'create';
    this.#file = this.#disk.entry(path) === 'folder' ? -1 : this.#disk.open(path, create);
    if (flags === 'w') this.#disk.truncate(this.#file, 0);
  }

  async stat(): Promise<{ size: number; isFile: () => boolean }> {
    return { size: this.#disk.size(this.#file), isFile: () => this.#file >= 0 };
  }

  async truncate(size: number): Promise<void> {
    this.#disk.truncate(this.#file, size);
  }

  async writeFile(bytes: Uint8Array): Promise<void> {
    this.#disk.write(this.#file, 0, Buffer.from(bytes));
  }

  async appendFile(bytes: Buffer): Promise<void> {
    this.#disk.write(this.#file, this.#disk.size(this.#file), bytes);
  }

  async datasync(): Promise<void> {
    await this.sync();
  }

  async sync(): Promise<void> {
    if (this.#file < 0) this.#disk.syncFolder(this.path);
    else this.#disk.sync(this.#file);
  }

  async read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: Buffer }> {
    const bytes = this.#disk.read(this.#file, position, length);
    bytes.copy(buffer, offset);
    return { bytesRead: bytes.length, buffer };
  }

  createReadStream({ start, end }: { start: number; end: number }): Readable {
    return Readable.from([Buffer.from(this.#disk.read(this.#file, start, end - start + 1))]);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}
