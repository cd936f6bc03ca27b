import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import { DiskFault, type SimulatedDisk } from './simulated-disk.js';

/** SQLite's constants that the file system below needs (sqlite.org/c3ref/constlist.html). */
const code = {
  ok: 0,
  busy: 5,
  readOnly: 8,
  ioError: 10,
  notFound: 12,
  full: 13,
  cannotOpen: 14,
  readError: 10 | (1 << 8),
  shortRead: 10 | (2 << 8),
  writeError: 10 | (3 << 8),
  syncError: 10 | (4 << 8),
  folderSyncError: 10 | (5 << 8),
  truncateError: 10 | (6 << 8),
  deleteError: 10 | (10 << 8),
  deleteMissing: 10 | (23 << 8),
} as const;
const openFlag = {
  readOnly: 1,
  readWrite: 2,
  create: 4,
  exclusive: 16,
  deleteOnClose: 8,
  journal: 0x800,
  superJournal: 0x4000,
  log: 0x80000,
} as const;
const lockLevel = { none: 0, shared: 1, reserved: 2, pending: 3, exclusive: 4 } as const;
const shmFlag = { unlock: 1, shared: 4, exclusive: 8 } as const;
/** Writing a part of a sector leaves its other bytes alone, as SQLite assumes of every disk. */
const powersafeOverwrite = 0x1000;

interface OpenFile {
  readonly disk: SimulatedDisk;
  readonly path: string;
  readonly file: number;
  readonly locks: FileLocks;
  /** Its folder is synced with its first sync: SQLite's own rule for journals and logs on Unix. */
  isNewJournal: boolean;
  level: number;
  readonly sharedSlots: Set<number>;
  readonly ownSlots: Set<number>;
  usesMemory: boolean;
}

/** The package's structs of C, as they are at run time; its types leave out the `$` of members. */
interface Structs {
  readonly sqlite3_io_methods: new () => { $iVersion: number; readonly pointer: number };
  readonly sqlite3_vfs: new () => Record<
    '$iVersion' | '$mxPathname' | '$szOsFile' | '$zName',
    number
  >;
  readonly sqlite3_file: { readonly structInfo: { readonly sizeof: number } };
}

/** The locks and the shared memory of the log's index, for all connections to one file. */
class FileLocks {
  shared = 0;
  writer: OpenFile | undefined;
  isPending = false;
  isExclusive = false;
  readonly slotReaders = new Map<number, number>();
  readonly slotOwner = new Map<number, OpenFile>();
  readonly regions: number[] = [];
  memoryUsers = 0;
}

/**
 * Installs a file system for SQLite that lies on a simulated disk. It does what SQLite's own does
 * on Linux: locks, shared memory for the log's index, and a sync of the folder of a new journal.
 *
 * @param diskNow gives the disk that a file is opened on
 */
export function installSimulatedVfs(sqlite: Sqlite3Static, diskNow: () => SimulatedDisk): void {
  const { capi, wasm } = sqlite;
  const open = new Map<number, OpenFile>();
  const locksOf = new WeakMap<SimulatedDisk, Map<number, FileLocks>>();
  const pathAt = (pointer: number): string => wasm.cstrToJs(pointer) ?? '';
  const put32 = (pointer: number, value: number): void => void wasm.poke32(pointer, value);

  const locksFor = (disk: SimulatedDisk, file: number): FileLocks => {
    const all = locksOf.get(disk) ?? new Map<number, FileLocks>();
    locksOf.set(disk, all);
    const locks = all.get(file) ?? new FileLocks();
    all.set(file, locks);
    return locks;
  };
  const at = (pointer: number): OpenFile => open.get(pointer)!;
  /** The result code of a call: as SQLite's own file system makes it from the system's error. */
  const guarded = (work: () => number, failed: number): number => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DiskFault)) throw error;
      return failed === code.writeError && error.code === 'ENOSPC' ? code.full : failed;
    }
  };

  const { sqlite3_io_methods, sqlite3_vfs, sqlite3_file } = capi as unknown as Structs;
  const io = new sqlite3_io_methods();
  io.$iVersion = 2;
  const vfs = new sqlite3_vfs();
  const name = wasm.allocCString('simulated', false);
  vfs.$iVersion = 2;
  vfs.$szOsFile = sqlite3_file.structInfo.sizeof;
  vfs.$mxPathname = 512;
  vfs.$zName = name;

  const ioMethods = {
    xClose(pointer: number): number {
      const { level } = at(pointer);
      if (level > lockLevel.none) ioMethods.xUnlock(pointer, lockLevel.none);
      open.delete(pointer);
      return code.ok;
    },
    xRead(pointer: number, target: number, length: number, offset: bigint): number {
      const { disk, file } = at(pointer);
      return guarded(() => {
        const bytes = disk.read(file, Number(offset), length);
        const heap = wasm.heap8u();
        heap.set(bytes, target);
        if (bytes.length === length) return code.ok;
        heap.fill(0, target + bytes.length, target + length);
        return code.shortRead;
      }, code.readError);
    },
    xWrite(pointer: number, source: number, length: number, offset: bigint): number {
      const { disk, file } = at(pointer);
      const bytes = wasm.heap8u().subarray(source, source + length);
      return guarded(() => {
        disk.write(file, Number(offset), bytes);
        return code.ok;
      }, code.writeError);
    },
    xTruncate(pointer: number, size: bigint): number {
      const { disk, file } = at(pointer);
      return guarded(() => {
        disk.truncate(file, Number(size));
        return code.ok;
      }, code.truncateError);
    },
    xSync(pointer: number): number {
      const opened = at(pointer);
      const synced = guarded(() => {
        opened.disk.sync(opened.file);
        return code.ok;
      }, code.syncError);
      if (synced !== code.ok || !opened.isNewJournal) return synced;
      opened.isNewJournal = false;
      // As SQLite does: a folder that cannot be synced is not an error there.
      guarded(() => {
        opened.disk.syncFolder(folderOf(opened.path));
        return code.ok;
      }, code.folderSyncError);
      return code.ok;
    },
    xFileSize(pointer: number, target: number): number {
      const { disk, file } = at(pointer);
      wasm.poke64(target, BigInt(disk.size(file)));
      return code.ok;
    },
    xLock(pointer: number, level: number): number {
      const opened = at(pointer);
      const { locks } = opened;
      if (opened.level >= level) return code.ok;
      if (opened.level === lockLevel.none) {
        if (locks.isPending || locks.isExclusive) return code.busy;
        locks.shared += 1;
        opened.level = lockLevel.shared;
        if (level === lockLevel.shared) return code.ok;
      }
      if (locks.writer !== undefined && locks.writer !== opened) return code.busy;
      locks.writer = opened;
      opened.level = lockLevel.reserved;
      if (level === lockLevel.reserved) return code.ok;
      locks.isPending = true;
      opened.level = lockLevel.pending;
      if (locks.shared > 1) return code.busy;
      locks.isExclusive = true;
      opened.level = lockLevel.exclusive;
      return code.ok;
    },
    xUnlock(pointer: number, level: number): number {
      const opened = at(pointer);
      const { locks } = opened;
      if (opened.level <= level) return code.ok;
      if (opened.level > lockLevel.shared) {
        locks.writer = undefined;
        locks.isPending = false;
        locks.isExclusive = false;
      }
      if (level === lockLevel.none) locks.shared -= 1;
      opened.level = level;
      return code.ok;
    },
    xCheckReservedLock(pointer: number, target: number): number {
      put32(target, at(pointer).locks.writer === undefined ? 0 : 1);
      return code.ok;
    },
    xFileControl: (): number => code.notFound,
    xSectorSize: (): number => 4096,
    xDeviceCharacteristics: (): number => powersafeOverwrite,
    xShmMap(pointer: number, region: number, size: number, extend: number, target: number): number {
      const opened = at(pointer);
      const { locks } = opened;
      if (!opened.usesMemory) {
        opened.usesMemory = true;
        locks.memoryUsers += 1;
      }
      while (extend !== 0 && locks.regions.length <= region) {
        const memory = wasm.alloc(size);
        wasm.heap8u().fill(0, memory, memory + size);
        locks.regions.push(memory);
      }
      wasm.pokePtr(target, locks.regions[region] ?? 0);
      return code.ok;
    },
    xShmLock(pointer: number, first: number, count: number, flags: number): number {
      const opened = at(pointer);
      const { slotReaders, slotOwner } = opened.locks;
      const slots = Array.from({ length: count }, (_, index) => first + index);
      const readersOf = (slot: number): number => slotReaders.get(slot) ?? 0;
      if ((flags & shmFlag.unlock) !== 0) {
        for (const slot of slots) {
          if (opened.sharedSlots.delete(slot)) slotReaders.set(slot, readersOf(slot) - 1);
          if (opened.ownSlots.delete(slot)) slotOwner.delete(slot);
        }
        return code.ok;
      }
      const isFree = (slot: number): boolean => {
        const owner = slotOwner.get(slot);
        if (owner !== undefined && owner !== opened) return false;
        if ((flags & shmFlag.shared) !== 0) return true;
        return readersOf(slot) === (opened.sharedSlots.has(slot) ? 1 : 0);
      };
      if (!slots.every(isFree)) return code.busy;
      for (const slot of slots) {
        if ((flags & shmFlag.exclusive) !== 0) {
          slotOwner.set(slot, opened);
          opened.ownSlots.add(slot);
        } else if (!opened.sharedSlots.has(slot)) {
          slotReaders.set(slot, readersOf(slot) + 1);
          opened.sharedSlots.add(slot);
        }
      }
      return code.ok;
    },
    xShmBarrier: (): void => undefined,
    xShmUnmap(pointer: number): number {
      const opened = at(pointer);
      if (!opened.usesMemory) return code.ok;
      opened.usesMemory = false;
      ioMethods.xShmLock(pointer, 0, 8, shmFlag.unlock);
      const { locks } = opened;
      locks.memoryUsers -= 1;
      if (locks.memoryUsers === 0)
        for (const memory of locks.regions.splice(0)) wasm.dealloc(memory);
      return code.ok;
    },
  };

  const vfsMethods = {
    xOpen(_vfs: number, pathPointer: number, pointer: number, flags: number, outFlags: number) {
      const disk = diskNow();
      const path = pathAt(pathPointer);
      return guarded(() => {
        const wasThere = disk.entry(path) !== undefined;
        let granted = flags;
        let file: number;
        const mode = (flags & openFlag.create) !== 0 ? 'create' : undefined;
        try {
          file = disk.open(path, mode);
        } catch (error) {
          // As SQLite does: a file that cannot be opened for writing is opened for reading.
          const isReadOnly = error instanceof DiskFault && error.code === 'EROFS';
          if (!isReadOnly || !wasThere) throw error;
          file = disk.entry(path) as number;
          granted = (flags & ~(openFlag.readWrite | openFlag.create)) | openFlag.readOnly;
        }
        const journals = openFlag.journal | openFlag.superJournal | openFlag.log;
        open.set(pointer, {
          disk,
          path,
          file,
          locks: locksFor(disk, file),
          isNewJournal: mode === 'create' && (flags & journals) !== 0,
          level: lockLevel.none,
          sharedSlots: new Set(),
          ownSlots: new Set(),
          usesMemory: false,
        });
        if (outFlags !== 0) put32(outFlags, granted);
        wasm.pokePtr(pointer, io.pointer);
        return code.ok;
      }, code.cannotOpen);
    },
    xDelete(_vfs: number, pathPointer: number, syncFolder: number): number {
      const disk = diskNow();
      const path = pathAt(pathPointer);
      if (disk.entry(path) === undefined) return code.deleteMissing;
      return guarded(() => {
        disk.unlink(path);
        if (syncFolder !== 0) disk.syncFolder(folderOf(path));
        return code.ok;
      }, code.deleteError);
    },
    xAccess(_vfs: number, pathPointer: number, flags: number, target: number): number {
      const disk = diskNow();
      const path = pathAt(pathPointer);
      const file = disk.entry(path);
      // SQLite's own counts an empty file as missing where only its existence is asked for.
      const isThere = typeof file === 'number' && (flags !== 0 || disk.size(file) > 0);
      put32(target, isThere ? 1 : 0);
      return code.ok;
    },
    xFullPathname(_vfs: number, pathPointer: number, length: number, target: number): number {
      return wasm.cstrncpy(target, pathPointer, length) < length ? code.ok : code.cannotOpen;
    },
    xRandomness(_vfs: number, length: number, target: number): number {
      const heap = wasm.heap8u();
      for (let index = 0; index < length; index += 1)
        heap[target + index] = (index * 37 + 11) & 255;
      return length;
    },
    xSleep: (_vfs: number, microseconds: number): number => microseconds,
    xCurrentTime(_vfs: number, target: number): number {
      wasm.poke(target, 2458484.5, 'double');
      return code.ok;
    },
    xCurrentTimeInt64(_vfs: number, target: number): number {
      wasm.poke64(target, 212_413_060_800_000n);
      return code.ok;
    },
    xGetLastError: (): number => 0,
  };
  sqlite.vfs.installVfs({
    io: { struct: io as never, methods: ioMethods as never },
    vfs: { struct: vfs as never, methods: vfsMethods as never, asDefault: true },
  });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
