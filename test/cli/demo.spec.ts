import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyVerb, runLines } from './command-loop.js';
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
  const month = 'vertical 2019-10 美妆 --known-at';
  const questions = [
    'assessment mcn-023 2019-10',
    `${month} 2019-11-12T09:00:00+08:00`,
    `${month} 2019-10-20T00:00:00+08:00`,
    'complaint tp-055-1',
    'slots 2019-11-20',
  ];
  const [failed, ranked, before, complaint, slots] = runLines(
    shell.folder,
    questions.map((question) => [
      ...[...question.split(' '), '--json', '--store', 'sqlite:./data/demo/ledger.db'],
    ]),
    { env: shell.env },
  ).map(({ stdout }) => JSON.parse(stdout) as unknown);
  const dead = { sessions: 0, exposed: false };
  expect(failed).toMatchObject({
    verdict: 'failed',
    reasons: ['activity'],
    base: 8,
    active: 5,
    current: true,
    inactive: [{ sessions: 3, exposed: true }, dead, dead],
  });
  expect(ranked).toMatchObject({
    ranking: [{ agencyId: 'mcn-019' }, { agencyId: 'mcn-041' }],
    refused: expect.arrayContaining([{ agencyId: 'mcn-055', reasons: ['complaints'] }]) as unknown,
  });
  expect(before).toMatchObject({
    refused: expect.not.arrayContaining([
      { agencyId: 'mcn-055', reasons: ['complaints'] },
    ]) as unknown,
  });
  expect(complaint).toMatchObject({
    state: 'upheld',
    creatorId: 'cr-055-3',
    deductions: [{ deductionId: 'd-055-3', counts: 3 }],
  });
  expect(slots).toMatchObject({
    slots: [
      { agencyId: 'mcn-019', status: 'assigned' },
      { agencyId: 'mcn-041', status: 'waived' },
    ],
  });
});

/** Verbs of which no example can print anything here, and the reason. */
const withoutOutput: Readonly<Record<string, string>> = {
  'api-keys': 'needs a service that was started',
  bench: 'measures for minutes',
  follow: 'needs a service',
  promote: 'needs a copy that follows',
  serve: 'has no end',
};

/** The examples of a help that say what they print. */
function shownExamples(help: string): (readonly [typed: string, prints: string])[] {
  const examples = help.split(/\n(?:Examples:|示例：)\n/)[1]?.replace(/^ {2}/gm, '') ?? '';
  return examples.split(/^\$ /m).flatMap((example) => {
    const [, typed, prints] = /^((?:.*\\\n)*.*)\n([^]+)$/.exec(example.trimEnd()) ?? [];
    return typed === undefined || prints === undefined ? [] : [[typed, prints] as const];
  });
}

/** The words of an example, and the line of its output that it asks for with `head` or `tail`. */
function readExample(typed: string): { readonly args: string[]; readonly end: string } {
  const [, line = '', end = ''] =
    /^ledger ([^|]*?)(?: \| (head|tail) -1)?$/.exec(typed.replaceAll('\\\n', '')) ?? [];
  return { args: line.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [], end };
}

it.each(['en', 'zh'])('each verb prints what its help shows: %s', (language) => {
  const folder = join(shell.folder, language);
  cpSync(join(shell.folder, 'data'), join(folder, 'data'), { recursive: true });
  symlinkSync(join(__dirname, '../../docs'), join(folder, 'docs'));
  const admission = '{"command":"AdmitAgency","data":{"agencyId":"mcn-061","name":"星河文化"}}';
  writeFileSync(join(folder, 'commands.ndjson'), `${admission}\n`);
  writeFileSync(join(folder, 'grounds.txt'), '责任主体有误\n');
  const query = '{"query":"agencies","standing":"pending_expulsion"}';
  writeFileSync(join(folder, 'queries.ndjson'), `${query}\n`);
  const env = {
    LANG: language === 'zh' ? 'zh_CN.UTF-8' : 'C.UTF-8',
    LEDGER_STORE: 'sqlite:./data/demo/ledger.db',
  };
  const names = [...everyVerb(folder).keys()];
  const helps = runLines(
    folder,
    names.map((name) => [...name.split(' '), '--help']),
    { env },
  );
  const examples = helps.map(({ stdout }) => shownExamples(stdout));
  const without = names.filter((_, index) => examples[index]?.length === 0);
  expect(without.toSorted()).toEqual(Object.keys(withoutOutput).toSorted());
  expect(helps.filter(({ stdout }) => !/^(?:Exit codes: |退出码：)0/m.test(stdout))).toEqual([]);

  // One after another: some of them write to the ledger, and some rest on those before.
  const shown = examples.flat();
  const results = runLines(
    folder,
    shown.map(([typed]) => readExample(typed).args),
    { env },
  );
  const differing = shown.flatMap(([typed, prints], index) => {
    const { stdout = '', stderr = '' } = results[index] ?? {};
    const lines = stdout.trimEnd().split('\n');
    const end = { head: lines.slice(0, 1), tail: lines.slice(-1) }[readExample(typed).end] ?? lines;
    const expected = prints.replaceAll('…', '[..]');
    const isShown = [end.join('\n'), stderr.trimEnd()].some((text) => matches(expected, text));
    return isShown ? [] : [`${typed}\n${prints}\n--- is not:\n${stdout}${stderr}`];
  });
  expect(differing).toEqual([]);
});

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
