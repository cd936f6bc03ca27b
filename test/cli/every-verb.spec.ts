import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  everyVerb,
  runLines,
  somebodyElse,
  type LoopOptions,
  type Result,
  type Verb,
} from './command-loop.js';

jest.setTimeout(120_000);

let folder: string;

/** As another user: nothing here may be read or written that a mode forbids. */
const loopWith = (options: LoopOptions, lines: readonly (readonly string[])[]) =>
  runLines(folder, lines, { asSomebodyElse: true, ...options });
const run = (lines: readonly (readonly string[])[]) => loopWith({}, lines);

let verbs: ReadonlyMap<string, Verb>;

const commands = [
  ['AdmitAgency', { agencyId: 'mcn-007', name: '杭州鹿汐文化创意有限公司' }],
  ['BindCreator', { agencyId: 'mcn-007', creatorId: 'cr-007-1', name: '阿宁' }],
  [
    'RecordDeduction',
    {
      deductionId: 'd-007-1',
      agencyId: 'mcn-007',
      points: 5,
      clause: 'improper-operation',
      occurredAt: '2019-04-01T10:00:00+08:00',
    },
  ],
  [
    'InitiateAppeal',
    {
      appealId: 'ap-007-1',
      agencyId: 'mcn-007',
      deductionIds: ['d-007-1'],
      grounds: '责任主体有误',
    },
  ],
] as const;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'every-verb-'));
  chmodSync(folder, 0o777);
  const lines = commands.map(([command, data], index) =>
    JSON.stringify({ at: `2019-04-0${String(index + 1)}T12:00:00+08:00`, command, data }),
  );
  writeFileSync(join(folder, 'good.ndjson'), `${lines.join('\n')}\n`);
  const now = commands.map(([command, data]) => JSON.stringify({ command, data }));
  writeFileSync(join(folder, 'real.ndjson'), `${now.join('\n')}\n`);
  const more = Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({ command: 'AdmitAgency', data: { agencyId: `a-${String(index)}`, name: 'x' } }),
  );
  writeFileSync(join(folder, 'more.ndjson'), `${more.join('\n')}\n`);
  writeFileSync(join(folder, 'grounds.txt'), '责任主体有误\n');
  writeFileSync(join(folder, 'queries.ndjson'), '{"query":"agencies"}\n');
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'garbage'), Buffer.from('00ff8f17c3285b7b0a0d00fe', 'hex'));
  for (const name of ['folder', 'made']) mkdirSync(join(folder, name));
  chmodSync(join(folder, 'made'), 0o777);
  writeFileSync(join(folder, 'unreadable'), 'text\n');
  chmodSync(join(folder, 'unreadable'), 0o000);
  for (const name of ['empty', 'garbage']) chmodSync(join(folder, name), 0o444);
  verbs = everyVerb(folder);
  const made = run([
    ['simulate', 'good.ndjson'],
    ['checkpoint'],
    ['backup', 'saved', '--keys', 'kept.keys', '--unencrypted-keys'],
    ['receipt', '--deduction', 'd-007-1', '-o', 'd.receipt'],
    ['import', 'real.ndjson', '--store', 'sqlite:real/ledger.db'],
  ]);
  expect(made.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Lists what else each verb needs, so that it comes to use its ledger or its files. A new verb is
 * entered here, or nothing of it is tested.
 */
const needed: Readonly<Record<string, readonly string[]>> = {
  agencies: [],
  'api-keys': ['list'],
  appeal: ['ap-007-1'],
  'appeal decide': ['ap-007-1', '--outcome', 'upheld', '--reason', 'x', '--yes'],
  'appeal file': ['--deduction', 'd-007-1', '--grounds', 'grounds.txt', '--dry-run'],
  'appeal withdraw': ['ap-007-1', '--yes'],
  appealable: [],
  appeals: [],
  assessment: ['mcn-007', '2019-04'],
  backup: ['saved'],
  balance: ['mcn-007'],
  bench: [],
  checkpoint: [],
  complaint: ['tp-1'],
  'complaint resolve': ['tp-1', '--outcome', 'upheld', '--yes'],
  complaints: [],
  completion: ['bash'],
  copy: [],
  creators: [],
  deadlines: [],
  deductions: [],
  'deduction revoke': ['d-007-1', '--reason', 'x', '--yes'],
  demo: [],
  doctor: [],
  erase: ['--subject', 'creator:cr-007-1'],
  evidence: ['--agency', 'mcn-007', '--period', '2019', '-o', 'made/pack.zip'],
  'evidence list': [],
  explain: ['mcn-007'],
  export: [],
  findings: [],
  follow: ['http://127.0.0.1:9', '--once'],
  help: [],
  import: ['good.ndjson'],
  keys: [],
  outlook: ['mcn-007'],
  promote: ['--yes'],
  query: ['queries.ndjson'],
  receipt: ['--deduction', 'd-007-1'],
  record: ['AdmitAgency', '--agency-id', 'mcn-008', '--name', 'x', '--yes'],
  replay: [],
  restore: ['saved'],
  rulebook: ['check'],
  rulebooks: [],
  serve: ['--port', '0'],
  session: ['s-1'],
  sessions: ['--date', '2019-04-01'],
  simulate: ['good.ndjson'],
  slots: ['2019-04-01'],
  themes: ['2019-04'],
  timeline: ['mcn-007'],
  verify: [],
  vertical: ['2019-04', '美妆'],
  whatif: ['mcn-007'],
};

/** The verbs that have no end of their own, or measure for minutes. */
const endless = ['bench', 'serve'];

/** Lists what a file of a verb needs beside {@link needed}. */
const beside: Readonly<Record<string, readonly string[]>> = {
  'backup --checkpoint': ['--verify'],
  'backup --keys': ['--unencrypted-keys'],
  'backup --passphrase-file': ['--keys', 'made/out.keys'],
  'import --columns': ['--format', 'csv'],
  'import --refused': ['--store', 'sqlite:real/ledger.db'],
  'restore --identity-file': ['--keys', 'kept.keys'],
  'restore --passphrase-file': ['--keys', 'kept.keys'],
  'simulate --columns': ['--format', 'csv'],
};

/** Places where a folder is made for what is missing. */
const madeWhereMissing = ['backup folder', 'backup --keys', 'copy --keys-file'];

/** Files that are used only with a service, with a following copy, or when all else is in order. */
const notUsedHere = [
  'appeal file --output',
  'follow --keys-file',
  'keys --new-passphrase-file',
  'promote --ca-file',
  'promote --keys',
  'promote --token-file',
  'restore --access-file',
  'restore --keys-file',
];

/** The places where a verb takes a file: what is typed for one, around its name. */
function filePlaces(): readonly (readonly [place: string, typed: (file: string) => string[]])[] {
  return [...verbs].flatMap(([name, verb]) => {
    const isFile = (text = ''): boolean => /^(?:file|folder)/.test(text);
    const verbArgs = [...name.split(' '), ...(needed[name] ?? [])];
    const typed = (place: string, file: readonly string[], given: readonly string[]) => [
      ...given,
      ...ledgersOf(place, verb, beside[place] ?? []),
      ...(beside[place] ?? []),
      ...file,
    ];
    return [
      ...verb.arguments
        .filter((argument) => isFile(argument.name))
        .map((argument) => {
          const place = `${name} ${argument.name}`;
          const own = /^(?:good\.ndjson|queries\.ndjson|saved)$/;
          const given = verbArgs.filter((word) => !own.test(word));
          return [place, (file: string) => typed(place, [file], given)] as const;
        }),
      ...verb.options
        .filter(({ takes }) => isFile(takes))
        .map(({ long }) => {
          const place = `${name} ${long}`;
          return [place, (file: string) => typed(place, [long, file], verbArgs)] as const;
        }),
    ].filter(([place]) => !endless.includes(name) && !notUsedHere.includes(place));
  });
}

/** The options that name ledgers, other than `--store` with its default. */
function ledgersOf(place: string, { options }: Verb, given: readonly string[]): string[] {
  const target = `sqlite:made/${place.replaceAll(/\W+/g, '-')}/ledger.db`;
  const wanted = place.startsWith('promote')
    ? { '--store': 'sqlite:data/ledger.db' }
    : { '--from': 'sqlite:data/ledger.db', '--to': target };
  return Object.entries(wanted)
    .filter(([option]) => options.some(({ long, takes }) => long === option && takes === 'url'))
    .filter(([option]) => !given.includes(option))
    .flat();
}

const raw =
  /\b(?:E[A-Z]{3,}\d*|SQLITE\w*|errno|undefined)\b|\[object|node:|\n +at |disk I\/O|database file/;

/** Says what is wrong with the end of a command line; nothing where it is as it should be. */
function wrongIn({ args, exitCode, stdout, stderr }: Result, name = ''): string[] {
  const lines = stderr.trimEnd().split('\n');
  const errors = lines.filter((line) => /^(?:error: |错误：)/.test(line));
  const hints = lines.filter((line) => /^(?:hint: |提示：)/.test(line));
  // A page can say it too: that of a check that fails.
  const isRefused = exitCode >= 2 && stdout === '';
  const wrong = [
    ...(raw.exec(stderr) ?? []).map((found) => `shows ${found}`),
    ...(isRefused && errors.length !== 1 ? [`${String(errors.length)} errors`] : []),
    ...(isRefused && !errors.some((error) => error.includes(name))
      ? [`does not name ${name}`]
      : []),
    ...(hints.length > 1 ? ['several hints'] : []),
  ];
  return wrong.map((one) => `${args.join(' ')}: ${one}: ${String(exitCode)} ${stderr}`);
}

/** A command line that has to be refused: as bad input, or for its store. */
function notRefused({ args, exitCode, stderr }: Result): string[] {
  return exitCode === 2 || exitCode === 3
    ? []
    : [`${args.join(' ')}: exits with ${String(exitCode)} ${stderr}`];
}

/** The files outside the ledger, and the events in it. */
function stored(): object {
  const [exported] = run([['export']]);
  return {
    names: readdirSync(folder).filter((name) => name !== 'lines.json'),
    events: exported?.stdout.trimEnd().split('\n').length,
  };
}

it('every verb is entered here, with what it needs', () => {
  const groups = [...verbs].filter(([, { subcommands }]) => subcommands.length > 0);
  const missing = [...verbs.keys()].filter((name) => needed[name] === undefined);
  expect(missing).toEqual(['deduction']);
  expect(groups.map(([name]) => name)).toContain('deduction');
  expect(filePlaces().length).toBeGreaterThan(25);
});

/** Every second command line is Chinese: their number of a kind is odd, so all kinds are. */
const languageOf = (index: number): string[] => ['--lang', index % 2 === 0 ? 'en' : 'zh'];

it('a wrong file in any place is named, and why', () => {
  const before = stored();
  const missing = 'no-such';
  const refused = [missing, 'folder', 'unreadable'];
  const cases = filePlaces().flatMap(([place, typed]) =>
    [...refused, 'empty', 'garbage']
      .filter((file) => file !== missing || !madeWhereMissing.includes(place))
      .map((file) => ({ file, line: typed(file === missing ? `${file}/file` : file) })),
  );
  const results = run(cases.map(({ line }, index) => [...languageOf(index), ...line]));
  const wrong = results.flatMap((result, index) => {
    const { file = '' } = cases[index] ?? {};
    if (!refused.includes(file)) return wrongIn(result);
    return [...wrongIn(result, file), ...notRefused(result)];
  });
  expect(wrong).toEqual([]);
  expect(stored()).toEqual(before);
});

it('a wrong ledger in any place is named, and why', () => {
  const missing = 'no-such';
  const cases = [...verbs].flatMap(([name, verb]) => {
    const has = (option: string): boolean =>
      verb.options.some(({ long, takes }) => long === option && takes === 'url');
    const makes = (option: string): boolean =>
      verb.options.some(({ long }) => long === '--mode') ||
      option === '--to' ||
      ['api-keys', 'demo'].includes(name);
    return ['--store', '--from', '--to']
      .filter((option) => has(option) && !endless.includes(name))
      .flatMap((option) =>
        [...(makes(option) ? [] : [missing]), 'folder', 'unreadable', 'empty', 'garbage'].map(
          (file) => {
            const ledger = [option, `sqlite:${file === missing ? `${file}/ledger.db` : file}`];
            const others = ledgersOf(name, verb, ledger);
            return { file, line: [...name.split(' '), ...needed[name]!, ...others, ...ledger] };
          },
        ),
      );
  });
  const results = run(cases.map(({ line }, index) => [...languageOf(index), ...line]));
  const wrong = results.flatMap((result, index) => [
    ...wrongIn(result, cases[index]?.file),
    ...notRefused(result),
  ]);
  expect(wrong).toEqual([]);
});

/** Each verb once, on a ledger that is in order. */
function onceEach(): string[][] {
  const left = [...endless, 'deduction', 'demo', 'follow', 'help', 'promote'];
  return [...verbs]
    .filter(([name]) => !left.includes(name))
    .map(([name, verb]) => [...name.split(' '), ...needed[name]!, ...ledgersOf(name, verb, [])]);
}

/** The exit codes other than 0, by the verb. */
const endings = (results: readonly Result[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    results
      .filter(({ exitCode }) => exitCode !== 0)
      .map(({ args, exitCode }) => [args[0] ?? '', exitCode]),
  );

/** Verbs that end otherwise than with 0 here also with a reader: why they do. */
const refusedHere = {
  // No service was ever started here.
  'api-keys': 3,
  // Nothing of that id was recorded.
  complaint: 1,
  session: 1,
  // A simulation takes no commands by hand.
  appeal: 2,
  deduction: 2,
  import: 2,
  record: 2,
  // Its file is left out.
  rulebook: 2,
};

it('a reader that goes away ends no verb with an error', () => {
  const results = loopWith({ closed: true }, onceEach());
  expect(results.flatMap((result) => wrongIn(result))).toEqual([]);
  expect(results.filter(({ stderr }) => stderr.includes('standard output'))).toEqual([]);
  expect(endings(results)).toEqual(refusedHere);
});

/** Gives a folder and its files to the user as whom the command lines run. */
function chownAll(of: string): void {
  for (const path of [of, ...readdirSync(of).map((name) => join(of, name))])
    chownSync(path, somebodyElse, somebodyElse);
}

/** The verbs that write to a ledger or beside it, with what they write into a folder. */
const writingInto = (made: string): readonly string[][] => [
  ['import', 'more.ndjson'],
  ['deduction', 'revoke', 'd-007-1', '--reason', 'x', '--yes'],
  ['appeal', 'withdraw', 'ap-007-1', '--yes'],
  ['erase', '--subject', 'creator:cr-007-1'],
  ['receipt', '--deduction', 'd-007-1', '-o', `${made}/d.receipt`],
  ['evidence', '--agency', 'mcn-007', '--period', '2019', '-o', `${made}/pack.zip`],
  ['copy', '--from', 'sqlite:real/ledger.db', '--to', `sqlite:${made}/copy/ledger.db`],
  ['replay', '--switch'],
];

// At 4 kB nothing can be opened to write. At 40 kB the ledger can: one event finds room in it, and
// all else fails on its way.
it.each([
  [4, []],
  [40, ['DeductionRevoked']],
])(
  'a disk that is full at %i kB is named once by every verb, and nothing is half stored',
  (kilobytes, recorded) => {
    const made = `made/full-${String(kilobytes)}`;
    cpSync(join(folder, 'real'), join(folder, made), { recursive: true });
    if (process.getuid?.() === 0) chownAll(join(folder, made));
    const env = { LEDGER_STORE: `sqlite:${made}/ledger.db` };
    const lines = writingInto(made);
    const [before, ...results] = [
      ...loopWith({ env }, [['export']]),
      ...loopWith({ env, kilobytes }, lines),
    ];
    expect(results.flatMap((result) => wrongIn(result))).toEqual([]);
    const done = results.filter(({ exitCode }) => exitCode === 0);
    expect(done.map(({ stderr }) => /: recorded (\w+)$/m.exec(stderr)?.[1])).toEqual(recorded);
    const reason = /: (?:the disk fails, or its quota is used up|a file may not become that long)/;
    const others = results.filter(
      ({ exitCode, stderr }) => exitCode !== 0 && (exitCode !== 3 || !reason.test(stderr)),
    );
    expect(others.map(({ args, stderr }) => [args[0], stderr])).toEqual([]);

    const [verified, diagnosed, after] = loopWith({ env }, [
      ['verify'],
      ['doctor', '--full'],
      ['export'],
    ]);
    expect([verified?.exitCode, diagnosed?.exitCode]).toEqual([0, 0]);
    // What was in flight may be stored, and then whole.
    const events = after?.stdout ?? '';
    expect(events.startsWith(before?.stdout ?? '-')).toBe(true);
    for (const type of recorded) expect(events).toContain(`"type":"${type}"`);
  },
);
