import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appealHistory, screenshot } from '../evidence/appeal-history.js';
import { temporaryFolder } from '../support/folder.js';
import { shanghai } from '../support/given.js';
import { admit, deduct, on } from '../support/lines.js';
import { runLines } from './command-loop.js';

const main = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'ledger.js');
const folder = temporaryFolder();
const inFolder = (name: string): string => join(folder, name);

const ledger = (...given: readonly string[]) => {
  const store = { LEDGER_STORE: `sqlite:${inFolder('ledger.db')}` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...given], {
    encoding: 'utf8',
    env: { ...process.env, ...store },
  });
  return { status, stdout, stderr };
};

/** Does the same with several command lines, one after another in one process. */
const inOneProcess = (...lines: readonly (readonly string[])[]) =>
  runLines(folder, lines, { env: { LEDGER_STORE: `sqlite:${inFolder('ledger.db')}` } });

let key: string;

beforeAll(() => {
  const lines = appealHistory.map((line) => JSON.stringify({ ...line, at: shanghai(line.at) }));
  writeFileSync(inFolder('lines.ndjson'), lines.slice(0, 8).join('\n'));
  const rare = [
    on('2019-12-21', admit({ agencyId: 'a3', name: 'Agency Three' })),
    on('2019-12-22', deduct('r1', 5, { agencyId: 'a3', notice: { text: '𠮷野直播，扣5分。' } })),
  ].map((line) => JSON.stringify({ ...line, at: shanghai(line.at) }));
  writeFileSync(inFolder('more.ndjson'), [...lines.slice(8), ...rare].join('\n'));
  writeFileSync(inFolder('screenshot.png'), screenshot);
  const results = inOneProcess(
    ['simulate', inFolder('lines.ndjson'), '--strict'],
    ['receipt', '--deduction', 'd1', '-o', inFolder('d1.receipt')],
    ['simulate', inFolder('more.ndjson'), '--strict'],
    ['keys'],
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  key = results.at(-1)!.stdout.split('\n')[0]!;
}, 60_000);

test('a pack is written, holds, and follows from a receipt given out before', () => {
  const pack = inFolder('p1.zip');
  const attached = ['--attach', inFolder('screenshot.png')];
  expect(ledger('evidence', '--appeal', 'p1', '--disclose', ...attached, '-o', pack).status).toBe(
    0,
  );
  // The manifest stands in the file as it is.
  expect(readFileSync(pack, 'latin1')).toMatch(/"fileNames":\{"[0-9a-f]{64}":"screenshot\.png"\}/);
  const [verified, asJson] = inOneProcess(
    ['verify', pack, '--key', key, '--receipt', inFolder('d1.receipt')],
    ['verify', pack, '--key', key, '--json'],
  );
  expect(verified).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('The evidence pack holds.') as string,
  });
  const { holds, checks } = JSON.parse(asJson!.stdout) as {
    readonly holds: boolean;
    readonly checks: readonly {
      readonly step: string;
      readonly result: string;
      readonly message: string;
    }[];
  };
  expect(holds).toBe(true);
  // The PDF was printed by another process, and has the same bytes in this one.
  expect(checks.find(({ step }) => step === 'pdf')?.result).toBe('holds');
  expect(checks.find(({ step }) => step === 'attachments')?.message).toBe(
    'attached, and registered: 1',
  );
}, 60_000);

test('a character the font has no glyph for is reported', () => {
  const written = (...more: readonly string[]) => [
    ...['evidence', '--agency', 'a3', '--period', '2019', ...more, '-o', inFolder('rare.zip')],
  ];
  const [redacted, disclosed] = inOneProcess(written(), written('--disclose'));
  expect(redacted).toMatchObject({
    exitCode: 0,
    stderr: expect.not.stringContaining('warning') as string,
  });
  expect(disclosed).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining(
      'the font has no glyph for 1 character of the texts: U+20BB7',
    ) as string,
  });
}, 60_000);

test('the same pack again has the same bytes', () => {
  for (const name of ['one.zip', 'two.zip'])
    expect(
      ledger('evidence', '--agency', 'a1', '--period', '2019', '-o', inFolder(name)).status,
    ).toBe(0);
  expect(readFileSync(inFolder('one.zip')).equals(readFileSync(inFolder('two.zip')))).toBe(true);
}, 60_000);

test('a changed pack is named and ends with 1', () => {
  expect(
    ledger('evidence', '--appeal', 'p1', '--redact', 'complainant', '-o', inFolder('r.zip')).status,
  ).toBe(0);
  const bytes = readFileSync(inFolder('r.zip'));
  bytes[5000] = bytes[5000]! ^ 1;
  writeFileSync(inFolder('changed.zip'), bytes);
  const verified = ledger('verify', inFolder('changed.zip'), '--key', key);
  expect(verified).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^FAIL {2}zip +zip_/) as string,
  });
}, 60_000);

test('what is not there, and what makes no sense', () => {
  const refused = (...given: readonly string[]) => ['evidence', ...given, '-o', inFolder('x.zip')];
  const results = inOneProcess(
    refused('--appeal', 'p9'),
    refused('--agency', 'a9', '--period', '2019'),
    refused('--appeal', 'p1', '--evidence', 'e9'),
    refused('--agency', 'a1'),
    refused('--appeal', 'p1', '--redact', 'all'),
    ['verify', inFolder('d1.receipt')],
  );
  expect(results).toMatchObject([
    { exitCode: 1, stderr: expect.stringContaining('unknown_appeal') as string },
    { exitCode: 1, stderr: expect.stringContaining('unknown_agency') as string },
    {
      exitCode: 1,
      stderr: expect.stringContaining(
        'unknown_evidence: no evidence "e9" was registered',
      ) as string,
    },
    { exitCode: 2, stderr: expect.stringContaining('--period') as string },
    { exitCode: 2 },
    { exitCode: 2 },
  ]);
}, 60_000);
