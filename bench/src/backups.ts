import { createHash, hash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { backupLedger, restoreLedger, verifyBackup } from '@penalty-ledger/application/backing-up';
import { DatabaseSync } from '@photostructure/sqlite';
import { timed, type Case, type Measured } from './harness.js';

type Step = 'first backup' | 'backup again' | 'verify' | 'restore';

/** Runs of a backup that finds nothing new. */
const repeats = 20;

/** Backs a ledger of deductions up, finds nothing new, verifies the backup, restores it. */
export function backups(folder: string, events: number, step: Step): Case {
  const url = `sqlite:${join(folder, 'ledger.db')}`;
  const saved = join(folder, 'saved');
  const count = events.toLocaleString('en');
  const explanations: Readonly<Record<Step, string>> = {
    'first backup':
      'ours: every event read and checked, in gzip, synced, with its tree; raw: every row read, ' +
      'in gzip, synced',
    'backup again': 'ours: a run that finds nothing new; raw: the last row looked up',
    verify:
      'ours: form, chain, id, time and leaf of every event in the backup, and checkpoints; raw: ' +
      'every line unpacked and hashed',
    restore:
      'ours: every event checked, stored, made a leaf and folded into read models; raw: every ' +
      'line unpacked and inserted in transactions of 1,000',
  };
  const fresh = async (): Promise<void> => {
    rmSync(saved, { recursive: true, force: true });
    await backupLedger({ url, folder: saved });
  };
  const present = async (): Promise<number> => (await backupLedger({ url, folder: saved })).events;
  const ours: Readonly<Record<Step, (to: string) => Promise<Measured>>> = {
    'first backup': () => timed(events, fresh),
    'backup again': async () => {
      await present();
      return timed(repeats, async () => {
        for (let run = 0; run < repeats; run += 1) await present();
      });
    },
    verify: async () =>
      timed(await present(), async () => {
        if (!(await verifyBackup({ folder: saved })).holds) throw new Error('it does not hold');
      }),
    restore: async (to) =>
      timed(await present(), async () => {
        await restoreLedger({ folder: saved, to: `sqlite:${join(to, 'ledger.db')}` });
      }),
  };
  const raw: Readonly<Record<Step, (to: string) => Promise<Measured>>> = {
    'first backup': (to) => rawBackup(join(folder, 'ledger.db'), to),
    'backup again': () => rawLookUp(join(folder, 'ledger.db')),
    verify: async () =>
      timed(await present(), () => eachLine(saved, (line) => void hash('sha256', `\0${line}`))),
    restore: async (to) => timed(await present(), () => rawInsert(saved, join(to, 'raw.db'))),
  };
  return {
    name: `backup of ${count} deductions: ${step}`,
    explanation: explanations[step],
    ours: ours[step],
    raw: raw[step],
  };
}

async function rawBackup(path: string, to: string): Promise<Measured> {
  mkdirSync(to, { recursive: true });
  const database = new DatabaseSync(path, { readOnly: true });
  const select = database.prepare(
    'SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT 500',
  );
  const { count } = database.prepare('SELECT count(*) AS count FROM events').get() as {
    count: number;
  };
  const file = openSync(join(to, 'raw.ndjson.gz'), 'w');
  const sum = createHash('sha256');
  const measured = await timed(count, () => {
    let position = 0;
    for (let rows = select.all(0); rows.length > 0; rows = select.all(position)) {
      const read = rows as unknown as readonly { position: number; body: string }[];
      const packed = gzipSync(read.map(({ body }) => `${body}\n`).join(''), { level: 3 });
      sum.update(packed);
      writeSync(file, packed);
      position = read.at(-1)?.position ?? position;
    }
    fsyncSync(file);
  });
  closeSync(file);
  database.close();
  return measured;
}

function rawLookUp(path: string): Promise<Measured> {
  return timed(repeats, () => {
    for (let run = 0; run < repeats; run += 1) {
      const database = new DatabaseSync(path, { readOnly: true });
      database.prepare('SELECT position, body FROM events ORDER BY position DESC LIMIT 1').get();
      database.close();
    }
  });
}

async function rawInsert(saved: string, path: string): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (body)');
  const insert = database.prepare('INSERT INTO events VALUES (?)');
  let open = 0;
  database.exec('BEGIN');
  await eachLine(saved, (line) => {
    insert.run(line);
    open += 1;
    if (open % 1_000 === 0) database.exec('COMMIT; BEGIN');
  });
  database.exec('COMMIT');
  database.close();
}

async function eachLine(saved: string, act: (line: string) => void): Promise<void> {
  for (const name of readdirSync(saved).sort()) {
    if (!name.startsWith('events-')) continue;
    const unpacked = pipeline(createReadStream(join(saved, name)), createGunzip(), () => undefined);
    for await (const line of createInterface({ input: unpacked })) act(line);
  }
}
