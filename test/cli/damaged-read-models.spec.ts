import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReadModels } from '@penalty-ledger/projections';
import { DatabaseSync } from '@photostructure/sqlite';
import { sampleLines } from '../read-models/sample-ledger.js';
import { rounds } from '../support/rounds.js';
import { runLines } from './command-loop.js';
import { ledgerProgram, Shell, type Result } from './transcript.js';

const pageBytes = 4_096;
const assessed = { command: 'ComputeAssessment', data: { agencyId: 'a1', month: '2019-04' } };
const lines = [...sampleLines(), assessed].map((line) => `${JSON.stringify(line)}\n`).join('');

/** Each reads another part of the read models. */
const verbs = [
  'import lines.ndjson',
  'balance a1 --json',
  'agencies --json',
  'assessment a1 2019-04 --json',
];

/** Two verbs a damage, in more rounds all of them. */
const verbsFor = (index: number): readonly string[] =>
  rounds > 1 ? verbs : [verbs[index % 4]!, verbs[(index + 1 + (index >> 2)) % 4]!];

type Damage = readonly [name: string, damage: (views: string) => void, found: RegExp];

const damages: readonly Damage[] = [
  [
    'a bit flipped in a page',
    (views) => {
      const bytes = readFileSync(views);
      const at = bytes.lastIndexOf('s159') + 3;
      bytes[at]! ^= 1;
      writeFileSync(views, bytes);
    },
    /page \d+ is not as it was written/,
  ],
  [
    'a page zeroed',
    (views) => {
      writeFileSync(views, readFileSync(views).fill(0, 5 * pageBytes, 6 * pageBytes));
    },
    /page 6 is not as it was written/,
  ],
  [
    'the first page zeroed',
    (views) => {
      writeFileSync(views, readFileSync(views).fill(0, 0, pageBytes));
    },
    /file is not a database/,
  ],
  [
    'the file cut',
    (views) => {
      truncateSync(views, 7 * pageBytes + 100);
    },
    /(?:pages 8, .+ are not as they were written|database disk image is malformed)/,
  ],
  [
    'the sums gone',
    (views) => {
      rmSync(`${views}-pages`);
    },
    /".+ledger\.views\.db-pages" with its sums is missing/,
  ],
  [
    'the sums damaged',
    (views) => {
      writeFileSync(`${views}-pages`, readFileSync(`${views}-pages`).fill(7, 0, 100));
    },
    /".+ledger\.views\.db-pages" with its sums: file is not a database/,
  ],
];

jest.setTimeout(120_000);

let shell: Shell;
let views: string;
let clean: string;
const expected = new Map<string, Result>();

/** Answers say when they were asked; nothing else may differ. */
function withoutTime(result: Result): Result {
  return { ...result, stdout: result.stdout.replaceAll(/"(?:known|effective)At":"2[^"]*"/g, '') };
}

function restore(): void {
  rmSync(join(shell.folder, 'data'), { recursive: true });
  cpSync(clean, join(shell.folder, 'data'), { recursive: true });
}

beforeAll(() => {
  shell = new Shell();
  views = join(shell.folder, 'data', 'ledger.views.db');
  clean = join(shell.folder, 'clean');
  shell.write('lines.ndjson', lines);
  const typed = ['import lines.ndjson --strict', ...verbs].map((line) => line.split(' '));
  const results = runLines(shell.folder, typed, { env: shell.env });
  expect(results.map(({ exitCode }) => exitCode)).toEqual(typed.map(() => 0));
  for (const [index, verb] of verbs.entries()) {
    const { stdout, stderr, exitCode } = results[index + 1]!;
    const result = { stdout: stdout.trimEnd(), stderr: stderr.trimEnd(), exitCode };
    expected.set(verb, withoutTime(result));
  }
  cpSync(join(shell.folder, 'data'), clean, { recursive: true });
});

afterAll(() => {
  shell.remove();
});

describe.each(
  damages.map(([name, damage, found], index) => ({ name, damage, found, some: verbsFor(index) })),
)('read models with $name', ({ damage, found, some }) => {
  beforeEach(() => {
    restore();
    damage(views);
  });

  it.each(some)('are rebuilt in one line, and %s answers as before', (verb) => {
    const result = withoutTime(shell.run(`ledger ${verb}`));
    const [note, ...rest] = result.stderr.split('\n');
    expect(note).toMatch(/^the read models ".+\/data\/ledger\.views\.db" were damaged \(.+\); /);
    expect(note).toMatch(found);
    expect({ ...result, stderr: rest.join('\n') }).toEqual(expected.get(verb));
  });

  it('fail in doctor, which changes nothing, until a verb has run', () => {
    const before = readFileSync(views);
    const failing = shell.run('ledger doctor');
    expect(failing.exitCode).toBe(3);
    const failed = failing.stdout.split(/\n(?=\w)/).filter((line) => line.startsWith('fail'));
    expect(failed).toHaveLength(1);
    expect(failed[0]!.replaceAll(/\s+/g, ' ')).toMatch(
      /^fail read models .+ → the next command or query rebuilds them$/,
    );
    expect(failed[0]!.replaceAll(/\s+/g, ' ')).toMatch(found);
    expect(readFileSync(views).equals(before)).toBe(true);
    expect(shell.run('ledger agencies --json').exitCode).toBe(0);
    expect(shell.run('ledger doctor --full')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('read models whose log was left by a killed import', () => {
  const wal = (): string => `${views}-wal`;
  let log: Buffer;
  let killed: string;

  beforeAll(async () => {
    killed = join(shell.folder, 'killed');
    rmSync(join(shell.folder, 'data'), { recursive: true });
    const writer = spawn(process.execPath, [ledgerProgram, 'import', '-'], {
      cwd: shell.folder,
      env: shell.env,
    });
    writer.stdin.write(lines);
    let outcomes = 0;
    for await (const _ of createInterface(writer.stdout)) {
      outcomes += 1;
      if (outcomes === lines.split('\n').length - 1) break;
    }
    writer.kill('SIGKILL');
    await once(writer, 'close');
    expect(existsSync(wal())).toBe(true);
    log = readFileSync(wal());
    cpSync(join(shell.folder, 'data'), killed, { recursive: true });
  });

  // What is lost of a log is folded again, as after a power cut: there is nothing to say.
  it.each([
    ['cut in the middle', () => log.subarray(0, Math.floor(log.length / 2) + 99)],
    ['lost', () => Buffer.alloc(0)],
    [
      'with a flipped bit',
      () => {
        const bytes = Buffer.from(log);
        bytes[Math.floor(log.length / 3)]! ^= 8;
        return bytes;
      },
    ],
  ])('are brought up again: %s', (_, left) => {
    for (const verb of rounds > 1 ? verbs : verbs.slice(0, 1)) {
      rmSync(join(shell.folder, 'data'), { recursive: true });
      cpSync(killed, join(shell.folder, 'data'), { recursive: true });
      writeFileSync(wal(), left());
      const { exitCode, stderr, stdout } = shell.run(`ledger ${verb}`);
      expect(exitCode).toBe(0);
      expect(untimed(stderr)).toBe(untimed(expected.get(verb)!.stderr));
      expect(stdout).not.toContain('accepted');
      expect(shell.run('ledger doctor --full')).toMatchObject({ exitCode: 0, stderr: '' });
    }
  });
});

it('a changed row whose pages have right sums is found by doctor --full and by verify', () => {
  restore();
  const sums = new DatabaseSync(`${views}-pages`);
  const { base } = sums.prepare('SELECT base FROM state').get() as { base: number };
  sums.close();
  const readModels = ReadModels.open(views);
  readModels.database.prepare("UPDATE sessions SET views = 7 WHERE sessionId = 's5'").all();
  // As a transaction of the projector notes it; its pages get their sums on closing.
  readModels.database.prepare('UPDATE progress SET base = ?').all(base);
  readModels.close();
  expect(shell.run('ledger doctor')).toMatchObject({ exitCode: 0, stderr: '' });
  const full = shell.run('ledger doctor --full');
  expect(full.exitCode).toBe(3);
  expect(full.stdout.split('\n').slice(-2)).toEqual([
    'fail  rebuild       "sessions" differs from what the events give',
    '                    → run "ledger replay --switch"',
  ]);
  const verified = shell.run('ledger verify');
  expect(verified.exitCode).toBe(1);
  expect(verified.stdout).toMatch(/sessions/);
  // "no": the digests differed. The rebuilt ones are in use now.
  expect(shell.run('ledger replay --switch > /dev/null')).toMatchObject({ exitCode: 1 });
  expect(shell.run('ledger doctor --full')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shell.run('ledger verify').exitCode).toBe(0);
});

/** The text without its instants: the killed import recorded at others. */
function untimed(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+\+08:00/g, '[time]');
}
