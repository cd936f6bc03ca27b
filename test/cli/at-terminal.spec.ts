import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atTerminal, keys, noTerminal, type Typing } from '../support/terminal.js';
import { Shell } from './transcript.js';

jest.setTimeout(60_000);

const reason = noTerminal();
const test = reason === undefined ? it : it.skip;
const because = reason === undefined ? '' : ` (skipped: ${reason})`;

const shell = new Shell();
afterAll(() => shell.remove());

/** The text that a person sees, without the codes that move the cursor. */
function plainText(shown: string): string {
  // eslint-disable-next-line no-control-regex -- the codes of a terminal
  return shown.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '');
}

function run(command: string, typing: readonly Typing[], more: NodeJS.ProcessEnv = {}) {
  const { shown, status } = atTerminal(command, typing, {
    cwd: shell.folder,
    env: { ...shell.env, ...more },
    rows: 24,
  });
  return { text: plainText(shown), status };
}

const enter = (after: string, typed: string): Typing => ({ after, type: typed + keys.enter });
const agencies = (): string => shell.run('ledger agencies --json').stdout;

test(`record asks for what is missing, shows it, and records it after a yes${because}`, () => {
  const { text, status } = run('ledger record AdmitAgency', [
    enter('agencyId (', 'a 1'),
    enter('agencyId (', 'a1'),
    enter('name (', '杭州鹿汐文化创意有限公司'),
    enter('[y/N]', 'y'),
  ]);
  expect(text).toMatch(/^agencyId: must be an id: .*\nagencyId \(.*: a1\n/m);
  expect(text).toMatch(
    /^Records +AdmitAgency\n +agencyId +a1\n +name +杭州鹿汐文化创意有限公司\n/m,
  );
  expect(text).toMatch(/record it\? \[y\/N\] y\n+AdmitAgency: recorded AgencyAdmitted\n$/);
  expect(text).not.toContain('\ufffd');
  expect(status).toBe(0);
  expect(agencies()).toContain('"agencyId":"a1"');
});

test(`asks in Chinese, and records nothing after any other answer${because}`, () => {
  const typed = 'ledger --lang zh record AdmitAgency --agency-id a2';
  const { text, status } = run(typed, [enter('name', '临沂木漫'), enter('[y/N]', 'n')]);
  expect(text).toMatch(/确认记录？\[y\/N\] n\n+未记录任何内容\n$/);
  expect(status).toBe(1);
  const agreed = run(`${typed} --name 临沂木漫`, [enter('[y/N]', '是')]);
  expect(agreed.text).toMatch(/确认记录？\[y\/N\] 是\n+AdmitAgency：已记录 AgencyAdmitted\n$/);
  expect(agreed.status).toBe(0);
});

test(`Ctrl-C at a question, and at the consent, ends it and records nothing${because}`, () => {
  const before = agencies();
  const typed = 'ledger record AdmitAgency --agency-id a3';
  const asked = run(typed, [{ after: 'name (', type: keys.interrupt }]);
  expect(asked.text).toMatch(/\nerror: stopped; nothing was recorded\n$/);
  expect(asked.status).toBe(2);
  const consent = run(`${typed} --name 某`, [{ after: '[y/N]', type: keys.interrupt }]);
  expect(consent.text).toMatch(/\nnothing was recorded\n$/);
  expect(consent.status).toBe(1);
  const ended = run(typed, [{ after: 'name (', type: keys.end }]);
  expect(ended.text).toMatch(/\nerror: stopped; nothing was recorded\n$/);
  expect(agencies()).toBe(before);
});

test(`a page longer than the terminal goes through the pager, Chinese too${because}`, () => {
  const lines = Array.from({ length: 30 }, (_, index) =>
    JSON.stringify({
      command: 'AdmitAgency',
      data: { agencyId: `b${String(index)}`, name: `成都朗川直播电商第${String(index)}分公司` },
    }),
  );
  writeFileSync(join(shell.folder, 'many.ndjson'), `${lines.join('\n')}\n`);
  shell.run('ledger import many.ndjson');
  const pager = { PAGER: 'tee paged.txt' };
  const listed = run('ledger --lang zh agencies', [], pager);
  const paged = shell.run('cat paged.txt').stdout;
  expect(paged).toContain('b29  ');
  expect(paged).toContain('成都朗川直播电商第29分公司');
  expect(listed.text.trimEnd()).toBe(paged);
  for (const [typed, more] of [
    ['ledger balance b1', pager],
    ['ledger --no-pager agencies', pager],
    ['ledger agencies', { PAGER: 'a-pager-that-is-not-there 2> /dev/null' }],
    ['ledger agencies | cat', pager],
  ] as const) {
    shell.run('rm -f paged.txt');
    const { text, status } = run(typed, [], more);
    expect({ typed, status, length: text.length > 100 }).toMatchObject({ status: 0, length: true });
    expect(shell.run('ls paged.txt 2> /dev/null').stdout).toBe('');
  }
});

test(`a file is counted, and its refusals shown; typed lines are answered${because}`, () => {
  const finding = {
    command: 'RecordDeduction',
    data: {
      deductionId: 'd1',
      agencyId: 'c1',
      points: 39,
      clause: 'operating-metric-missed',
      occurredAt: '2019-05-01T10:00:00+08:00',
      effectiveAt: '2019-05-01T10:00:00+08:00',
    },
  };
  const agency = { agencyId: 'c1', name: '某', effectiveAt: '2019-01-01T00:00:00+08:00' };
  const lines = [{ command: 'AdmitAgency', data: agency }, finding, { command: 'AdmitAgency' }];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(shell.folder, 'some.ndjson'), text);
  const outcome = /^\{"line":\d,"status":"/m;
  const tried = run('ledger import some.ndjson --dry-run', []).text;
  expect(tried).toMatch(/hint: --json prints the findings of each line\n/);
  const counted = run('ledger import some.ndjson', []).text;
  expect(counted).not.toMatch(outcome);
  expect(counted).toMatch(/line 3: invalid: /);
  expect(counted).toMatch(/3 lines: 2 accepted, 0 duplicate, 1 rejected; 2 events, 1 finding /);
  expect(counted).toMatch(/hint: "ledger findings" lists them\n/);
  const { text: asked } = run('ledger import some.ndjson --json', []);
  expect(asked.match(/^\{"line":\d,"status":"(?:duplicate|rejected)"/gm)).toHaveLength(3);
  const typed = `${JSON.stringify(lines[0])}\r`;
  const answered = run('echo ready; ledger import -', [
    { after: 'ready', type: typed },
    { after: '{"line":1', type: keys.end },
  ]);
  expect(answered.text).toMatch(outcome);
});
