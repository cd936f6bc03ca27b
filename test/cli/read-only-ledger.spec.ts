import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger, type OpenedLedger } from '@penalty-ledger/application';
import { systemClock } from '@penalty-ledger/application/clock';
import { readCommandLine } from '@penalty-ledger/ledger';
import { ledgerProgram } from './transcript.js';

jest.setTimeout(120_000);

/** Another user, whom modes keep out also where the tests run as root. */
const somebodyElse = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;
let temporary: string;
let opened: OpenedLedger | undefined;

const ledger = (...given: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ledgerProgram, ...given], {
    encoding: 'utf8',
    cwd: folder,
    env: { LEDGER_STORE: `sqlite:${join(folder, 'data', 'ledger.db')}`, TMPDIR: temporary },
    ...(isRoot && { uid: somebodyElse, gid: somebodyElse }),
  });
  return { status, stdout, stderr };
};

/** The ledger's files, and their folder, can be read and not be written. */
function takeRights(keysMode: number): void {
  const data = join(folder, 'data');
  for (const name of readdirSync(data))
    chmodSync(join(data, name), name.startsWith('ledger.keys') ? keysMode : 0o444);
  chmodSync(data, 0o555);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'read-only-'));
  chmodSync(folder, 0o755);
  temporary = join(folder, 'temporary');
  for (const name of ['temporary', 'out']) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o777);
  }
  opened = await openLedger({
    url: `sqlite:${join(folder, 'data', 'ledger.db')}`,
    simulation: false,
    openedAt: systemClock.now(),
  });
  await record('AdmitAgency', { agencyId: 'a1', name: '成都朗川直播电商有限公司' });
});

afterEach(async () => {
  await opened?.close();
  chmodSync(join(folder, 'data'), 0o755);
  rmSync(folder, { recursive: true });
});

async function record(command: string, data: object): Promise<void> {
  const read = readCommandLine({ command, data });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  const outcome = await opened?.ledger.handle(read.line, systemClock.now());
  expect(outcome).toMatchObject({ status: 'accepted' });
}

const copyNote = /cannot be written by this user: answered from a copy of it as of now/;

it('a ledger that may only be read answers, verifies and packs', async () => {
  await opened?.close();
  opened = undefined;
  takeRights(0o444);
  const balance = ledger('balance', 'a1');
  expect(balance.stdout).toMatch(/^Agency +a1 {2}成都朗川直播电商有限公司\nBalance +0 of 120/);
  expect(balance.stderr).toMatch(copyNote);
  writeFileSync(join(folder, 'q.ndjson'), '{"query":"agencies"}\n');
  expect(ledger('query', 'q.ndjson').stdout).toMatch(/^\[{"agencyId":"a1",/);
  expect(ledger('verify').stdout).toMatch(/the ledger holds\.\n$/);
  expect(ledger('export').stdout.split('\n').length).toBeGreaterThan(3);
  expect(ledger('doctor')).toMatchObject({ status: 0 });
  const pack = join(folder, 'out', 'a1.zip');
  expect(ledger('evidence', '--agency', 'a1', '--period', '2019', '-o', pack).stderr).toMatch(
    /the evidence pack is in/,
  );
  expect(readdirSync(temporary)).toEqual([]);
});

it('without the keys it answers too, and says what it does not know', async () => {
  await opened?.close();
  opened = undefined;
  takeRights(isRoot ? 0o600 : 0o000);
  const balance = ledger('balance', 'a1');
  expect(balance).toMatchObject({ status: 0 });
  expect(balance.stderr).toMatch(/its keys cannot be read/);
  expect(ledger('doctor').stdout).toMatch(/warn +keys .*cannot be read by this user/);
  expect(ledger('verify')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/hint: give --key/) as string,
  });
  expect(ledger('receipt', '--event', 'agency-a1@0').stdout).toMatch(/^c2sp\.org\/tlog-proof@v1/);
});

it('reads what a writer that is running has just recorded, and leaves it alone', async () => {
  takeRights(0o444);
  expect(ledger('agencies', '--json').stdout).toMatch(/"agencyId":"a1"/);
  await record('AdmitAgency', { agencyId: 'a2', name: '临沂木漫网络科技有限公司' });
  expect(ledger('balance', 'a2').stdout).toMatch(/^Agency +a2 {2}临沂木漫网络科技有限公司\n/);
  expect(readdirSync(temporary)).toEqual([]);
});

it('says who may help where not even reading is allowed', async () => {
  await opened?.close();
  opened = undefined;
  chmodSync(join(folder, 'data', 'ledger.db'), isRoot ? 0o600 : 0o000);
  expect(ledger('balance', 'a1')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(
      /ledger\.db" cannot be read: permission denied\nhint: ask its owner for the right to read it/,
    ) as string,
  });
});
