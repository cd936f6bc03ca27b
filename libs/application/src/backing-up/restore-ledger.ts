import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { IntegrityError, syncFolder, type StoredEvent } from '@penalty-ledger/event-store';
import type { Instant } from '@penalty-ledger/ledger';
import { counted, SpokenError } from '@penalty-ledger/ledger';
import type { Hash } from '@penalty-ledger/merkle-log';
import { catchUpInItsOwnThread, openReadModels } from '@penalty-ledger/projections';
import { Sequencer } from '@penalty-ledger/sequencer';
import { systemClock, type Clock } from '../clock.js';
import { copyEvents, takeTarget, type EventsCopied } from '../copying/index.js';
import { forgetFilesBeside } from '../keys/key-store.js';
import { PublishedCheckpoints } from '../shared-engine/published-checkpoints.js';
import { openStore, sharedEngineOf } from '../stores/open-store.js';
import { isRestoring, markRestoring, unmarkRestoring } from '../stores/restore-mark.js';
import { secondLocationOf, type FilesElsewhere, type LedgerLocation } from '../stores/store-url.js';
import { AccessLogCheck } from './access-log-check.js';
import { BackupCheck, recordedUpTo } from './backup-check.js';
import { OpenedBackup } from './backup-folder.js';
import { BackupDamagedError } from './backup-manifest.js';
import { makeFile, partialEnding } from './durable-file.js';
import { giveKeys, readKeysOf, type KeysGiven, type KeysRestored } from './restore-keys.js';
import { ownKeys } from './verify-backup.js';

/** The target is not one that a backup can be restored to. Nothing was written. */
export class RestoreRefusedError extends SpokenError {
  readonly code = 'restore_refused';
}

export type RestoreStep = 'events' | 'tree' | 'read models';

/** The options of a restore. */
export interface RestoreLedger {
  readonly folder: string;
  /** The URL of the target: empty, or begun by an earlier restore of this backup. */
  readonly to: string;
  readonly keys?: KeysGiven | undefined;
  /** The target's files that are not to lie beside its others. */
  readonly elsewhere?: FilesElsewhere;
  /** Subjects that were erased after the backup. */
  readonly erased?: ReadonlySet<string>;
  /** The term of the lease on an engine without renewal, in milliseconds. */
  readonly termMs?: number;
  readonly clock?: Clock;
  readonly onProgress?: (step: RestoreStep, events: number, total: number) => void;
}

/** The content that was restored, and found equal to the backup's. */
export interface LedgerRestored extends EventsCopied {
  readonly ledgerId: string;
  readonly simulation: boolean;
  readonly events: number;
  readonly streams: number;
  /** The root of the tree, made from the target's own events. */
  readonly root: Hash;
  /** The instant at which the last event was recorded: later ones are not in the backup. */
  readonly recordedUpTo: Instant | undefined;
  readonly madeAt: Instant;
  readonly checkpoints: number;
  readonly signedEvents: number;
  /** Entries of the access log; `undefined` when the backup has none. */
  readonly accessLog: number | undefined;
  /** `undefined` when no keys were given. */
  readonly keys: KeysRestored | undefined;
  /** True when the target had a key file before. */
  readonly hadKeys: boolean;
}

/** Appends of a SQLite file that are called together: one durable group. */
const sqliteWindow = 256;

/**
 * Restores a backup into an empty place, and verifies it: every event is checked while it is read,
 * and the target's tree must have the backup's root. Until all is done nobody can open the target.
 * After an interruption it continues when it is run again.
 *
 * @throws RestoreRefusedError, CopyRefusedError when the target holds anything else;
 * BackupDamagedError; KeysFileError; TargetHeldError when its lease is taken
 * @throws StoreUrlError, StoreUnavailableError, StoreLockedError, KeysDifferError, IntegrityError
 */
export async function restoreLedger({
  folder,
  to,
  keys,
  erased = new Set(),
  elsewhere,
  termMs,
  clock = systemClock,
  onProgress = () => undefined,
}: RestoreLedger): Promise<LedgerRestored> {
  const location = secondLocationOf(to, elsewhere);
  const backup = await OpenedBackup.open(folder);
  try {
    const { manifest } = backup;
    const { ledgerId, simulation, events, checkpoints, madeAt } = manifest;
    if (events.count === 0)
      throw new BackupDamagedError({
        en: `"${backup.path}" holds no events: its first run did not end`,
        zh: `"${backup.path}" 中没有事件：其首次运行没有结束`,
      });
    const file = keys === undefined ? undefined : await readKeysOf(keys, ledgerId);
    if (!isRestoring(location)) assertEmpty(location);
    const check = await BackupCheck.of(backup, { keys: ownKeys(manifest), files: [] });
    forgetFilesBeside(location.keys, ledgerId);
    markRestoring(location);
    const hadKeys = existsSync(location.keys);
    const filled = await fill(location, check, { events: events.count, termMs, clock, onProgress });
    const accessLog = await restoreAccessLog(backup, location.accessLog);
    const keysRestored = await giveKeys(file, {
      location,
      ledgerId,
      erased: new Set([...check.erased, ...erased]),
      events: events.count,
      accessEntries: accessLog ?? 0,
      replacesAccess: true,
      now: clock.now(),
    });
    unmarkRestoring(location);
    return {
      ...filled,
      ledgerId,
      simulation,
      events: events.count,
      streams: check.streams,
      root: check.root,
      recordedUpTo: recordedUpTo(manifest),
      madeAt: madeAt,
      checkpoints: checkpoints.count,
      signedEvents: checkpoints.lastSize,
      accessLog:
        accessLog === undefined ? undefined : accessLog - (manifest.accessLog?.cutEntries ?? 0),
      keys: keysRestored,
      hadKeys,
    };
  } finally {
    await backup.close();
  }
}

/** Keys may lie there already, when only the events were lost. */
function assertEmpty(location: LedgerLocation): void {
  const { log, readModels, access, accessLog } = location;
  const files = [log, readModels, access, accessLog];
  if (location.engine === 'sqlite') files.unshift(location.events);
  const found = files.find((file) => existsSync(file));
  if (found !== undefined)
    throw new RestoreRefusedError({
      en:
        `"${found}" exists: a backup is restored into an empty place. ` +
        'Give another --to, or move the files of the old ledger away',
      zh: `"${found}" 已存在：备份只恢复到空的位置。请给出另一个 --to，或移走旧账本的文件`,
    });
}

interface Filling {
  readonly events: number;
  readonly termMs: number | undefined;
  readonly clock: Clock;
  readonly onProgress: (step: RestoreStep, events: number, total: number) => void;
}

/** Writes the events, the log and the read models, and closes them. */
async function fill(
  location: LedgerLocation,
  check: BackupCheck,
  { events, termMs, clock, onProgress }: Filling,
): Promise<EventsCopied> {
  const opened = await openStore(location, { access: 'write', clock, restoring: true });
  const releases: (() => Promise<void> | void)[] = [() => opened.close()];
  try {
    const shared = sharedEngineOf(opened);
    const lease = shared === undefined ? undefined : await takeTarget(shared, location.url, termMs);
    if (lease !== undefined) releases.unshift(() => lease.release());
    const store = lease === undefined ? opened : lease.fence(opened);
    // Before the first event: a node that opens the ledger meanwhile finds it too short.
    if (shared !== undefined) await new PublishedCheckpoints(shared).publish(check.checkpoints);
    const copied = await copyEvents({ readAll: () => soundEvents(check) }, store, {
      window: location.engine === 'sqlite' ? sqliteWindow : 1,
      onProgress: (done) => onProgress('events', done, events),
    });
    const sequencer = await Sequencer.open(location.log, store);
    releases.unshift(() => sequencer.close());
    await sequencer.catchUp((done) => onProgress('tree', done, events));
    await sequencer.adopt(check.checkpoints);
    if (sequencer.root !== check.root || sequencer.size !== events)
      throw new IntegrityError(
        {
          en:
            `the restored tree has ${counted(sequencer.size, 'event')} ` +
            `and the root ${sequencer.root}, and the backup ${events} and ${check.root}`,
          zh:
            `恢复出的树有 ${sequencer.size} 个事件，根为 ${sequencer.root}，` +
            `而备份有 ${events} 个事件，根为 ${check.root}`,
        },
        {},
      );
    const readModels = await openReadModels(location.readModels, store);
    releases.unshift(() => {
      readModels.close();
    });
    await catchUpInItsOwnThread(readModels, store, (done) => {
      onProgress('read models', done, events);
    });
    return copied;
  } finally {
    for (const release of releases) await release();
  }
}

/** The events of a backup, up to the first damage. @throws BackupDamagedError */
async function* soundEvents(
  check: BackupCheck,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  const assertSound = (): void => {
    const { first } = check.findings;
    if (first === undefined) return;
    const { stream, revision, position, problem } = first;
    const place = Object.entries({ stream, revision, position })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${value}`);
    const where = place.join(', ');
    throw new BackupDamagedError({
      en: `the backup is damaged (${where || 'as a whole'}): ${problem.en}`,
      zh: `备份已损坏（${where || '整体'}）：${problem.zh}`,
    });
  };
  assertSound();
  for await (const batch of check.events()) {
    assertSound();
    yield batch;
  }
  assertSound();
}

/** @returns the number of entries; `undefined` when the backup has no access log */
async function restoreAccessLog(backup: OpenedBackup, path: string): Promise<number | undefined> {
  const { accessLog } = backup.manifest;
  if (accessLog === undefined) return undefined;
  const check = new AccessLogCheck(accessLog);
  const partial = `${path}${partialEnding}`;
  const file = await makeFile(partial);
  try {
    for await (const lines of backup.lines('access-log')) {
      check.take(lines);
      await file.appendFile(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    }
    check.finish();
    if (check.problem !== undefined)
      throw new BackupDamagedError({
        en: `the access log in the backup is damaged: ${check.problem.en}`,
        zh: `备份中的访问日志已损坏：${check.problem.zh}`,
      });
    await file.sync();
  } finally {
    await file.close();
  }
  renameSync(partial, path);
  syncFolder(dirname(path));
  return check.entries;
}
