import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerProgram } from '../cli/transcript.js';
import { WireServer } from '../support/eventstoredb/index.js';

const commands = [
  {
    at: '2019-01-02T09:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a1', name: '广州青岚网络科技有限公司' },
  },
  {
    at: '2019-01-02T09:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a2', name: '杭州云屿文化传媒有限公司' },
  },
  {
    at: '2019-02-01T10:00:00+08:00',
    command: 'RecordDeduction',
    data: {
      deductionId: 'd1',
      agencyId: 'a1',
      points: 40,
      clause: 'operating-metric-missed',
      occurredAt: '2019-01-31T23:59:59+08:00',
    },
  },
];

let folder: string;
let server: WireServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-cli-'));
  server = await WireServer.start();
  const text = commands.map((command) => JSON.stringify(command)).join('\n');
  writeFileSync(join(folder, 'commands.ndjson'), text);
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a verb beside the server of this process. */
function ledger(...given: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const env = { ...process.env, LEDGER_STORE: server.url, LEDGER_ALLOW_INSECURE: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [ledgerProgram, ...given],
      { cwd: folder, env },
      (error, stdout, stderr) =>
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

it('every verb works on an engine by its URL alone, with its local files in ./data', async () => {
  expect((await ledger('simulate', 'commands.ndjson')).stderr).toContain('3 accepted');
  const [balance, exported, receipt, evidence, keys] = await Promise.all([
    ledger('balance', 'a1'),
    ledger('export'),
    ledger('receipt', '--deduction', 'd1', '-o', 'd1.receipt'),
    ledger('evidence', '--agency', 'a1', '--period', '2019', '-o', 'a1.zip'),
    ledger('keys'),
  ]);
  expect(balance.stdout).toContain('广州青岚网络科技有限公司');
  expect(exported.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(5);
  expect([receipt.exitCode, evidence.exitCode]).toEqual([0, 0]);
  const key = keys.stdout.split('\n')[0]!;
  const [pack, verified, doctor, copied] = await Promise.all([
    ledger('verify', 'a1.zip', '--key', key),
    ledger('verify', '--receipt', 'd1.receipt'),
    ledger('doctor'),
    ledger('copy', '--from', server.url, '--to', 'sqlite:copy/ledger.db', '--json'),
  ]);
  expect(pack.stdout).toContain('The evidence pack holds in all that was checked.');
  expect(verified.stdout).toContain('the ledger holds');
  expect(verified.stdout).toContain('through the engine’s adapter');
  expect(doctor).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('alarm users_may_delete') as unknown,
  });
  expect(JSON.parse(copied.stdout)).toMatchObject({ agencies: 2, already: 0 });
  expect(
    readdirSync(join(folder, 'data')).every((name) => name.startsWith('esdb-127.0.0.1-')),
  ).toBe(true);
  expect(existsSync(join(folder, 'copy', 'ledger.keys.db'))).toBe(true);
  expect(await ledger('replay', '--switch')).toMatchObject({ exitCode: 0 });
  // The window to appeal against the deduction is open.
  expect(await ledger('erase', '--subject', 'agency:a1')).toMatchObject({ exitCode: 1 });
  expect(await ledger('erase', '--subject', 'agency:a2')).toMatchObject({ exitCode: 0 });
}, 120_000);
