import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ledgerProgram, Shell } from './transcript.js';

jest.setTimeout(120_000);

let shell: Shell;
let running: Conversation[];

beforeEach(() => {
  shell = new Shell();
  running = [];
});

afterEach(() => {
  for (const conversation of running) conversation.process.kill('SIGKILL');
  shell.remove();
});

/** The program with an open standard input: one line in, one line out. */
class Conversation {
  readonly #answers: AsyncIterator<string>;

  constructor(readonly process: ChildProcessWithoutNullStreams) {
    this.#answers = createInterface(process.stdout)[Symbol.asyncIterator]();
  }

  async say(line: string): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    return ((await this.#answers.next()) as IteratorYieldResult<string>).value;
  }

  async end(): Promise<number | null> {
    this.process.stdin.end();
    return ((await once(this.process, 'close')) as [number | null])[0];
  }
}

function talkTo(...args: string[]): Conversation {
  const conversation = new Conversation(
    spawn(process.execPath, [ledgerProgram, ...args], { cwd: shell.folder, env: shell.env }),
  );
  running.push(conversation);
  return conversation;
}

function admission(agencyId: string): string {
  return JSON.stringify({
    command: 'AdmitAgency',
    data: { agencyId, name: `杭州${agencyId}文化传媒有限公司` },
  });
}

function admissions(count: number): string {
  return Array.from({ length: count }, (_, index) => `${admission(`a${String(index)}`)}\n`).join(
    '',
  );
}

it('answers each line as it comes, and lets other processes only read meanwhile', async () => {
  const writer = talkTo('import', '-');
  expect(await writer.say(admission('a1'))).toBe(
    '{"line":1,"status":"accepted","code":null,"events":["AgencyAdmitted"],"findings":[]}',
  );
  shell.write('more.ndjson', admissions(1));

  const second = shell.run('ledger import more.ndjson');
  expect(second.exitCode).toBe(3);
  expect(second.stdout).toBe('');
  expect(second.stderr).toMatch(/^error: ".*ledger\.db" is open for writing in another process/);
  expect(second.stderr).toMatch(/\nhint: only one process can write at a time/);
  expect(shell.run('ledger replay --switch')).toMatchObject({ exitCode: 3, stdout: '' });

  expect(shell.run('ledger agencies --json')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shell.run('ledger replay | tail -1').stdout).toMatch(
    /^\d+ events folded again: the digests are equal\.$/,
  );
  expect(await writer.say(admission('a2'))).toContain('"accepted"');
  expect(await writer.end()).toBe(0);
  expect(shell.run('ledger import more.ndjson').exitCode).toBe(0);
});

it('answers a query on everything appended by then, by any process', async () => {
  shell.write('one.ndjson', admissions(1));
  shell.write('three.ndjson', admissions(3));
  shell.run('ledger import one.ndjson');
  const reader = talkTo('query', '-');
  const count = async (): Promise<number> =>
    (JSON.parse(await reader.say('{"query":"agencies"}')) as unknown[]).length;
  expect(await count()).toBe(1);
  shell.run('ledger import three.ndjson');
  expect(await count()).toBe(3);
  expect(await reader.end()).toBe(0);
});

it('records the file without an error when the reader of its output goes away', () => {
  shell.write('many.ndjson', admissions(2000));
  const { stdout, stderr } = shell.run(
    'ledger import many.ndjson | head -1; echo "${PIPESTATUS[0]}"',
  );
  expect(stdout.split('\n').at(-1)).toBe('0');
  expect(stderr).toBe(
    '2,000 lines: 2000 accepted, 0 duplicate, 0 rejected; 2,000 events, 0 findings',
  );
  expect(shell.run('ledger export | head -1 | wc -l; echo "${PIPESTATUS[0]}"')).toMatchObject({
    stdout: '1\n0',
    stderr: '',
  });
  expect(shell.run('ledger export | (sleep 1; grep -c AgencyAdmitted)').stdout).toBe('2000');
});

it('goes on with an import that was killed', async () => {
  shell.write('many.ndjson', admissions(3000));
  const killed = talkTo('import', 'many.ndjson');
  const first = createInterface(killed.process.stdout)[Symbol.asyncIterator]();
  await first.next();
  await pause(200);
  killed.process.kill('SIGKILL');
  await once(killed.process, 'close');
  const again = shell.run('ledger import many.ndjson --strict | grep -c -e accepted -e duplicate');
  expect(again).toMatchObject({ stdout: '3000', exitCode: 0 });
  expect(again.stderr).toMatch(/^3,000 lines: \d+ accepted, [1-9]\d* duplicate, 0 rejected/);
  expect(shell.run('ledger doctor --full').exitCode).toBe(0);
});
