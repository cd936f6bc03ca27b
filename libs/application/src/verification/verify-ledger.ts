import { existsSync } from 'node:fs';
import { IntegrityError, openSqliteEventStore, RawRows } from '@penalty-ledger/event-store';
import type { LedgerSettings } from '@penalty-ledger/ledger';
import { parseVerifierKey, type VerifierKey } from '@penalty-ledger/merkle-log';
import { rebuildReadModels } from '@penalty-ledger/projections';
import { LogFile } from '@penalty-ledger/sequencer';
import { timeZoneDataVersion } from '../clock.js';
import { KeyStore, signingKeyName } from '../key-store.js';
import { locationOf, type LedgerLocation } from '../store-url.js';
import { Findings, type CheckResult } from './damage.js';
import { DecisionsCheck } from './decisions-check.js';
import { EventsCheck } from './events-check.js';
import { LogCheck } from './log-check.js';
import { OutsideCheck, type OutsideFile } from './outside-check.js';
import { RulebookCheck } from './rulebook-check.js';

/** What a ledger is verified with. */
export interface VerifyLedger {
  readonly url: string;
  /** Verifier keys that came from elsewhere. Left out: the ledger's own, from its key file, which proves less. */
  readonly keys?: readonly VerifierKey[];
  /** What others hold of the ledger. */
  readonly files?: readonly OutsideFile[];
  readonly onProgress?: (step: VerifyStep, events: number, total: number) => void;
}

export type VerifyStep = 'events' | 'decisions' | 'read models';

/** What became of it. */
export interface Verification {
  /** Nothing was found. */
  readonly holds: boolean;
  readonly events: number;
  readonly settings?: LedgerSettings;
  readonly checks: readonly CheckResult[];
}

/**
 * Checks everything a ledger consists of against its stored bytes, and goes on after the first damage (`docs/spec/event.md`, "Verification";
 * `docs/spec/checkpoint.md`). Changes nothing but read models that are behind or of another version.
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
  const rows = RawRows.open(location.events);
  try {
    const findings = new Findings();
    const total = rows.extent().rows;
    const rulebooks = new RulebookCheck(findings);
    const known = keys ?? ownKeys(location, rows);
    const events = checkEvents(rows, location, { findings, rulebooks, known, files }, (done) =>
      onProgress('events', done, total),
    );
    rulebooks.finish();
    const { settings } = events;
    if (settings === undefined) {
      findings.damage('events', {}, 'no event says how the ledger was opened');
      findings.notMade('decisions', 'nothing says by which rules to decide');
    } else {
      const decisions = new DecisionsCheck(findings, rulebooks, settings, timeZoneDataVersion);
      decisions.run(
        rows,
        (stream) => events.damaged.has(stream),
        (done) => onProgress('decisions', done, total),
      );
    }
    await checkReadModels(location, findings, (done) => onProgress('read models', done, total));
    const checks = findings.results();
    return {
      holds: checks.every(({ damages }) => damages.length === 0),
      events: events.size,
      ...(settings !== undefined && { settings }),
      checks,
    };
  } finally {
    rows.close();
  }
}

interface EventsWith {
  readonly findings: Findings;
  readonly rulebooks: RulebookCheck;
  readonly known: readonly VerifierKey[];
  readonly files: readonly OutsideFile[];
}

/** The one pass over all stored rows, with the tree they make compared to all that was said of it. */
function checkEvents(
  rows: RawRows,
  { log: path }: LedgerLocation,
  { findings, rulebooks, known, files }: EventsWith,
  onProgress: (events: number) => void,
): EventsCheck {
  const file = openedLog(path, findings);
  try {
    const log = file === undefined ? undefined : new LogCheck(file, findings, known);
    const outside = new OutsideCheck(files, findings, known);
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
      leaf: (index: number, event: Parameters<OutsideCheck['leaf']>[1]) => outside.leaf(index, event),
    };
    const events = new EventsCheck(findings, listener, rulebooks);
    guardedRun(() => events.run(rows, onProgress), findings);
    log?.finish(events.size);
    outside.finish(events.size);
    return events;
  } finally {
    file?.close();
  }
}

/** What SQLite cannot read at all ends the pass, and is damage like any other. */
function guardedRun(run: () => void, findings: Findings): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    findings.damage('events', {}, `the file cannot be read to its end: ${error.message}`);
  }
}

function openedLog(path: string, findings: Findings): LogFile | undefined {
  if (!existsSync(path)) {
    const why = `there is no "${path}": without it nothing here says what was signed; give --checkpoint or --receipt`;
    findings.notMade('tree', why);
    return undefined;
  }
  try {
    return LogFile.open(path, 'read');
  } catch (error) {
    findings.damage('tree', {}, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The ledger's own key. Its name follows from the ledger's id, which stands in the first event. */
function ownKeys({ keys: path }: LedgerLocation, rows: RawRows): readonly VerifierKey[] {
  const ledgerId = ledgerIdOf(rows);
  if (ledgerId === undefined || !existsSync(path)) return [];
  const keys = KeyStore.open(path);
  try {
    const found = keys.findSigningKey(signingKeyName(ledgerId));
    return found === undefined ? [] : [parseVerifierKey(found.verifierKey)];
  } finally {
    keys.close();
  }
}

function ledgerIdOf(rows: RawRows): string | undefined {
  for (const [first] of rows.ofStream('ledger')) {
    const found = /"ledgerId":"([A-Za-z0-9._:-]{1,64})"/.exec(first?.body ?? '');
    return found?.[1];
  }
  return undefined;
}

/** Folds every event again, beside the read models in use, and compares. */
async function checkReadModels(
  { events, readModels }: LedgerLocation,
  findings: Findings,
  onProgress: (events: number) => void,
): Promise<void> {
  if (!existsSync(readModels)) {
    findings.notMade('read models', 'there are none; the next question makes them');
    return;
  }
  const damaged = (['events', 'form', 'leaf hashes', 'streams'] as const).some(
    (check) => findings.of(check).length > 0,
  );
  if (damaged) {
    findings.notMade('read models', 'the events they are folded from are damaged');
    return;
  }
  try {
    const store = openSqliteEventStore(events, { access: 'read' });
    try {
      const { live, rebuilt } = await rebuildReadModels(store, readModels, { switchOver: false, onProgress });
      for (const [name, digest] of Object.entries(live.each)) {
        if (digest !== rebuilt.each[name])
          findings.damage(
            'read models',
            {},
            `"${name}" is not what the events come to; "ledger replay --switch" puts it right`,
          );
      }
      findings.counted('read models', Object.keys(live.each).length, 'read models');
    } finally {
      await store.close();
    }
  } catch (error) {
    findings.damage('read models', {}, error instanceof Error ? error.message : String(error));
  }
}
