import type { Outcome, TimedLine } from '@penalty-ledger/application';
import { GatheredCommands } from './gathered-commands.js';

const bounds = { all: 1024, ofOneSender: 256, untilImportsWait: 512 };
/** Single commands of one sender that may be in the ledger. */
const takenOfOneSender = 64;

const line = (commandId: string): TimedLine =>
  ({ line: { commandId }, now: '2026-01-01T00:00:00.000Z' }) as never;
const outcomeOf = ({ line: { commandId } }: TimedLine): Outcome =>
  ({ message: { en: commandId } }) as never;

it('commands of one event-loop round go together, in order, with own outcomes', async () => {
  const groups: number[] = [];
  const gathered = new GatheredCommands(async (lines) => {
    groups.push(lines.length);
    return lines.map(outcomeOf);
  }, bounds);
  const send = async (id: string): Promise<string | undefined> =>
    (await gathered.send('x', line(id))).message?.en;
  expect(await Promise.all(['a', 'b', 'c'].map(send))).toEqual(['a', 'b', 'c']);
  expect(await send('d')).toBe('d');
  expect(groups).toEqual([3, 1]);
});

it('a command that comes while a group is written starts the next group', async () => {
  const groups: (() => void)[] = [];
  const gathered = new GatheredCommands(async (lines) => {
    await new Promise<void>((resolve) => groups.push(resolve));
    return lines.map(outcomeOf);
  }, bounds);
  const first = gathered.send('x', line('a'));
  while (groups.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const second = gathered.send('x', line('b'));
  while (groups.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const end of groups) end();
  expect([(await first).message?.en, (await second).message?.en]).toEqual(['a', 'b']);
});

it('a group that fails fails for each of its commands, and the next one is tried', async () => {
  let isBroken = true;
  const gathered = new GatheredCommands(async (lines) => {
    if (isBroken) throw new Error('stopped');
    return lines.map(outcomeOf);
  }, bounds);
  const both = await Promise.allSettled([
    gathered.send('x', line('a')),
    gathered.send('x', line('b')),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isBroken = false;
  expect((await gathered.send('x', line('c'))).message?.en).toBe('c');
});

it('senders take turns in a group, and a sender’s commands keep their order', async () => {
  const groups: string[][] = [];
  const gathered = new GatheredCommands(async (lines) => {
    groups.push(lines.map(({ line: { commandId = '' } }) => commandId));
    return lines.map(outcomeOf);
  }, bounds);
  const sent = (sender: string, commands: number): Promise<Outcome>[] =>
    Array.from({ length: commands }, (_, n) => gathered.send(sender, line(`${sender}${n}`)));
  await Promise.all([...sent('many', 100), ...sent('few', 2), ...sent('one', 1)]);
  expect(groups[0]?.slice(0, 5)).toEqual(['many0', 'few0', 'one0', 'many1', 'few1']);
  expect(groups.map((group) => group.length)).toEqual([32, 32, 32, 7]);
  const ofMany = groups.flat().filter((id) => id.startsWith('many'));
  expect(ofMany).toEqual(Array.from({ length: 100 }, (_, n) => `many${n}`));
});

it('a sender with as many commands in the ledger as it may have keeps nobody out', async () => {
  const taken: string[] = [];
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const gathered = new GatheredCommands(async (lines) => {
    taken.push(...lines.map(({ line: { commandId = '' } }) => commandId));
    await released;
    return lines.map(outcomeOf);
  }, bounds);
  const many = Array.from({ length: 256 }, (_, n) => gathered.send('many', line(`many${n}`)));
  expect(gathered.hasRoom('many')).toBe(false);
  while (taken.length < takenOfOneSender) await new Promise((resolve) => setImmediate(resolve));
  const few = gathered.send('few', line('few'));
  while (!taken.includes('few')) await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toHaveLength(takenOfOneSender + 1);
  release();
  await Promise.all([...many, few]);
  expect(gathered.size).toBe(0);
});

it('lines of an import yield to single commands, and go in larger groups without any', async () => {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const gathered = new GatheredCommands(async (lines) => {
    groups.push(lines.map(({ line: { commandId = '' } }) => commandId));
    await new Promise<void>((resolve) => ends.push(resolve));
    return lines.map(outcomeOf);
  }, bounds);
  const round = () => new Promise((resolve) => setImmediate(resolve));
  const lines = Array.from({ length: 300 }, (_, n) => gathered.sendLine('x', line(`line${n}`)));
  const singles = Array.from({ length: 40 }, (_, n) => gathered.send('x', line(`single${n}`)));
  while (groups.length < 2) await round();
  expect(groups.map((group) => group.filter((id) => id.startsWith('single')).length)).toEqual([
    32, 8,
  ]);
  expect(groups.map((group) => group.length)).toEqual([64, 40]);
  for (const end of ends) end();
  await Promise.all(singles);
  while (groups.flat().length < 340) await round();
  expect(Math.max(...groups.map((group) => group.length))).toBeGreaterThan(64);
  for (const end of ends) end();
  await Promise.all(lines);
  expect(groups.flat().filter((id) => id.startsWith('line'))).toEqual(
    Array.from({ length: 300 }, (_, n) => `line${n}`),
  );
});
