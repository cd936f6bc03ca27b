import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { readSettings, serve } from '@penalty-ledger/api';
import { openLedger, type OpenLedger } from '@penalty-ledger/application';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import type { Instant } from '@penalty-ledger/ledger';
import { temporaryFolder } from '../support/folder.js';

const root = temporaryFolder();
const openedAt = '2026-02-10T02:00:00.000Z' as Instant;

/** A folder with a real ledger, a simulation, a file that is no database, and a newer store. */
let folder: string;

async function made(name: string, simulation: boolean): Promise<void> {
  const url = `sqlite:${join(folder, name)}`;
  await (await openLedger({ url, simulation, openedAt })).close();
}

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(root, 'failed-')));
  await made('real.db', false);
  await made('simulation.db', true);
  writeFileSync(join(folder, 'garbage'), 'no database, however long it is: '.repeat(40));
  mkdirSync(join(folder, 'folder'));
  const newer = new DatabaseSync(join(folder, 'newer.db'));
  newer.exec('CREATE TABLE events (a); PRAGMA user_version = 99');
  newer.close();
});

const filesThere = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

/** Does what must fail, and gives the files that it left and those that it took. */
async function leftBy(work: () => Promise<unknown>, problem: RegExp): Promise<string[]> {
  // SQLite keeps these beside a file that was there until the driver lets its connection go.
  const passing = /\b(?:real|simulation)\.[\w.]+-(?:wal|shm)$/;
  const filesNow = (): string[] => filesThere().filter((name) => !passing.test(name));
  const before = filesNow();
  await expect(work()).rejects.toThrow(problem);
  const after = filesNow();
  return [
    ...after.filter((name) => !before.includes(name)),
    ...before.filter((name) => !after.includes(name)).map((name) => `without ${name}`),
  ];
}

interface Failing extends Partial<Pick<OpenLedger, 'simulation' | 'mode'>> {
  /** Within the folder. */
  readonly store: string;
  readonly keys?: string;
}

it.each<[string, Failing, RegExp]>([
  ['a store that is no database', { store: 'garbage' }, /is not a SQLite database/],
  ['a store that is a folder', { store: 'folder' }, /cannot be used/],
  ['a store within a file', { store: 'garbage/deep/l.db' }, /can be made/],
  ['a store of a newer release', { store: 'newer.db' }, /./],
  ['a simulation, as a real ledger', { store: 'simulation.db' }, /holds a simulation/],
  ['a real ledger, as a simulation', { store: 'real.db', simulation: true }, /a real ledger/],
  ['a ledger of another mode', { store: 'real.db', mode: 'operator' }, /fixed for its life/],
  [
    'the keys of another ledger',
    { store: 'new/deep/l.db', keys: 'real.keys.db' },
    /holds the keys/,
  ],
  ['keys that are no database', { store: 'new/deep/l.db', keys: 'garbage' }, /not a database/],
  ['keys that are a folder', { store: 'new/deep/l.db', keys: 'folder' }, /cannot be used/],
  ['keys within a file', { store: 'new/deep/l.db', keys: 'garbage/k.db' }, /mkdir/],
  ['lost keys', { store: 'real.db', keys: 'other/deep/k.db' }, /has no key/],
])('opening %s leaves no file', async (_what, { store, keys, ...asked }, problem) => {
  const elsewhere = keys === undefined ? {} : { keysFile: join(folder, keys) };
  const work = () =>
    openLedger({
      url: `sqlite:${join(folder, store)}`,
      simulation: false,
      openedAt,
      elsewhere,
      ...asked,
    });
  expect(await leftBy(work, problem)).toEqual([]);
});

it('a passphrase that cannot be read leaves no file', async () => {
  process.env['LEDGER_KEYS_PASSPHRASE_FILE'] = join(folder, 'nowhere');
  try {
    const url = `sqlite:${join(folder, 'new/l.db')}`;
    const work = () => openLedger({ url, simulation: false, openedAt });
    expect(await leftBy(work, /nowhere/)).toEqual([]);
  } finally {
    delete process.env['LEDGER_KEYS_PASSPHRASE_FILE'];
  }
});

it('an engine that cannot be reached leaves no file', async () => {
  const elsewhere = { keysFile: join(folder, 'engine/deep/k.db') };
  const url = 'esdb://no-such-host.invalid:2113';
  const work = () => openLedger({ url, simulation: false, openedAt, elsewhere });
  expect(await leftBy(work, /no-such-host/)).toEqual([]);
}, 30_000);

const serving =
  (more: Readonly<Record<string, string>> = {}) =>
  () =>
    serve(
      readSettings({
        LEDGER_STORE: `sqlite:${join(folder, 'new/l.db')}`,
        LEDGER_PORT: '0',
        LEDGER_LOG_LEVEL: 'silent',
        ...more,
      }),
    );

it.each([
  ['no database', 'garbage', /not a database/],
  ['a folder', 'folder', /cannot be used/],
  ['within a file', 'garbage/deep/access.db', /cannot be made/],
])('a service whose access file is %s leaves no file', async (_what, access, problem) => {
  process.env['LEDGER_ACCESS'] = join(folder, access);
  try {
    expect(await leftBy(serving(), problem)).toEqual([]);
  } finally {
    delete process.env['LEDGER_ACCESS'];
  }
});

it('a service whose port is taken leaves no file', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { readonly port: number };
  try {
    const work = serving({ LEDGER_PORT: String(port), LEDGER_HOST: '127.0.0.1' });
    expect(await leftBy(work, /EADDRINUSE/)).toEqual([]);
  } finally {
    other.close();
  }
});

it('an opening that another one is before takes none of its files', async () => {
  const file = join(folder, 'shared', 'l.db');
  const first = openSqliteEventStore(file, { access: 'write' });
  const before = filesThere();
  expect(() => openSqliteEventStore(file, { access: 'write' })).toThrow(/open for writing/);
  expect(filesThere()).toEqual(before);
  await first.close();
  expect(existsSync(file)).toBe(true);
});
