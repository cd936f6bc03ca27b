import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abcPoints, aliMcn20190307, RulebookSchema, type Rulebook } from '@penalty-ledger/ledger';
import { rulebookJson, rulebookPage } from './page.js';
import { parameterWords } from './parameter-words.js';
import { readRulebook } from './rulebook-file.js';
import { triedOn } from './sample.js';
import { shippedRulebook } from './shipped.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rulebook-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const problemsOf = async (content: string | Uint8Array): Promise<readonly string[]> => {
  const file = join(folder, 'mine.json');
  writeFileSync(file, content);
  return ((await readRulebook(file)).problems ?? []).map(({ en }) => en);
};
const withParameters = (changed: object): string =>
  JSON.stringify({ ...abcPoints, parameters: { ...abcPoints.parameters, ...changed } });
const triedOnAll = (document: Rulebook) =>
  document.accounts.map((account) => triedOn(document, account));

describe('a rulebook of one’s own is read', () => {
  it('whole, with white space', async () => {
    expect(await problemsOf(JSON.stringify(abcPoints, null, 2))).toEqual([]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"id":"x",', 'the file is not JSON: '],
    [
      'another encoding',
      Uint8Array.of(0x22, 0xff, 0x22),
      'the file is not UTF-8; save it as UTF-8',
    ],
    ['a list', '[]', 'the file: expected object'],
    ['a member twice', '{"id":"a","id":"b"}', 'id: given twice; keep the one that is meant'],
    ['deep nesting', '['.repeat(100), 'the file is nested deeper than 32'],
    ['an unknown parameter', withParameters({ luck: 1 }), 'parameters.luck: '],
    [
      'a parameter without a source',
      withParameters({ banDays: { value: 1, assumed: false } }),
      'parameters.banDays.source: missing',
    ],
    [
      'an unknown choice',
      withParameters({ attribution: { value: 'noticedAt', source: 'x', assumed: true } }),
      'parameters.attribution.value: must be "effectiveAt", "occurredAt" or "assessmentMonthEnd"',
    ],
    [
      'bounds that cross',
      withParameters({ minPoints: { value: 49, source: 'x', assumed: true } }),
      'parameters: minPoints must be from 1 to maxPoints',
    ],
    ['too much', ' '.repeat(1_000_001), 'the file has more than 1,000,000 bytes'],
  ])('and refused with the place: %s', async (_what, content, problem) => {
    const problems = await problemsOf(content);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).not.toContain('data.');
  });
});

describe('a rulebook is explained', () => {
  it('with every parameter, its source, and what is assumed', () => {
    expect(Object.keys(parameterWords)).toEqual(
      Object.keys(RulebookSchema.properties.parameters.properties),
    );
    const page = rulebookPage(aliMcn20190307, triedOnAll(aliMcn20190307)).join('\n');
    for (const name of Object.keys(parameterWords)) expect(page).toContain(`${name} = `);
    expect(page).toContain('a month needs 70% active creators');
    expect(page).toContain('14 parameters, 9 of them assumed');
    expect(rulebookJson(aliMcn20190307, []).assumed).toHaveLength(9);
  });
});

describe('the remarks on a rulebook', () => {
  const [account] = aliMcn20190307.accounts;
  const node = (points: number) => ({ points, measure: account!.title });
  const odd = {
    ...aliMcn20190307,
    announcedAt: '2019-03-08T00:00:00+08:00',
    accounts: [{ ...account!, nodes: [node(121), node(60)] }],
    clauses: aliMcn20190307.clauses.map((clause, index) =>
      index < 2 ? { ...clause, points: 121 } : clause,
    ),
  };

  it('name every place at once, and the page does not say that it can be published', () => {
    const [first, second] = odd.clauses.map(({ id }) => id);
    const { remarks } = rulebookJson(odd, []);
    expect(remarks.map(({ en }) => en.split(/, |;/)[0])).toEqual([
      `clauses: "${first!}" costs 121`,
      `clauses: "${second!}" costs 121`,
      'accounts: "points" has a node at 121 points',
      'accounts: "points" has its node at 60 points after the one at 121',
      'announcedAt: 2019-03-08T00:00:00+08:00 is after effectiveFrom 2019-03-07T00:00:00+08:00',
      'effectiveFrom: announced 2019-03-08T00:00:00+08:00',
    ]);
    const page = rulebookPage(odd, []).join('\n');
    expect(page).not.toContain('It can be published.');
    expect(page).toContain('Look at the 6 remarks above first.');
  });

  it('are none for a rulebook without any, whose page says what publishing changes', () => {
    expect(rulebookJson(abcPoints, []).remarks).toEqual([]);
    const page = rulebookPage(abcPoints, []).join('\n');
    expect(page).toContain('It can be published.');
    expect(page).toContain('the rulebooks that came with the ledger no longer hold');
  });
});

describe('contradictions in a rulebook', () => {
  it('are all named at once, with the ids', async () => {
    const [clause] = abcPoints.clauses;
    const clauses = [clause, clause, { ...clause, id: 'stray', account: 'Z' }];
    const problems = await problemsOf(
      JSON.stringify({
        ...abcPoints,
        accounts: [...abcPoints.accounts, abcPoints.accounts[0]],
        clauses,
      }),
    );
    expect(problems).toEqual([
      'accounts: two have the same id "A"',
      `clauses: two have the same id "${clause!.id}"`,
      'clauses: "stray" names the account "Z", which the rulebook does not have',
    ]);
  });
});

describe('the rulebooks that come with the program', () => {
  it.each(['ali-mcn', 'abc-points', 'douyin-guild-health', 'douyin-mcn-credit'])(
    '%s can be printed, checked and tried, and every account ends at a threshold',
    async (id) => {
      const document = shippedRulebook(id);
      expect(await problemsOf(JSON.stringify(document, null, 2))).toEqual([]);
      const samples = triedOnAll(document);
      expect(samples.map(({ ended }) => ended)).toEqual(document.accounts.map(() => undefined));
      expect(rulebookPage(document, samples).join('\n')).not.toContain('undefined');
    },
  );

  it('are named where another is asked for', () => {
    expect(() => shippedRulebook('taobao')).toThrow('no rulebook "taobao" comes with the program');
    expect(() => shippedRulebook('ali-mcn', '2020')).toThrow('no rulebook "ali-mcn" "2020" comes');
  });

  it('are the last version unless one is named', () => {
    expect(shippedRulebook('ali-mcn').rulebookVersion).toBe('2019-03-07');
    expect(shippedRulebook('ali-mcn', '2018-07-03').rulebookVersion).toBe('2018-07-03');
  });
});

describe('a rulebook is tried on a sample', () => {
  it('account by account, up to the pending expulsion and its clocks', () => {
    const [general] = triedOnAll(abcPoints);
    expect(general).toMatchObject({
      account: 'A',
      deductions: 16,
      appeal: {
        notifiedAt: '2020-01-02T10:00:00.000+08:00',
        initiateBy: '2020-01-06T00:00:00.000+08:00',
        evidenceBy: '2020-01-04T10:00:00.000+08:00',
        decideBy: '2020-01-08T00:00:00.000+08:00',
      },
      lastChanceUntil: '2020-01-21T00:00:00.000+08:00',
    });
    expect(
      general?.steps.map(({ number, reached, followed }) => [number, reached, followed]),
    ).toEqual([
      [1, [], []],
      [4, ['Node 12'], []],
      [8, ['Node 24'], []],
      [12, ['Node 36'], []],
      [16, ['Expulsion'], ['PendingExpulsionOpened']],
    ]);
  });

  it('and says where its own clauses and bounds contradict each other', () => {
    const dear = {
      ...abcPoints,
      clauses: abcPoints.clauses.map((clause) => ({ ...clause, points: 49 })),
    };
    expect(triedOnAll(dear)[0]?.ended).toBe(
      'a deduction under "late-shipment" is refused: ' + 'data.points: 49 is not from 1 to 48',
    );
    const empty = { ...abcPoints, clauses: abcPoints.clauses.slice(1) };
    expect(triedOnAll(empty)[0]?.ended).toBe('no clause costs points of it');
  });
});
