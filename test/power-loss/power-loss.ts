import { dirname } from 'node:path';
import { Content, type DiskImage, type Entry, type Operation } from './simulated-disk.js';

/** A seeded source of choices: the same seed makes the same choices. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    // The generator "mulberry32": small, and good enough to choose among states.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

type ContentChange = Extract<Operation, { kind: 'write' | 'truncate' }>;
type EntryChange = Extract<Operation, { kind: 'create' | 'makeFolder' | 'rename' | 'unlink' }>;

/** The content a disk holds for certain, and the changes that nothing has forced to it yet. */
class Unsettled {
  readonly entries: Map<string, Entry>;
  readonly contents = new Map<number, Content>();
  readonly entryChanges: EntryChange[] = [];
  readonly contentChanges = new Map<number, ContentChange[]>();

  constructor(image: DiskImage) {
    this.entries = new Map(image.entries);
    for (const [file, bytes] of image.files) this.contents.set(file, new Content(bytes));
  }

  take(operation: Operation): void {
    switch (operation.kind) {
      case 'write':
      case 'truncate':
        this.#changesOf(operation.file).push(operation);
        return;
      case 'sync':
        for (const change of this.#changesOf(operation.file).splice(0))
          applyTo(this.contentOf(operation.file), change);
        return;
      case 'syncFolder':
        for (const change of this.entryChanges.splice(0))
          if (foldersOf(change).includes(operation.path)) applyToEntries(this.entries, change);
          else this.entryChanges.push(change);
        return;
      case 'acknowledged':
        return;
      default:
        this.entryChanges.push(operation);
    }
  }

  contentOf(file: number): Content {
    const content = this.contents.get(file) ?? new Content();
    this.contents.set(file, content);
    return content;
  }

  #changesOf(file: number): ContentChange[] {
    const changes = this.contentChanges.get(file) ?? [];
    this.contentChanges.set(file, changes);
    return changes;
  }
}

/** The disk after the process was stopped: the operating system has carried out every call. */
export function afterStop(before: DiskImage, journal: readonly Operation[]): DiskImage {
  const disk = new Unsettled(before);
  for (const operation of journal) disk.take(operation);
  for (const [file, changes] of disk.contentChanges)
    for (const change of changes) applyTo(disk.contentOf(file), change);
  for (const change of disk.entryChanges) applyToEntries(disk.entries, change);
  return imageOf(disk.entries, disk.contents);
}

/** The disk after a power loss that took everything it could take. */
export function onlySynced(before: DiskImage, journal: readonly Operation[]): DiskImage {
  const disk = new Unsettled(before);
  for (const operation of journal) disk.take(operation);
  return imageOf(disk.entries, disk.contents);
}

/** A state in which a file is gone, and what SQLite keeps beside it. */
export function withoutFile(image: DiskImage, file: string): DiskImage {
  const kept = [...image.entries].filter(([path]) => !path.startsWith(file));
  return { ...image, entries: new Map(kept) };
}

/**
 * One of the states that a disk may be in after a power loss. Everything that was synced is there.
 * Each sector of a file has its content after any one of the writes since the file's last sync, or
 * before them all; the file's length likewise. Changes of names since the folder's last sync were
 * carried out or not, each by itself.
 */
export function afterPowerLoss(
  before: DiskImage,
  journal: readonly Operation[],
  choices: Choices,
): DiskImage {
  const disk = new Unsettled(before);
  for (const operation of journal) disk.take(operation);
  // Independent choices alone would almost never lose everything, or nothing, of a long write.
  const keep = choices.oneOf(['none', 'all', 'some', 'some'] as const);
  for (const change of disk.entryChanges)
    if (keep === 'all' || (keep === 'some' && choices.below(2) === 1))
      applyToEntries(disk.entries, change);
  for (const [file, changes] of disk.contentChanges) {
    if (changes.length === 0) continue;
    const style = choices.oneOf(['none', 'all', 'some', 'some', 'order'] as const);
    const durable = disk.contentOf(file);
    if (style === 'all') changes.forEach((change) => applyTo(durable, change));
    else if (style === 'order')
      changes
        .slice(0, choices.below(changes.length + 1))
        .forEach((change) => applyTo(durable, change));
    else if (style === 'some')
      disk.contents.set(file, torn(durable, changes, choices.oneOf([512, 4096]), choices));
  }
  return imageOf(disk.entries, disk.contents);
}

/** The content of a sector after a change. */
interface Version {
  readonly bytes: Buffer;
  /** The number of changes up to it. */
  readonly changes: number;
  /** True when a truncation cut it off. */
  readonly isCut: boolean;
}

/**
 * A file of which each sector is as old as it happens to be. A truncation that did not reach the
 * disk takes nothing from a sector: file systems give up blocks with the length, or not at all.
 */
function torn(
  durable: Content,
  changes: readonly ContentChange[],
  sector: number,
  choices: Choices,
): Content {
  const versions = new Map<number, Version[]>();
  const sizes = [durable.size];
  const now = new Content(durable.bytes);
  const sectorOf = (index: number): Buffer => {
    const bytes = Buffer.alloc(sector);
    now.bytes.subarray(index * sector, (index + 1) * sector).copy(bytes);
    return bytes;
  };
  for (const [at, change] of changes.entries()) {
    const from = change.kind === 'write' ? change.at : Math.min(change.size, now.size);
    const to =
      change.kind === 'write' ? from + change.bytes.length : Math.max(change.size, now.size);
    const touched: number[] = [];
    for (let index = Math.floor(from / sector); index * sector < to; index += 1)
      touched.push(index);
    for (const index of touched)
      if (!versions.has(index))
        versions.set(index, [{ bytes: sectorOf(index), changes: 0, isCut: false }]);
    applyTo(now, change);
    const isCut = change.kind === 'truncate';
    for (const index of touched)
      versions.get(index)!.push({ bytes: sectorOf(index), changes: at + 1, isCut });
    sizes.push(now.size);
  }
  const result = new Content(durable.bytes);
  const reached = choices.below(sizes.length);
  for (const [index, found] of versions) {
    const possible = found.filter(({ changes: at, isCut }) => !isCut || at <= reached);
    result.write(index * sector, choices.oneOf(possible).bytes);
  }
  result.truncate(sizes[reached]!);
  return result;
}

function applyTo(content: Content, change: ContentChange): void {
  if (change.kind === 'write') content.write(change.at, change.bytes);
  else content.truncate(change.size);
}

/** Carries out a change of names where what it needs is there. */
function applyToEntries(entries: Map<string, Entry>, change: EntryChange): void {
  switch (change.kind) {
    case 'create':
      entries.set(change.path, change.file);
      return;
    case 'makeFolder':
      entries.set(change.path, 'folder');
      return;
    case 'unlink':
      entries.delete(change.path);
      return;
    case 'rename': {
      const entry = entries.get(change.from);
      if (entry === undefined) return;
      entries.delete(change.from);
      entries.set(change.to, entry);
    }
  }
}

function foldersOf(change: EntryChange): readonly string[] {
  const paths = change.kind === 'rename' ? [change.from, change.to] : [change.path];
  return paths.map((path) => dirname(path));
}

/** The files that can be reached: a lost folder takes along everything in it. */
function imageOf(
  entries: ReadonlyMap<string, Entry>,
  contents: ReadonlyMap<number, Content>,
): DiskImage {
  const reached = (path: string): boolean =>
    entries.has(path) && (dirname(dirname(path)) === dirname(path) || reached(dirname(path)));
  const kept = new Map([...entries].filter(([path]) => reached(path)));
  const files = new Map<number, Buffer>();
  for (const entry of kept.values())
    if (typeof entry === 'number')
      files.set(entry, Buffer.from(contents.get(entry)?.bytes ?? Buffer.alloc(0)));
  return { entries: kept, files };
}
