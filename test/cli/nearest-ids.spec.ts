import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleLinks } from '@penalty-ledger/ledger';
import { everyVerb, runLines, type Result } from './command-loop.js';

jest.setTimeout(120_000);

const at = '2019-04-01T10:00:00+08:00';
const before = '2019-03-01T10:00:00+08:00';
const commands: readonly (readonly [string, object])[] = [
  ['AdmitAgency', { agencyId: 'mcn-007', name: '杭州鹿汐文化创意有限公司', effectiveAt: before }],
  ['BindCreator', { agencyId: 'mcn-007', creatorId: 'cr-007', name: '阿宁', effectiveAt: before }],
  [
    'RecordDeduction',
    {
      deductionId: 'd-007',
      agencyId: 'mcn-007',
      points: 5,
      clause: 'improper-operation',
      occurredAt: at,
    },
  ],
  [
    'RecordSession',
    {
      sessionId: 'zb-007',
      creatorId: 'cr-007',
      startedAt: at,
      endedAt: '2019-04-01T11:00:00+08:00',
      contentVertical: '美妆',
      sales: [{ vertical: '美妆', amountFen: 100 }],
      newFollowers: 1,
      views: 1,
    },
  ],
  [
    'RegisterEvidence',
    {
      evidenceId: 'ev-007',
      subject: { kind: 'deduction', id: 'd-007' },
      title: '截图',
      mediaType: 'image/png',
      sha256: 'a'.repeat(64),
    },
  ],
  [
    'InitiateAppeal',
    { appealId: 'ap-007', agencyId: 'mcn-007', deductionIds: ['d-007'], grounds: '责任主体有误' },
  ],
  [
    'FileComplaint',
    {
      complaintId: 'tp-007',
      agencyId: 'mcn-007',
      complainant: { kind: 'merchant', id: 'm-1' },
      subject: '虚假宣传',
      occurredAt: at,
    },
  ],
  [
    'RecordMeasure',
    { measureId: 'cz-007', agencyId: 'mcn-007', kind: 'warning', deductionId: 'd-007' },
  ],
  ['RequestHumanReview', { reviewId: 'pd-007', agencyId: 'mcn-007', deductionId: 'd-007' }],
  [
    'ProposeTheme',
    { proposalId: 'ti-007', agencyId: 'mcn-007', month: '2019-05', title: '春季专场' },
  ],
  ['PlaceLegalHold', { holdId: 'bl-007', subject: 'agency:mcn-007', reason: '法院要求' }],
];

/** Command lines with an id that nobody recorded, and the id that is nearest to it. */
const typed: readonly (readonly [line: string, nearest: string])[] = [
  ['balance mcn-008', 'mcn-007'],
  ['explain mcn-008', 'mcn-007'],
  ['timeline mcn-008', 'mcn-007'],
  ['whatif mcn-008', 'mcn-007'],
  ['outlook mcn-008', 'mcn-007'],
  ['assessment mcn-008 2019-04', 'mcn-007'],
  ['appeal ap-008', 'ap-007'],
  ['complaint tp-008', 'tp-007'],
  ['session zb-008', 'zb-007'],
  ['appealable --agency mcn-008', 'mcn-007'],
  ['appeals --agency mcn-008', 'mcn-007'],
  ['complaints --agency mcn-008', 'mcn-007'],
  ['creators --agency mcn-008', 'mcn-007'],
  ['deadlines --agency mcn-008', 'mcn-007'],
  ['deductions --agency mcn-008', 'mcn-007'],
  ['findings --agency mcn-008', 'mcn-007'],
  ['sessions --agency mcn-008 --date 2019-04-01', 'mcn-007'],
  ['evidence list --agency mcn-008', 'mcn-007'],
  ['complaints --creator cr-008', 'cr-007'],
  ['sessions --creator cr-008', 'cr-007'],
  ['receipt --deduction d-008', 'd-007'],
  ['receipt --appeal ap-008', 'ap-007'],
  ['receipt --agency mcn-008', 'mcn-007'],
  ['receipt --event agency-mcn-008@0', 'mcn-007'],
  ['evidence --appeal ap-008 -o made.zip', 'ap-007'],
  ['evidence --agency mcn-008 --period 2019 -o made.zip', 'mcn-007'],
  ['evidence --agency mcn-007 --period 2019 --evidence ev-008 -o made.zip', 'ev-007'],
  ['erase --subject agency:mcn-008', 'agency:mcn-007'],
  ['erase --subject creator:cr-008', 'creator:cr-007'],
  ['erase --subject evidence:ev-008', 'evidence:ev-007'],
  ['appeal file --deduction d-008 --grounds grounds.txt --yes', 'd-007'],
  ['appeal decide ap-008 --outcome upheld --reason x --dry-run', 'ap-007'],
  ['appeal withdraw ap-008 --dry-run', 'ap-007'],
  ['complaint resolve tp-008 --outcome upheld --dry-run', 'tp-007'],
  ['deduction revoke d-008 --reason x --dry-run', 'd-007'],
  ['record RecordRevocation --deduction-id d-008 --reason x --dry-run', 'd-007'],
  ['record LiftMeasure --measure-id cz-008 --reason x --dry-run', 'cz-007'],
  [
    'record AnswerHumanReview --review-id pd-008 --outcome confirmed --reason x --dry-run',
    'pd-007',
  ],
  ['record LiftLegalHold --hold-id bl-008 --reason x --dry-run', 'bl-007'],
  ['record SelectTheme --proposal-id ti-008 --dry-run', 'ti-007'],
  ['record MergeComplaints --into tp-008 --from tp-007 --dry-run', 'tp-007'],
  ['record VoidSession --session-id zb-008 --reason x --dry-run', 'zb-007'],
  ['whatif mcn-007 --rulebook 2020-01-01', 'ali-mcn@2019-03-07'],
];

let folder: string;
let results: readonly Result[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearest-'));
  const lines = commands.map(([command, data], index) =>
    JSON.stringify({ at: `2019-04-10T09:00:${String(index + 10)}+08:00`, command, data }),
  );
  writeFileSync(join(folder, 'lines.ndjson'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'grounds.txt'), '责任主体有误\n');
  const [made, ...more] = runLines(folder, [
    ['simulate', 'lines.ndjson', '--strict'],
    ...typed.flatMap(([line]) => {
      const args = line.split(' ');
      return [args, ['--lang', 'zh', ...args]];
    }),
  ]);
  expect(made).toMatchObject({ exitCode: 0 });
  results = more;
});

afterAll(() => rmSync(folder, { recursive: true }));

it.each(typed.map(([line, nearest], index) => [line, nearest, index] as const))(
  '%s: offers %s',
  (_line, nearest, index) => {
    const [english, chinese] = results.slice(2 * index);
    expect(english?.stderr).toMatch(/\nhint: |^hint: /);
    expect(english?.stderr.split('hint: ')[1]).toContain(nearest);
    expect(chinese?.stderr.split('提示：')[1]).toContain(nearest);
  },
);

it('every refusal of an id that nobody recorded is among them', () => {
  const codes = Object.keys(ruleLinks).filter((code) => code.startsWith('unknown_'));
  const printed = results.map(({ stderr }) => stderr).join('');
  // No shipped rulebook in force here has a score to add to; a clause's message lists all of them.
  expect(codes.filter((code) => !printed.includes(`error: ${code}: `))).toEqual([
    'unknown_clause',
    'unknown_addition',
  ]);
});

it('every argument and option that names what was recorded is among them', () => {
  const kinds = ['agency', 'appeal', 'complaint', 'session', 'deduction', 'creator', 'evidence'];
  const lines = typed.map(([line]) => line);
  const missing = [...everyVerb(folder)].flatMap(([name, verb]) => [
    ...verb.arguments
      .filter((argument) => kinds.includes(argument.name))
      .filter(() => !lines.some((line) => line.startsWith(`${name} `)))
      .map((argument) => `${name} ${argument.name}`),
    ...verb.options
      .filter(({ long }) => kinds.includes(long.slice(2)))
      .filter(({ long }) => !lines.some((line) => line.startsWith(name) && line.includes(long)))
      .map(({ long }) => `${name} ${long}`),
  ]);
  // A key is issued for an agency that may be admitted later; an appeal that is filed gets its id.
  expect(missing).toEqual(['appeal file --appeal', 'api-keys --agency']);
});
