import { existsSync } from 'node:fs';
import { IntegrityError, type EventStore, type Position } from '@penalty-ledger/event-store';
import {
  counted,
  canonicalJson,
  leafHashOf,
  type Instant,
  type LedgerSettings,
} from '@penalty-ledger/ledger';
import {
  CompactTree,
  emptyRoot,
  parseCheckpoint,
  parseNote,
  rootAt,
  TileError,
  VerificationError,
  type Hash,
} from '@penalty-ledger/merkle-log';
import { LogFile, type KeptCheckpoint } from '@penalty-ledger/sequencer';
import { systemClock, type Clock } from '../clock.js';
import { keptCheckpoints } from '../copying/index.js';
import { KeyStore, signingKeyName } from '../keys/key-store.js';
import { NoLedgerError } from '../opening/open-ledger.js';
import { findSettings } from '../stores/ledger-settings.js';
import { openExistingStore } from '../stores/open-store.js';
import { locationOf, type LedgerLocation } from '../stores/store-url.js';
import { readForm } from '../verification/event-form.js';
import { copyAccessLog } from './access-log-copy.js';
import { BackupFolder, BackupRefusedError } from './backup-folder.js';
import { BackupDamagedError, type Manifest } from './backup-manifest.js';
import { assertKeysWanted, backUpKeys, type KeysBackedUp, type KeysWanted } from './keys-backup.js';
import { SegmentWriter } from './segment-writer.js';

/** The options of a backup. */
export interface BackupLedger {
  /** The ledger; a service may be writing it. */
  readonly url: string;
  /** The folder: a new one, or one that holds an earlier backup of the same ledger. */
  readonly folder: string;
  /** The file of the keys, if they are wanted. */
  readonly keys?: KeysWanted | undefined;
  readonly clock?: Clock;
  readonly onProgress?: (events: number) => void;
}

/** The content of a backup, and what the run added. */
export interface LedgerBackedUp {
  readonly ledgerId: string;
  readonly simulation: boolean;
  readonly events: number;
  readonly added: number;
  /** The root of the tree over the events. */
  readonly root: Hash;
  /** The instant at which the last event was recorded. */
  readonly recordedUpTo: Instant | undefined;
  readonly madeAt: Instant;
  readonly checkpoints: number;
  /** The events that the latest checkpoint in the backup signs. */
  readonly signedEvents: number;
  /** Entries of the access log; `undefined` where there is none. */
  readonly accessLog: number | undefined;
  readonly keys: KeysBackedUp | undefined;
}

type EventsPart = Manifest['events'];

/**
 * Backs a ledger up into a folder, or continues the backup that it holds: the events up to the head
 * at the start, the checkpoints over them, then the access log, then the keys if they are wanted.
 * The ledger is only read.
 *
 * @throws BackupRefusedError when the folder holds something else, another ledger or another
 * history; BackupDamagedError; KeysFileError
 * @throws StoreUrlError, StoreUnavailableError, NoLedgerError, IntegrityError,
 * AccessLogDamagedError
 */
export async function backupLedger({
  url,
  folder: path,
  keys,
  clock = systemClock,
  onProgress = () => undefined,
}: BackupLedger): Promise<LedgerBackedUp> {
  const location = locationOf(url);
  const store = await openExistingStore(location, { access: 'read', clock });
  try {
    // Before the head is looked up: what was acknowledged by then is in the backup.
    const madeAt = clock.now();
    const settings = await settingsOf(store, url);
    if (keys !== undefined) await assertKeysWanted(keys, path);
    const folder = await BackupFolder.open(path);
    try {
      const before = await beginning(folder, settings, location, madeAt);
      const events = await copyEventsInto(folder, before, { store, location, onProgress });
      const withEvents: Manifest = { ...before, ...events, madeAt };
      await folder.commit(withEvents);
      const logWriter = new SegmentWriter(
        folder.path,
        'access-log',
        before.accessLog?.segments ?? [],
      );
      const accessLog = await abandoning(logWriter, () =>
        copyAccessLog(location.accessLog, before.accessLog, logWriter),
      );
      const manifest = { ...withEvents, ...(accessLog !== undefined && { accessLog }) };
      if (accessLog !== before.accessLog) await folder.commit(manifest);
      const { ledgerId } = manifest;
      const keysBackedUp =
        keys === undefined
          ? undefined
          : await backUpKeys(keys, location, store, {
              ledgerId,
              madeAt,
              events: manifest.events.count,
            });
      return summaryOf(manifest, before, keysBackedUp);
    } finally {
      folder.close();
    }
  } finally {
    await store.close();
  }
}

function summaryOf(
  { events, checkpoints, accessLog, ledgerId, madeAt, simulation }: Manifest,
  before: Manifest,
  keys: KeysBackedUp | undefined,
): LedgerBackedUp {
  return {
    ledgerId,
    simulation,
    events: events.count,
    added: events.count - before.events.count,
    root: events.root,
    recordedUpTo: events.last?.recordedAt,
    madeAt: madeAt,
    checkpoints: checkpoints.count,
    signedEvents: checkpoints.lastSize,
    accessLog: accessLog && accessLog.entries - (accessLog.cutEntries ?? 0),
    keys,
  };
}

/** @throws NoLedgerError when the store holds none */
async function settingsOf(store: EventStore, url: string): Promise<LedgerSettings> {
  const settings = await findSettings(store);
  if (settings !== undefined) return settings;
  throw new NoLedgerError({
    en: `there is no ledger in ${locationOf(url).url}`,
    zh: `${locationOf(url).url} 中没有账本`,
  });
}

/**
 * The manifest that this run continues. A new folder gets an empty one first: segments without a
 * manifest are then always damage, and never the beginning of a backup.
 */
async function beginning(
  folder: BackupFolder,
  { ledgerId, simulation }: LedgerSettings,
  { keys }: LedgerLocation,
  madeAt: Instant,
): Promise<Manifest> {
  const { found } = folder;
  if (found !== undefined && found.ledgerId !== ledgerId)
    throw new BackupRefusedError({
      en:
        `"${folder.path}" is a backup of the ledger ${found.ledgerId}, and this one is ` +
        `${ledgerId}: give another folder`,
      zh:
        `"${folder.path}" 是账本 ${found.ledgerId} 的备份，而当前账本是 ${ledgerId}：` +
        '请给出另一个文件夹',
    });
  const verifierKey = existsSync(keys) ? verifierKeyOf(keys, ledgerId) : found?.verifierKey;
  const manifest: Manifest = found ?? {
    checkpoints: { count: 0, lastSize: 0, segments: [] },
    events: { count: 0, edge: [], root: emptyRoot, segments: [] },
    format: 1,
    ledgerId,
    madeAt,
    simulation,
  };
  if (found === undefined) await folder.commit(manifest);
  return { ...manifest, ...(verifierKey !== undefined && { verifierKey }) };
}

function verifierKeyOf(path: string, ledgerId: string): string | undefined {
  const keys = KeyStore.open(path, ledgerId);
  try {
    return keys.findSigningKey(signingKeyName(ledgerId))?.verifierKey;
  } finally {
    keys.close();
  }
}

/** Writes the events that the folder lacks, and the checkpoints over what it then has. */
async function copyEventsInto(
  folder: BackupFolder,
  before: Manifest,
  {
    store,
    location,
    onProgress,
  }: {
    readonly store: EventStore;
    readonly location: LedgerLocation;
    readonly onProgress: (events: number) => void;
  },
): Promise<Pick<Manifest, 'events' | 'checkpoints'>> {
  const checkpoints = await keptCheckpoints(location, store);
  const tree = treeOf(before.events, folder.path);
  assertTreeOfLog(location.log, tree, folder.path);
  const after = await placeInStore(store, before.events, folder.path);
  const passed = checkpoints.filter(({ size }) => size > tree.size);
  const writer = new SegmentWriter(folder.path, 'events', before.events.segments);
  let lastBody: string | undefined;
  const segments = await abandoning(writer, async () => {
    for await (const batch of store.readAll(after === undefined ? {} : { after })) {
      for (const { leafHash } of batch) {
        tree.append(leafHash);
        if (passed[0]?.size === tree.size) assertSigned(passed.shift() as KeptCheckpoint, tree);
      }
      await writer.add(batch.map(({ body }) => body));
      lastBody = batch.at(-1)?.body ?? lastBody;
      onProgress(tree.size);
    }
    return writer.finish();
  });
  assertTreeOfLog(location.log, tree, folder.path);
  const last = lastBody === undefined ? before.events.last : lastEventOf(lastBody, folder.path);
  const events: EventsPart = {
    count: tree.size,
    edge: tree.edge,
    ...(last !== undefined && { last }),
    root: tree.root(),
    segments,
  };
  return { events, checkpoints: await addCheckpoints(folder, before, checkpoints, tree.size) };
}

async function addCheckpoints(
  folder: BackupFolder,
  { checkpoints: before }: Manifest,
  checkpoints: readonly KeptCheckpoint[],
  events: number,
): Promise<Manifest['checkpoints']> {
  const added = checkpoints.filter(({ size }) => size > before.lastSize && size <= events);
  const writer = new SegmentWriter(folder.path, 'checkpoints', before.segments);
  const segments = await abandoning(writer, async () => {
    await writer.add(added.map(({ note, size }) => canonicalJson({ note, size })));
    return writer.finish();
  });
  return { count: writer.lines, lastSize: added.at(-1)?.size ?? before.lastSize, segments };
}

/** Closes the writer's file when the work fails. */
async function abandoning<Result>(
  writer: SegmentWriter,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function treeOf({ count, edge, root }: EventsPart, path: string): CompactTree {
  try {
    const tree = new CompactTree(count, edge);
    if (tree.root() === root) return tree;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new BackupDamagedError({
    en:
      `the manifest of "${path}" is damaged: its edge is not that of a tree with its root; ` +
      'keep the folder, and back up into another one',
    zh: `"${path}" 的清单已损坏：其边缘与根不符；请保留该文件夹，并备份到另一个文件夹`,
  });
}

/**
 * The position of the backup's last event in the store; `undefined` for a backup without events.
 *
 * @throws BackupRefusedError when the store does not have it there
 */
async function placeInStore(
  store: EventStore,
  { last }: EventsPart,
  path: string,
): Promise<Position | undefined> {
  if (last === undefined) return undefined;
  const { stream, revision, leafHash } = last;
  for await (const [event] of store.readStream(stream, { from: revision, batchSize: 1 }))
    if (event?.leafHash === leafHash) return event.position;
  throw new BackupRefusedError({
    en:
      `the store does not have the last event of "${path}" (revision ${revision} of stream ` +
      `"${stream}"): it is an older copy or another history. Keep the backup; ` +
      '"ledger verify" checks the store. To back it up as it is, give another folder',
    zh:
      `存储中没有 "${path}" 的最后一个事件（事件流 "${stream}" 的流内序号 ${revision}）：` +
      '它是较旧的副本或另一份历史。请保留该备份；"ledger verify" 可检查存储。若要按现状备份，' +
      '请给出另一个文件夹',
  });
}

/** Compares the backup's tree with that of the ledger's log, if that has grown so far. */
function assertTreeOfLog(path: string, tree: CompactTree, folder: string): void {
  if (tree.size === 0 || !existsSync(path)) return;
  const log = LogFile.open(path, 'read');
  try {
    if (log.progress.size < tree.size) return;
    const root = rootAt(log, tree.size);
    if (root === tree.root()) return;
    throw new BackupRefusedError({
      en:
        `the root of the first ${counted(tree.size, 'event')} of "${folder}" is ${tree.root()}, ` +
        `and in the ledger's log it is ${root}: it is another history. "ledger verify" says more`,
      zh:
        `"${folder}" 中前 ${tree.size} 个事件的根为 ${tree.root()}，而账本日志中为 ${root}：` +
        '这是另一份历史。"ledger verify" 有更多说明',
    });
  } catch (error) {
    if (!(error instanceof TileError)) throw error;
    throw new IntegrityError(
      {
        en: `"${path}": ${error.message}; "ledger checkpoint --rebuild" makes the tree again`,
        zh: `"${path}"：${error.message}；"ledger checkpoint --rebuild" 可重新生成树`,
      },
      {},
      { cause: error },
    );
  } finally {
    log.close();
  }
}

/** @throws IntegrityError when the events are not those that were signed */
function assertSigned({ size, note }: KeptCheckpoint, tree: CompactTree): void {
  const root = signedRoot(note, size);
  if (root !== tree.root())
    throw new IntegrityError(
      {
        en:
          `a checkpoint of ${counted(size, 'event')} was signed with the root ${root}, ` +
          `and the events have the root ${tree.root()}`,
        zh: `${size} 个事件的检查点签署时的根为 ${root}，而事件的根为 ${tree.root()}`,
      },
      {},
    );
}

function signedRoot(note: string, size: number): Hash {
  try {
    return parseCheckpoint(parseNote(note).text).root;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new IntegrityError(
      {
        en: `the kept checkpoint of ${counted(size, 'event')} cannot be read: ${error.message}`,
        zh: `无法读取所保存的 ${size} 个事件的检查点：${error.message}`,
      },
      {},
      { cause: error },
    );
  }
}

function lastEventOf(body: string, path: string): NonNullable<EventsPart['last']> {
  const form = readForm(body);
  if ('problem' in form)
    throw new IntegrityError(
      {
        en: `the last event for "${path}" is not in form: ${form.message.en}`,
        zh: `"${path}" 的最后一个事件格式不符：${form.message.zh}`,
      },
      {},
    );
  const { stream, revision, recordedAt } = form;
  return { leafHash: leafHashOf(body), recordedAt, revision, stream };
}
