import { existsSync } from 'node:fs';
import { IntegrityError } from '@penalty-ledger/event-store';
import type { LateAppend } from '@penalty-ledger/event-store/eventstoredb';
import { followedKeys } from '@penalty-ledger/evidence';
import {
  counted,
  errorInBoth,
  ledgerStream,
  LedgerZone,
  type LedgerSettings,
} from '@penalty-ledger/ledger';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import { rebuildReadModels } from '@penalty-ledger/projections';
import { LogFile } from '@penalty-ledger/sequencer';
import { timeZoneDataVersion } from '../clock.js';
import { keysAcross, rotationsIn } from '../keys/key-rotations.js';
import { openExistingStore } from '../stores/open-store.js';
import { foreignText } from '../stores/own-rows.js';
import { locationOf, type LedgerLocation } from '../stores/store-url.js';
import {
  acceptedLoss,
  isAcceptedIn,
  missingSizes,
  type AcceptedLoss,
} from '../keys/missing-checkpoints.js';
import { Findings, type CheckResult } from './damage.js';
import { DecisionsCheck } from './decisions-check.js';
import { ErasuresCheck } from './erasures-check.js';
import { EventsCheck } from './events-check.js';
import { LogCheck } from './log-check.js';
import { OutsideCheck, type OutsideFile } from './outside-check.js';
import { ownKeys, type OwnKeys } from './own-keys.js';
import { RulebookCheck } from './rulebook-check.js';
import { openRows, type Reading, type StoredRows } from './stored-rows.js';
import { SubjectKeysCheck } from './subject-keys-check.js';

/** The input of a verification. */
export interface VerifyLedger {
  readonly url: string;
  /**
   * Verifier keys from elsewhere. Left out: the ledger's own, from its key file, which proves less.
   */
  readonly keys?: readonly VerifierKey[];
  /** The receipts and checkpoints that others hold. */
  readonly files?: readonly OutsideFile[];
  /**
   * `stored`: only what the files themselves say, without judging and folding again. Default `all`.
   */
  readonly extent?: 'all' | 'stored';
  /** Check the MAC of every row. Default true. */
  readonly rowMacs?: boolean;
  readonly onProgress?: (step: VerifyStep, events: number, total: number | undefined) => void;
}

export type VerifyStep = 'events' | 'decisions' | 'read models';

/** The result. */
export interface Verification {
  /** Nothing was found. */
  readonly holds: boolean;
  /** Every check could be made. Otherwise what holds is only what was checked. */
  readonly complete: boolean;
  readonly events: number;
  readonly settings?: LedgerSettings;
  /** The way the events were read. */
  readonly reading: Reading;
  readonly checks: readonly CheckResult[];
  /**
   * Appends on the engine of writers whose term had ended. They are not in the ledger, and take
   * nothing from what holds.
   */
  readonly lateAppends: readonly LateAppend[];
}

/**
 * Checks everything a ledger consists of against its stored bytes, and goes on after the first
 * damage (`docs/spec/event.md`, "Verification"; `docs/spec/checkpoint.md`). Changes nothing but
 * read models that are behind or of another version.
 *
 * @throws StoreUrlError, StoreUnavailableError, SchemaTooNewError when there is nothing to verify
 */
export async function verifyLedger({
  url,
  keys,
  files = [],
  extent = 'all',
  rowMacs = true,
  onProgress = () => undefined,
}: VerifyLedger): Promise<Verification> {
  const location = locationOf(url);
  const rows = await openRows(location);
  const findings = new Findings();
  let known: OwnKeys | undefined;
  try {
    known = await ownKeys(location, rows, keys);
    const rulebooks = new RulebookCheck(findings);
    checkGuards(rows, location, findings);
    if (rowMacs) checkMacs(rows, known, findings);
    const events = await checkEvents(
      rows,
      location,
      { findings, rulebooks, known, files },
      (done) => onProgress('events', done, rows.total),
    );
    rulebooks.finish();
    const { settings } = events;
    if (settings === undefined) {
      findings.damage(
        'events',
        {},
        { en: 'no event says how the ledger was opened', zh: '没有事件说明账本如何开立' },
      );
      findings.notMade('decisions', {
        en: 'nothing says by which rules to decide',
        zh: '无从得知应按哪些规则判定',
      });
    } else if (extent === 'all') {
      const decisions = new DecisionsCheck(findings, rulebooks, settings, timeZoneDataVersion);
      await decisions.run(
        rows,
        (stream) => events.damaged.has(stream),
        (done) => onProgress('decisions', done, events.size),
      );
      const zone = new LedgerZone(settings.zone, timeZoneDataVersion);
      await new ErasuresCheck(rows, findings, rulebooks, zone).run((stream) =>
        events.damaged.has(stream),
      );
    }
    if (extent === 'all')
      await checkReadModels(location, findings, (done) =>
        onProgress('read models', done, events.size),
      );
    const checks = findings.results();
    return {
      holds: checks.every(({ damages }) => damages.length === 0),
      complete: checks.every(({ notMade }) => notMade === undefined),
      events: events.read,
      ...(settings !== undefined && { settings }),
      reading: rows.reading,
      checks,
      lateAppends: rows.lateAppends,
    };
  } finally {
    known?.file?.close();
    await rows.close();
  }
}

/** Checks the triggers that guard the event file and the file of the Merkle log. */
function checkGuards({ guards }: StoredRows, { log }: LedgerLocation, findings: Findings): void {
  const ofLog = existsSync(log) ? guardsOfLog(log) : undefined;
  const all = [guards, ofLog].filter((each) => each !== undefined);
  if (all.length === 0) return;
  for (const name of all.flatMap(({ lost }) => lost))
    findings.damage(
      'guards',
      {},
      {
        en: `the trigger "${name}" is missing or was changed: rows could be altered`,
        zh: `触发器 "${name}" 缺失或已更改：各行可能被改动`,
      },
    );
  const count = all.reduce((sum, each) => sum + each.count, 0);
  findings.counted('guards', count, 'triggers');
}

/** A log that cannot be opened is damage of its own. */
function guardsOfLog(path: string): LogFile['guards'] | undefined {
  try {
    const file = LogFile.open(path, 'read');
    try {
      return file.guards;
    } finally {
      file.close();
    }
  } catch {
    return undefined;
  }
}

/** Checks the MACs of rows, which say that the ledger stored them. */
function checkMacs(rows: StoredRows, { rowKey, rowLack }: OwnKeys, findings: Findings): void {
  if (rowKey === undefined) {
    findings.notMade('row MACs', rowLack);
    return;
  }
  for (const found of rows.foreignRows(rowKey))
    findings.damage('row MACs', { position: found.first }, foreignText(found));
  findings.counted('row MACs', rows.total ?? 0, 'events');
}

interface EventsWith {
  readonly findings: Findings;
  readonly rulebooks: RulebookCheck;
  readonly known: OwnKeys;
  readonly files: readonly OutsideFile[];
}

/**
 * The one pass over all stored rows, with the tree they make compared to all that was said of it.
 */
async function checkEvents(
  rows: StoredRows,
  { log: path }: LedgerLocation,
  { findings, rulebooks, known, files }: EventsWith,
  onProgress: (events: number) => void,
): Promise<EventsCheck> {
  const file = openedLog(path, findings);
  try {
    const receipts = files.filter(({ kind }) => kind === 'receipt').map(({ bytes }) => bytes);
    const followed = followedKeys(known.verifiers, receipts);
    const keys =
      file === undefined
        ? followed
        : keysAcross(
            followed,
            await rotationsIn(rows.ofStream(ledgerStream)),
            file.checkpoints(),
            ({ position }) => file.leafAt(position),
          );
    const log = file === undefined ? undefined : new LogCheck(file, findings, keys);
    const outside = new OutsideCheck(files, findings, keys);
    const subjectKeys = new SubjectKeysCheck();
    const sizes = [...new Set([...(log?.sizes ?? []), ...outside.sizes])]
      .filter((size) => size > 0)
      .sort((a, b) => a - b);
    const listener = {
      sizes,
      at: (tree: Parameters<OutsideCheck['at']>[0]) => {
        log?.at(tree);
        outside.at(tree);
      },
      tile: (level: number, index: number, hashes: Uint8Array) => log?.tile(level, index, hashes),
      leaf: (index: number, event: Parameters<OutsideCheck['leaf']>[1]) => {
        outside.leaf(index, event);
        if (event.form !== undefined) subjectKeys.take(event.row);
      },
      kept: (index: number) => log?.kept(index),
    };
    const events = new EventsCheck(findings, listener, rulebooks);
    await guardedRun(() => events.run(rows, onProgress), findings);
    log?.finish(events.size);
    outside.finish(events.size);
    const kept = log?.keptSizes ?? new Set();
    const accepted = await acceptedLoss(rows.ofStream(ledgerStream));
    findMissing(missingSizes(known.signed, kept), outside.largestHeld, accepted, findings);
    if (known.file === undefined) findings.notMade('keys', known.lack);
    else subjectKeys.finish(known.file, findings);
    return events;
  } finally {
    file?.close();
  }
}

/**
 * Names the checkpoints that were signed and are not in the log any more. One that another party
 * keeps, for as many events or more, stands for them. Of those whose loss was accepted it is said
 * that nothing is compared with them.
 */
function findMissing(
  missing: readonly number[],
  proved: number,
  accepted: AcceptedLoss | undefined,
  findings: Findings,
): void {
  const unproved = missing.filter((size) => size > proved);
  const isAccepted = isAcceptedIn(missing, accepted);
  for (const size of unproved.filter((each) => !isAccepted(each)))
    findings.damage(
      'checkpoints',
      {},
      {
        en:
          `one was signed for ${counted(size, 'event')}, and it is not kept any more: restore ` +
          'the Merkle log from a backup, or give one that others keep with --checkpoint',
        zh:
          `有一个为 ${size} 个事件签署，而现已不再保存：请从备份恢复默克尔日志，` +
          '或用 --checkpoint 给出他人保存的检查点',
      },
    );
  const lost = unproved.filter(isAccepted);
  if (lost.length === 0 || accepted === undefined) return;
  const { actor, recordedAt } = accepted;
  findings.notMade('checkpoints', {
    en:
      `${counted(lost.length, 'checkpoint')}, up to the one for ` +
      `${counted(Math.max(...lost), 'event')}, ` +
      `are lost, as ${actor} accepted at ${recordedAt}: give those that others keep ` +
      'with --checkpoint',
    zh:
      `有 ${lost.length} 个检查点（最大的为 ${Math.max(...lost)} 个事件签署）已丢失，` +
      `由 ${actor} 于 ${recordedAt} 接受：请用 --checkpoint 给出他人保存的检查点`,
  });
}

/** Unreadable SQLite data, or an adapter's refusal, ends the pass, and is damage like any other. */
async function guardedRun(run: () => Promise<void>, findings: Findings): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const { en, zh } = errorInBoth(error);
    findings.damage(
      'events',
      {},
      { en: `the store cannot be read to its end: ${en}`, zh: `存储无法读到末尾：${zh}` },
    );
  }
}

function openedLog(path: string, findings: Findings): LogFile | undefined {
  if (!existsSync(path)) {
    findings.notMade('tree', {
      en:
        `there is no "${path}": without it nothing here says what was signed; ` +
        'give --checkpoint or --receipt',
      zh: `没有 "${path}"：缺少它便无从得知签署过什么；请给出 --checkpoint 或 --receipt`,
    });
    return undefined;
  }
  try {
    return LogFile.open(path, 'read');
  } catch (error) {
    findings.damage('tree', {}, errorInBoth(error));
    return undefined;
  }
}

/** Folds every event again, beside the read models in use, and compares. */
async function checkReadModels(
  location: LedgerLocation,
  findings: Findings,
  onProgress: (events: number) => void,
): Promise<void> {
  const { readModels } = location;
  if (!existsSync(readModels)) {
    findings.notMade('read models', {
      en: 'there are none; the next question makes them',
      zh: '尚无读模型；下一次查询会建立它们',
    });
    return;
  }
  const damaged = (['events', 'form', 'leaf hashes', 'streams'] as const).some(
    (check) => findings.of(check).length > 0,
  );
  if (damaged) {
    findings.notMade('read models', {
      en: 'the events they are folded from are damaged',
      zh: '其所依据的事件已损坏',
    });
    return;
  }
  try {
    const store = await openExistingStore(location, { access: 'read' });
    try {
      const { live, rebuilt } = await rebuildReadModels(store, readModels, {
        switchOver: false,
        onProgress,
      });
      for (const [name, digest] of Object.entries(live.each)) {
        if (digest !== rebuilt.each[name])
          findings.damage(
            'read models',
            {},
            {
              en:
                `"${name}" differs from what the events give; ` +
                '"ledger replay --switch" puts it right',
              zh: `"${name}" 与按事件计算的结果不一致；"ledger replay --switch" 可将其修正`,
            },
          );
      }
      findings.counted('read models', Object.keys(live.each).length, 'read models');
    } finally {
      await store.close();
    }
  } catch (error) {
    findings.damage('read models', {}, errorInBoth(error));
  }
}
