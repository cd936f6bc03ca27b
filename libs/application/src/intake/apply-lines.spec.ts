import { parseInstant, readCommandLine, type CommandLine } from '@penalty-ledger/ledger';
import type { TimedLine } from '../recording/command-executor.js';
import { accepted, type Outcome } from '../recording/outcome.js';
import { applyLines, type LineOutcome, type LineTarget } from './apply-lines.js';
import type { ReadText } from './file-lines.js';
import { importRules } from './line-rules.js';
import { Occurrences } from './occurrences.js';

const rules = () => importRules({ now: () => parseInstant('2019-04-01T10:00:00Z')! });
const bytes = new Uint8Array();
const admission = (agencyId: string, line = 1): ReadText => ({
  line,
  bytes,
  value: { command: 'AdmitAgency', data: { agencyId, name: 'Agency' } },
});
const unreadable: ReadText = {
  line: 2,
  bytes,
  problem: { en: 'the line is not JSON', zh: '该行不是 JSON' },
};

async function* inTurn(batches: readonly (readonly ReadText[])[]) {
  for (const batch of batches) yield await Promise.resolve(batch);
}

async function outcomesOf(batches: readonly (readonly ReadText[])[], target: LineTarget) {
  const outcomes: (readonly LineOutcome[])[] = [];
  for await (const batch of applyLines(inTurn(batches), rules(), target)) outcomes.push(batch);
  return outcomes.map((batch) => batch.map(({ outcome: { status, code } }) => code ?? status));
}

const agencyIdOf = ({ line }: TimedLine) =>
  (line.command.data as { readonly agencyId: string }).agencyId;

/** Takes every command, and remembers in which order. */
function ledger(until: () => Promise<unknown> = () => Promise.resolve()) {
  const sent: string[] = [];
  const send = async (commands: readonly TimedLine[]): Promise<readonly Outcome[]> => {
    sent.push(commands.map(agencyIdOf).join('+'));
    await until();
    return commands.map(() => accepted([], []));
  };
  return { sent, send };
}

it('sends the lines of a batch that can be read together, and refuses the others', async () => {
  const { sent, send } = ledger();
  expect(await outcomesOf([[admission('a'), unreadable, admission('b', 3)]], { send })).toEqual([
    ['accepted', 'invalid', 'accepted'],
  ]);
  expect(sent).toEqual(['a+b']);
});

it('sends the line that the authorization gives, or refuses with its code', async () => {
  const { send } = ledger();
  const actors: (string | undefined)[] = [];
  const onlyA = (line: CommandLine) =>
    'agencyId' in line.command.data && line.command.data.agencyId === 'a'
      ? { ...line, by: 'desk-a' }
      : { code: 'forbidden', message: { en: 'not yours', zh: '不属于您' } };
  const outcomes = await outcomesOf([[admission('a'), unreadable, admission('b', 3)]], {
    authorize: () => Promise.resolve(onlyA),
    send: (commands) => {
      actors.push(...commands.map(({ line }) => line.by));
      return send(commands);
    },
  });
  expect(outcomes).toEqual([['accepted', 'invalid', 'forbidden']]);
  expect(actors).toEqual(['desk-a']);
});

it('asks again before each batch, and refuses all its lines, readable or not', async () => {
  const { sent, send } = ledger();
  const answers = [
    (line: CommandLine) => line,
    { code: 'unauthenticated', message: { en: 'revoked', zh: '已撤销' } },
  ];
  const outcomes = await outcomesOf([[admission('a')], [admission('b'), unreadable]], {
    authorize: () => Promise.resolve(answers.shift()!),
    send,
  });
  expect(outcomes).toEqual([['accepted'], ['unauthenticated', 'unauthenticated']]);
  expect(sent).toEqual(['a']);
});

it('sends the next batch while one becomes durable, and no third', async () => {
  let release = (): void => undefined;
  const durable = new Promise<void>((resolve) => (release = resolve));
  const { sent, send } = ledger(() => durable);
  const batches = ['a', 'b', 'c'].map((id) => [admission(id)]);
  const applied = outcomesOf(batches, { send });
  await new Promise(setImmediate);
  expect(sent).toEqual(['a', 'b']);
  release();
  expect(await applied).toEqual([['accepted'], ['accepted'], ['accepted']]);
  expect(sent).toEqual(['a', 'b', 'c']);
});

it('refuses more different lines without an id than an import counts', () => {
  const occurrences = new Occurrences(2);
  const observed = (balance: number): CommandLine => {
    const data = { agencyId: 'a', balance, observedAt: '2019-04-01T10:00:00Z' };
    const read = readCommandLine({ command: 'ObservePlatformBalance', data });
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join());
    return read.line;
  };
  expect([1, 2, 1].map((balance) => occurrences.counted(observed(balance)))).toMatchObject([
    { occurrence: 1 },
    { occurrence: 1 },
    { occurrence: 2 },
  ]);
  expect(occurrences.counted(observed(3))).toMatchObject({
    problem: { en: expect.stringContaining('more than 2 different lines') as string },
  });
  const withId = { ...observed(3), commandId: 'c' };
  expect(occurrences.counted(withId)).toBe(withId);
});
