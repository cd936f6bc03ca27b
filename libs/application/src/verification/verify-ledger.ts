import { existsSync } from 'node:fs';
import { IntegrityError } from '@penalty-ledger/event-store';
import type { LateAppend } from '@penalty-ledger/event-store/eventstoredb';
import { followedKeys } from '@penalty-ledger/evidence';
import { errorInBoth, ledgerStream, LedgerZone, type LedgerSettings } from '@penalty-ledger/ledger';
import { parseVerifierKey, type VerifierKey } from '@penalty-ledger/merkle-log';
import { rebuildReadModels } from '@penalty-ledger/projections';
import { LogFile } from '@penalty-ledger/sequencer';
import { timeZoneDataVersion } from '../clock.js';
import { isUnreadable, KeysUnreadableError, KeyStore, signingKeyName } from '../keys/key-store.js';
import { keysAcross, rotationsIn } from '../signing/key-rotations.js';
import { openExistingStore } from '../stores/open-store.js';
import { locationOf, type LedgerLocation } from '../stores/store-url.js';
import { Findings, type CheckResult } from './damage.js';
import { DecisionsCheck } from './decisions-check.js';
import { ErasuresCheck } from './erasures-check.js';
import { EventsCheck } from './events-check.js';
import { LogCheck } from './log-check.js';
import { OutsideCheck, type OutsideFile } from './outside-check.js';
import { RulebookCheck } from './rulebook-check.js';
import { openRows, type Reading, type StoredRows } from './stored-rows.js';

/** The input of a verification. */
export interface VerifyLedger {
  readonly url: string;
  /**
   * Verifier keys from elsewhere. Left out: the ledger's own, from its key file, which proves less.
   */
  readonly keys?: readonly VerifierKey[];
  /** The receipts and checkpoints that others hold. */
  readonly files?: readonly OutsideFile[];
  readonly onProgress?: (step: VerifyStep, events: number, total: number | undefined) => void;
}

export type VerifyStep = 'events' | 'decisions' | 'read models';

/** The result. */
export interface Verification {
  /** Nothing was found. */
  readonly holds: boolean;
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
  onProgress = () => undefined,
}: VerifyLedger): Promise<Verification> {
  const location = locationOf(url);
  const rows = await openRows(location);
  try {
    const findings = new Findings();
    const rulebooks = new RulebookCheck(findings);
    const known = keys ?? (await ownKeys(location, rows));
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
    } else {
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
    await checkReadModels(location, findings, (done) =>
      onProgress('read models', done, events.size),
    );
    const checks = findings.results();
    return {
      holds: checks.every(({ damages }) => damages.length === 0),
      events: events.read,
      ...(settings !== undefined && { settings }),
      reading: rows.reading,
      checks,
      lateAppends: rows.lateAppends,
    };
  } finally {
    await rows.close();
  }
}

interface EventsWith {
  readonly findings: Findings;
  readonly rulebooks: RulebookCheck;
  readonly known: readonly VerifierKey[];
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
    const followed = followedKeys(known, receipts);
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
      leaf: (index: number, event: Parameters<OutsideCheck['leaf']>[1]) =>
        outside.leaf(index, event),
      kept: (index: number) => log?.kept(index),
    };
    const events = new EventsCheck(findings, listener, rulebooks);
    await guardedRun(() => events.run(rows, onProgress), findings);
    log?.finish(events.size);
    outside.finish(events.size);
    return events;
  } finally {
    file?.close();
  }
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

/** The ledger's own key. Its name follows from the ledger's id, which stands in the first event. */
async function ownKeys(
  { keys: path }: LedgerLocation,
  rows: StoredRows,
): Promise<readonly VerifierKey[]> {
  const { custody } = rows;
  if (custody?.role === 'follower') {
    // The key of the first contact, or the one that was given then.
    const { verifierKey } = custody.details;
    return typeof verifierKey === 'string' ? [parseVerifierKey(verifierKey)] : [];
  }
  const ledgerId = await ledgerIdOf(rows);
  if (ledgerId === undefined || !existsSync(path)) return [];
  if (isUnreadable(path))
    throw new KeysUnreadableError(
      path,
      { en: 'nothing says whose signatures to expect', zh: '无从得知应由谁签署' },
      {
        en: 'give --key, with the key that "ledger keys" prints for the one who may read them',
        zh: '请给出 --key，即有权读取者运行 "ledger keys" 所显示的密钥',
      },
    );
  const keys = KeyStore.open(path, ledgerId);
  try {
    const found = keys.findSigningKey(signingKeyName(ledgerId));
    return found === undefined ? [] : [parseVerifierKey(found.verifierKey)];
  } finally {
    keys.close();
  }
}

async function ledgerIdOf(rows: StoredRows): Promise<string | undefined> {
  for await (const [first] of rows.ofStream('ledger')) {
    const found = /"ledgerId":"([A-Za-z0-9._:-]{1,64})"/.exec(first?.body ?? '');
    return found?.[1];
  }
  return undefined;
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
