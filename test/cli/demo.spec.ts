import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { matches, Shell } from './transcript.js';

jest.setTimeout(180_000);

let shell: Shell;

beforeAll(() => {
  shell = new Shell();
});

afterAll(() => shell.remove());

it('shows a stranger what the ledger is for', () => {
  const { stdout, stderr, exitCode } = shell.run('ledger demo --lines one.ndjson');
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toMatch(/2019-06-01 12:00:00 +on that day +120 of 120 +expelled/);
  expect(stdout).toMatch(/2019-06-01 12:00:00 +now +80 of 120 +active/);
  expect(stdout).toMatch(/d-007-3 .* revoked 2019-06-18/);
  expect(stdout).toContain('100 × 5 = 500 < 70 × 8 = 560');
  expect(stdout).toMatch(/d-023-4, 40 points/);
  expect(stdout).toMatch(/1 {2}mcn-019 .*\n *2 {2}mcn-041 /);
  expect(stdout).toMatch(/mcn-055 .* a complaint of a merchant or creator, open or upheld/);
  expect(stdout).toContain('the digests are equal');
  const number = (pattern: RegExp): number =>
    Number((pattern.exec(stdout)?.[1] ?? '').replace(',', ''));
  const [year, folded] = [number(/became ([\d,]+) events/), number(/([\d,]+) events folded/)];
  const [opening, refused] = [number(/year, (\d+) that/), number(/(\d+) refused commands\./)];
  expect({ opening, folded }).toEqual({ opening: 3, folded: year + opening + refused });
  expect(stdout.split('\n').every((line) => line.length <= 110)).toBe(true);
});

/** Every fate the year is to hold: whose, as it stood when, as it was known when. */
const fates: readonly (readonly [string, string, string, string, object])[] = [
  [
    'expelled',
    'mcn-007',
    '2019-06-01T12:00:00+08:00',
    '2019-06-01T12:00:00+08:00',
    { balance: 120, standing: 'expelled' },
  ],
  [
    'rehabilitated from the start',
    'mcn-007',
    '2019-06-01T12:00:00+08:00',
    '2019-06-20T00:00:00+08:00',
    { balance: 80, standing: 'active' },
  ],
  [
    'banned',
    'mcn-012',
    '2019-10-19T23:59:59+08:00',
    '2020-01-20T18:00:00+08:00',
    { balance: 120, standing: 'expelled' },
  ],
  [
    'back after the ban, with nothing',
    'mcn-012',
    '2019-10-26T00:00:00+08:00',
    '2020-01-20T18:00:00+08:00',
    { balance: 0, standing: 'active' },
  ],
  [
    'two points short at the end of the year',
    'mcn-019',
    '2019-12-31T23:59:59+08:00',
    '2019-12-31T23:59:59+08:00',
    { balance: 118, standing: 'active' },
  ],
  [
    'saved by the reset',
    'mcn-019',
    '2020-01-01T00:00:00+08:00',
    '2020-01-20T18:00:00+08:00',
    { balance: 0, standing: 'active' },
  ],
  [
    'one step from expulsion',
    'mcn-003',
    '2019-09-10T12:00:00+08:00',
    '2019-09-10T12:00:00+08:00',
    { balance: 125, standing: 'pending_expulsion' },
  ],
  [
    'lifted by its last chance',
    'mcn-003',
    '2019-09-18T00:00:00+08:00',
    '2019-09-18T00:00:00+08:00',
    { balance: 105, standing: 'active' },
  ],
  [
    'banned through the reset',
    'mcn-028',
    '2020-01-10T00:00:00+08:00',
    '2020-01-20T18:00:00+08:00',
    { balance: 0, standing: 'expelled' },
  ],
];

describe('in the ledger that the demo left behind', () => {
  let answers: readonly unknown[];

  // All in one process: starting it is what takes time.
  beforeAll(() => {
    const lines = fates.map(([, agencyId, effectiveAt, knownAt]) =>
      JSON.stringify({ query: 'balance', agencyId, effectiveAt, knownAt }),
    );
    shell.write('fates.ndjson', `${lines.join('\n')}\n`);
    const { stdout } = shell.run('ledger query fates.ndjson --store sqlite:./data/demo/ledger.db');
    answers = stdout.split('\n').map((line) => JSON.parse(line) as unknown);
  });

  it.each(fates.map(([fate, , , , expected], index) => [fate, index, expected] as const))(
    'an agency is %s',
    (_fate, index, expected) => {
      expect(answers).toHaveLength(fates.length);
      expect(answers[index]).toMatchObject(expected);
    },
  );
});

it('holds a failed month with 40 points, and a complaint that costs a slot and 3 points', () => {
  const ask = (question: string): unknown =>
    JSON.parse(shell.run(`ledger ${question} --json --store sqlite:./data/demo/ledger.db`).stdout);
  const dead = { sessions: 0, exposed: false };
  expect(ask('assessment mcn-023 2019-10')).toMatchObject({
    verdict: 'failed',
    reasons: ['activity'],
    base: 8,
    active: 5,
    current: true,
    inactive: [{ sessions: 3, exposed: true }, dead, dead],
  });
  const month = (knownAt: string): unknown => ask(`vertical 2019-10 美妆 --known-at ${knownAt}`);
  expect(month('2019-11-12T09:00:00+08:00')).toMatchObject({
    ranking: [{ agencyId: 'mcn-019' }, { agencyId: 'mcn-041' }],
    refused: expect.arrayContaining([{ agencyId: 'mcn-055', reasons: ['complaints'] }]) as unknown,
  });
  expect(month('2019-10-20T00:00:00+08:00')).toMatchObject({
    refused: expect.not.arrayContaining([
      { agencyId: 'mcn-055', reasons: ['complaints'] },
    ]) as unknown,
  });
  expect(ask('complaint tp-055-1')).toMatchObject({
    state: 'upheld',
    creatorId: 'cr-055-3',
    deductions: [{ deductionId: 'd-055-3', counts: 3 }],
  });
  expect(ask('slots 2019-11-20')).toMatchObject({
    slots: [
      { agencyId: 'mcn-019', status: 'assigned' },
      { agencyId: 'mcn-041', status: 'waived' },
    ],
  });
});

/** The examples of a verb's help that say what they print. */
async function shownExamples(verb: string): Promise<(readonly [typed: string, prints: string])[]> {
  const { stdout } = await shell.runAside(`ledger ${verb} --help`);
  const examples = stdout.split('\nExamples:\n')[1]?.replace(/^ {2}/gm, '') ?? '';
  return examples.split(/^\$ /m).flatMap((example) => {
    const [, typed, prints] = /^((?:.*\\\n)*.*)\n([^]+)$/.exec(example.trimEnd()) ?? [];
    return typed === undefined || prints === undefined ? [] : [[typed, prints] as const];
  });
}

it('each verb prints what its help shows', async () => {
  symlinkSync(join(__dirname, '../../docs'), join(shell.folder, 'docs'));
  const verbs = shell.run('ledger --help').stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm);
  const examples = await Promise.all([...verbs].map(([, verb = '']) => shownExamples(verb)));
  expect(examples.flat().length).toBeGreaterThan(12);
  // One after another: some of them write to the ledger, and lock the others out.
  for (const [typed, prints] of examples.flat()) {
    const store = 'export LEDGER_STORE=sqlite:./data/demo/ledger.db';
    const { stdout } = shell.run(`${store}\n${typed}`);
    // Compared again when it does not match, so that a failure shows both texts.
    if (!matches(prints, stdout)) expect(`${typed}\n${stdout}`).toEqual(`${typed}\n${prints}`);
  }
}, 120_000);

it('tells the same year again, over the last demo and over no other ledger', () => {
  expect(
    shell.run('ledger demo --lines two.ndjson > /dev/null && cmp one.ndjson two.ndjson').exitCode,
  ).toBe(0);
  shell.write(
    'own.ndjson',
    '{"at":"2019-01-02T09:00:00+08:00","command":"AdmitAgency","data":{"agencyId":"a1",' +
      '"name":"某"}}\n',
  );
  shell.run('ledger simulate own.ndjson --store sqlite:./own.db');
  expect(shell.run('ledger demo --store sqlite:./own.db')).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr:
      'error: sqlite:./own.db holds a ledger that the demo did not make; it is left unchanged\n' +
      'hint: give another --store',
  });
  expect(shell.run('ledger agencies --store sqlite:./own.db | tail -1').stdout).toBe(
    '1 agency: 1 active',
  );
});
