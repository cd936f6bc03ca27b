import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appealHistory, screenshot } from '../evidence/appeal-history.js';
import { temporaryFolder } from '../support/folder.js';
import { shanghai } from '../support/given.js';
import { admit, deduct, on } from '../support/lines.js';

const main = join(__dirname, '..', '..', 'apps', 'cli', 'dist', 'main.js');
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

let key: string;

beforeAll(() => {
  const lines = appealHistory.map((line) => JSON.stringify({ ...line, at: shanghai(line.at) }));
  writeFileSync(inFolder('lines.ndjson'), lines.slice(0, 8).join('\n'));
  expect(ledger('simulate', inFolder('lines.ndjson'), '--strict').status).toBe(0);
  expect(ledger('receipt', '--deduction', 'd1', '-o', inFolder('d1.receipt')).status).toBe(0);
  const rare = [
    on('2019-12-21', admit({ agencyId: 'a3', name: 'Agency Three' })),
    on('2019-12-22', deduct('r1', 5, { agencyId: 'a3', notice: { text: '𠮷野直播，扣5分。' } })),
  ].map((line) => JSON.stringify({ ...line, at: shanghai(line.at) }));
  writeFileSync(inFolder('more.ndjson'), [...lines.slice(8), ...rare].join('\n'));
  expect(ledger('simulate', inFolder('more.ndjson'), '--strict').status).toBe(0);
  writeFileSync(inFolder('screenshot.png'), screenshot);
  key = ledger('keys').stdout.split('\n')[0]!;
}, 60_000);

test('a pack is written, holds, and follows from a receipt given out before', () => {
  const pack = inFolder('p1.zip');
  const attached = ['--attach', inFolder('screenshot.png')];
  expect(ledger('evidence', '--appeal', 'p1', '--disclose', ...attached, '-o', pack).status).toBe(
    0,
  );
  const verified = ledger('verify', pack, '--key', key, '--receipt', inFolder('d1.receipt'));
  expect(verified).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('The evidence pack holds.') as string,
  });
  const { holds, checks } = JSON.parse(ledger('verify', pack, '--key', key, '--json').stdout) as {
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
  const written = (...more: readonly string[]) =>
    ledger('evidence', '--agency', 'a3', '--period', '2019', ...more, '-o', inFolder('rare.zip'));
  expect(written()).toMatchObject({
    status: 0,
    stderr: expect.not.stringContaining('warning') as string,
  });
  expect(written('--disclose')).toMatchObject({
    status: 0,
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
  const refused = (...given: readonly string[]) =>
    ledger('evidence', ...given, '-o', inFolder('x.zip'));
  expect(refused('--appeal', 'p9')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('unknown_appeal') as string,
  });
  expect(refused('--agency', 'a9', '--period', '2019')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('unknown_agency') as string,
  });
  expect(refused('--appeal', 'p1', '--evidence', 'e9')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('unknown_evidence: no evidence "e9" was registered') as string,
  });
  expect(refused('--agency', 'a1')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--period') as string,
  });
  expect(refused('--appeal', 'p1', '--redact', 'all').status).toBe(2);
  expect(ledger('verify', inFolder('d1.receipt')).status).toBe(2);
}, 60_000);
