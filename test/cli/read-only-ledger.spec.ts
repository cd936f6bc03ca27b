import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger, type OpenedLedger } from '@penalty-ledger/application';
import { systemClock } from '@penalty-ledger/application/clock';
import { readCommandLine } from '@penalty-ledger/ledger';
import { runLines, type Result } from './command-loop.js';

jest.setTimeout(120_000);

const isRoot = process.getuid?.() === 0;

let folder: string;
let temporary: string;
let opened: OpenedLedger | undefined;

/** Runs command lines as another user in one process, whose end removes what they copied. */
function ledger(...lines: readonly (readonly string[])[]): readonly Result[] {
  return runLines(folder, lines, {
    asSomebodyElse: true,
    env: { LEDGER_STORE: `sqlite:${join(folder, 'data', 'ledger.db')}`, TMPDIR: temporary },
  });
}

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
  writeFileSync(join(folder, 'q.ndjson'), '{"query":"agencies"}\n');
  const pack = join(folder, 'out', 'a1.zip');
  const [balance, query, verify, exported, doctor, evidence] = ledger(
    ['balance', 'a1'],
    ['query', 'q.ndjson'],
    ['verify'],
    ['export'],
    ['doctor'],
    ['evidence', '--agency', 'a1', '--period', '2019', '-o', pack],
  );
  expect(balance!.stdout).toMatch(/^Agency +a1 {2}成都朗川直播电商有限公司\nBalance +0 of 120/);
  expect(balance!.stderr).toMatch(copyNote);
  expect(query!.stdout).toMatch(/^\[{"agencyId":"a1",/);
  expect(verify!.stdout).toMatch(/the ledger holds in all that was checked\.\n$/);
  expect(exported!.stdout.split('\n').length).toBeGreaterThan(3);
  expect(doctor).toMatchObject({ exitCode: 0 });
  expect(evidence!.stderr).toMatch(/the evidence pack is in/);
  expect(readdirSync(temporary)).toEqual([]);
});

it('without the keys it answers too, and says what it does not know', async () => {
  await opened?.close();
  opened = undefined;
  takeRights(isRoot ? 0o600 : 0o000);
  const [balance, doctor, verify, receipt] = ledger(
    ['balance', 'a1'],
    ['doctor'],
    ['verify'],
    ['receipt', '--event', 'agency-a1@0'],
  );
  expect(balance).toMatchObject({ exitCode: 0 });
  expect(balance!.stderr).toMatch(/its keys cannot be read/);
  expect(doctor!.stdout).toMatch(/warn +keys .*cannot be read by this user/);
  expect(verify).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/hint: give --key/) as string,
  });
  expect(receipt!.stdout).toMatch(/^c2sp\.org\/tlog-proof@v1/);
});

it('reads what a writer that is running has just recorded, and leaves it alone', async () => {
  takeRights(0o444);
  const [agencies] = ledger(['agencies', '--json']);
  expect(agencies!.stdout).toMatch(/"agencyId":"a1"/);
  await record('AdmitAgency', { agencyId: 'a2', name: '临沂木漫网络科技有限公司' });
  const [balance] = ledger(['balance', 'a2']);
  expect(balance!.stdout).toMatch(/^Agency +a2 {2}临沂木漫网络科技有限公司\n/);
  expect(readdirSync(temporary)).toEqual([]);
});

it('says who may help where not even reading is allowed', async () => {
  await opened?.close();
  opened = undefined;
  chmodSync(join(folder, 'data', 'ledger.db'), isRoot ? 0o600 : 0o000);
  expect(ledger(['balance', 'a1'])[0]).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(
      /ledger\.db" cannot be read: permission denied\nhint: ask its owner for the right to read it/,
    ) as string,
  });
});
