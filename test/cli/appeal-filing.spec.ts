import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLines } from './command-loop.js';
import { Shell, type Result } from './transcript.js';

jest.setTimeout(180_000);

const shell = new Shell();
afterAll(() => shell.remove());

const fault = join(__dirname, 'killed-at.mjs');
/** A signal leaves no exit code. */
const killed = -1;
const file = 'ledger appeal file --deduction d1 --grounds grounds.txt --attach a.png b.png --keep';
const outputLine = 'wrote the evidence pack to ap-d1.zip';

const fileOnce = (more = ''): Result => shell.run(`${file} ${more} --yes`);
const fileKilledAt = (at: string): Result =>
  shell.run(`KILLED_AT='${at}' NODE_OPTIONS=--import=${fault} ${file} --yes`);

/** The steps that a run says it did, and those that it says were done before. */
function stepsOf({ stderr }: Result): { readonly did: string[]; readonly found: string[] } {
  const lines = stderr.split('\n');
  return {
    did: lines.flatMap((line) => /^(\w+): recorded [A-Z]/.exec(line)?.[1] ?? []),
    found: lines.flatMap((line) => /^(\w+): recorded already, \d{4}-/.exec(line)?.[1] ?? []),
  };
}

const acts = ['RegisterEvidence', 'RegisterEvidence', 'InitiateAppeal', 'SubmitEvidence'];

it('goes on after a fault between any two of its steps, and records nothing twice', () => {
  shell.write('grounds.txt', '数据统计有误\n');
  shell.write('a.png', 'a');
  shell.write('b.png', 'b');
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString();
  const lines = [
    { command: 'AdmitAgency', data: { agencyId: 'a1', name: '星河文化', effectiveAt: occurredAt } },
    {
      command: 'RecordDeduction',
      data: {
        deductionId: 'd1',
        agencyId: 'a1',
        points: 5,
        clause: 'creator-violation',
        occurredAt,
      },
    },
  ];
  shell.write('lines.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect(shell.run('ledger import lines.ndjson --strict').exitCode).toBe(0);

  expect(fileKilledAt('kept "a.png"')).toMatchObject({ exitCode: killed });
  for (const [index, act] of acts.entries()) {
    const run = fileKilledAt(`${act}: recorded ${act === 'RegisterEvidence' ? 'E' : 'A'}`);
    expect(run.exitCode).toBe(killed);
    expect(stepsOf(run)).toEqual({ did: [act], found: acts.slice(0, index) });
  }

  // Half of the pack is on the disk; then the disk is full; then nobody has verified the pack.
  expect(fileKilledAt('*.zip')).toMatchObject({ exitCode: killed });
  const full = fileOnce('-o /dev/full');
  expect(full.exitCode).toBe(3);
  expect(stepsOf(full)).toEqual({ did: [], found: acts });
  expect(full.stderr.split('\n').slice(-3)).toEqual([
    expect.stringMatching(/^appeal "ap-d1" is recorded, its pack is not written; run the same/),
    'error: cannot use "/dev/full": the disk is full',
    'hint: make room on the disk, or raise the quota, and run the same again',
  ]);
  expect(fileKilledAt(outputLine)).toMatchObject({ exitCode: killed });

  const last = fileOnce();
  expect(last.exitCode).toBe(0);
  expect(stepsOf(last)).toEqual({ did: [], found: acts });
  expect(last.stderr).toContain('verified: the evidence pack holds in all that was checked');
  expect(readFileSync(join(shell.folder, 'ap-d1.zip')).length).toBeGreaterThan(10_000);
  const types = [...shell.run('ledger export').stdout.matchAll(/"type":"(\w+)"/g)];
  const ofTheAppeal = types.map(([, type = '']) => type).filter((type) => /Appeal|Evid/.test(type));
  expect(ofTheAppeal).toEqual([
    'EvidenceRegistered',
    'EvidenceRegistered',
    'AppealInitiated',
    'AppealEvidenceSubmitted',
  ]);
  expect(shell.run('ledger verify').exitCode).toBe(0);
});

it('says of a pack that it could write and not read again that it was not verified', () => {
  const folder = mkdtempSync(join(tmpdir(), 'write-only-'));
  try {
    chmodSync(folder, 0o777);
    cpSync(join(shell.folder, 'lines.ndjson'), join(folder, 'lines.ndjson'));
    writeFileSync(join(folder, 'grounds.txt'), '责任主体有误\n');
    writeFileSync(join(folder, 'held.zip'), '');
    chmodSync(join(folder, 'held.zip'), 0o222);
    const file = ['appeal', 'file', '--deduction', 'd1', '--grounds', 'grounds.txt', '--yes'];
    const [, filed] = runLines(
      folder,
      [
        ['import', 'lines.ndjson', '--strict'],
        [...file, '-o', 'held.zip'],
      ],
      { asSomebodyElse: true },
    );
    expect(filed?.exitCode).toBe(2);
    expect(filed?.stderr).toContain('wrote the evidence pack to held.zip');
    expect(filed?.stderr).toContain('its pack is in held.zip and was not verified');
    expect(filed?.stderr).not.toContain('is not written');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('does not mix its pack into what it prints, and records nothing', () => {
  const args = ['appeal', 'file', '--deduction', 'd1', '--grounds', 'grounds.txt', '--yes'];
  const [refused, appeals] = runLines(shell.folder, [
    [...args, '--appeal', 'ap-printed', '-o', '-'],
    ['appeals', '--json'],
  ]);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused?.stderr).toContain('error: --output: the pack needs a file');
  expect(appeals?.stdout).not.toContain('ap-printed');
});

describe('an appeal whose window is over', () => {
  const file = ['appeal', 'file', '--deduction', 'd-old', '--grounds', 'grounds.txt', '--yes'];
  const run = (...lines: readonly (readonly string[])[]) => runLines(shell.folder, lines);
  let until: Date;

  beforeAll(() => {
    const occurredAt = '2019-03-01T10:00:00+08:00';
    const lines = [
      {
        command: 'AdmitAgency',
        data: { agencyId: 'a2', name: '云帆', effectiveAt: '2019-01-01T00:00:00+08:00' },
      },
      {
        command: 'RecordDeduction',
        data: {
          deductionId: 'd-old',
          agencyId: 'a2',
          points: 5,
          clause: 'creator-violation',
          occurredAt,
          effectiveAt: occurredAt,
          notifiedAt: occurredAt,
        },
      },
    ];
    shell.write('old.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    shell.write('grounds.txt', '数据统计有误\n');
    shell.write('a.png', 'a');
    const [imported, listed] = run(
      ['import', 'old.ndjson', '--strict'],
      ['appealable', '--agency', 'a2', '--json'],
    );
    expect(imported).toMatchObject({ exitCode: 0 });
    const { items } = JSON.parse(listed?.stdout ?? '') as { items: { until: string }[] };
    until = new Date(items[0]?.until ?? '');
  });

  const attached = ['--attach', 'a.png'];
  const closing = (): string[] => ['--initiated-at', until.toISOString()];
  it.each([
    ['now', () => [], 'say when with --initiated-at'],
    ['now, with files', () => attached, 'say when with --initiated-at'],
    ['at the closing instant', closing, 'check --initiated-at'],
    [
      'at the closing instant, with files',
      () => [...attached, ...closing()],
      'check --initiated-at',
    ],
  ])('is not recorded: initiated %s', (_name, more, hint) => {
    const [late, appeals, evidence] = run(
      [...file, ...more()],
      ['appeals', '--agency', 'a2', '--json'],
      ['evidence', 'list', '--agency', 'a2', '--json'],
    );
    expect(late?.exitCode).toBe(1);
    expect(late?.stderr).toContain('error: the window to appeal against "d-old" is over');
    expect(late?.stderr).toContain(hint);
    expect(appeals?.stdout).toContain('"items":[]');
    expect(evidence?.stdout).toContain('"items":[]');
  });

  it('is recorded when it was initiated a millisecond before', () => {
    const before = new Date(until.getTime() - 1).toISOString();
    const [filed, again] = run(
      [...file, ...attached, '--initiated-at', before],
      [...file, ...attached, '--initiated-at', before],
    );
    expect([filed, again]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    expect(again?.stderr).toContain('InitiateAppeal: recorded already');
  });
});
