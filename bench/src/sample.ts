import { join } from 'node:path';
import { KeyStore, LedgerWriter } from '@penalty-ledger/application';
import { openSqliteEventStore, type EventStore } from '@penalty-ledger/event-store';
import { instantOf, readCommandLine, type CommandLine, type Instant } from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

/** The instant every measured command is recorded at. */
export const now = instantOf(Date.UTC(2019, 5, 1));

/** Half a year before. */
const admittedAt = instantOf(Date.UTC(2019, 0, 2));

/** A real, durable ledger in a folder; its events are in `store`, when it is given. */
export async function openLedger(folder: string, store?: EventStore): Promise<LedgerWriter> {
  const ledger = await LedgerWriter.open(
    {
      store: store ?? openSqliteEventStore(join(folder, 'ledger.db'), { access: 'write' }),
      keys: KeyStore.open(join(folder, 'ledger.keys.db')),
      readModels: ReadModels.open(join(folder, 'ledger.views.db')),
      zoneDataVersion: process.versions['tz'] ?? 'unknown',
    },
    {
      settings: { ledgerId: 'bench', mode: 'observer', simulation: false, zone: 'Asia/Shanghai' },
      at: instantOf(Date.UTC(2019, 0, 1)),
      actor: 'bench',
    },
  );
  if (ledger === undefined) throw new Error('the ledger did not open');
  return ledger;
}

export function lineOf(value: unknown): CommandLine {
  const read = readCommandLine(value);
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return read.line;
}

/** Admits agencies `a0`, `a1`, … half a year before {@link now}. */
export async function admit(ledger: LedgerWriter, agencies: number): Promise<void> {
  const lines = Array.from({ length: agencies }, (_, agency) => lineOf(admissionCommand(agency)));
  await Promise.all(lines.map((line) => ledger.handle(line, admittedAt)));
}

/** The command line that admits agency number `agency`; effective {@link admittedAt}. */
export function admissionCommand(agency: number): unknown {
  return {
    command: 'AdmitAgency',
    data: {
      agencyId: `a${String(agency)}`,
      name: `杭州云帆文化传媒有限公司${String(agency)}`,
      effectiveAt: admittedAt,
    },
  };
}

/**
 * The command line of deduction number `index`: one point, with a notice in Chinese; by agencies in
 * turn unless one is named.
 */
export function deductionCommand(
  index: number,
  agencies: number,
  agency: number = index % agencies,
): unknown {
  return {
    command: 'RecordDeduction',
    by: 'officer-1',
    data: {
      deductionId: `d${String(index)}`,
      agencyId: `a${String(agency)}`,
      points: 1,
      clause: 'improper-operation',
      occurredAt: occurredAt(index),
      notice: { text: '机构运营不当，依据规则扣1分。' },
    },
  };
}

function occurredAt(index: number): Instant {
  return instantOf(Date.UTC(2019, 2, 1) + index * 1000);
}

/** The same durability as the ledger's, and a table like its own: what a plain loop has to beat. */
export function openRaw(folder: string): DatabaseSyncInstance {
  const database = new DatabaseSync(join(folder, 'raw.db'));
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL,
      revision INTEGER NOT NULL, leaf_hash TEXT NOT NULL, body TEXT NOT NULL,
      UNIQUE (stream_id, revision)) STRICT;`);
  return database;
}

export const insertRaw =
  'INSERT INTO events (stream_id, revision, leaf_hash, body) VALUES (?, ?, ?, ?)';

/** An event of usual size, for raw loops. */
export const rawBody = JSON.stringify({ filler: 'x'.repeat(860) });
export const rawHash = 'a'.repeat(64);
