import type { Outcome, TimedLine } from '@penalty-ledger/application';
import { GatheredCommands } from './gathered-commands.js';

const line = (commandId: string): TimedLine =>
  ({ line: { commandId }, now: '2026-01-01T00:00:00.000Z' }) as never;
const outcomeOf = ({ line: { commandId } }: TimedLine): Outcome =>
  ({ message: commandId }) as never;

it('commands of one event-loop round go together, in order, with own outcomes', async () => {
  const groups: number[] = [];
  const gathered = new GatheredCommands(async (lines) => {
    groups.push(lines.length);
    return lines.map(outcomeOf);
  });
  const send = async (id: string): Promise<string | undefined> =>
    (await gathered.send(line(id))).message;
  expect(await Promise.all(['a', 'b', 'c'].map(send))).toEqual(['a', 'b', 'c']);
  expect(await send('d')).toBe('d');
  expect(groups).toEqual([3, 1]);
});

it('a command that comes while a group is written starts the next group', async () => {
  const groups: (() => void)[] = [];
  const gathered = new GatheredCommands(async (lines) => {
    await new Promise<void>((resolve) => groups.push(resolve));
    return lines.map(outcomeOf);
  });
  const first = gathered.send(line('a'));
  while (groups.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const second = gathered.send(line('b'));
  while (groups.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const end of groups) end();
  expect([(await first).message, (await second).message]).toEqual(['a', 'b']);
});

it('a group that fails fails for each of its commands, and the next one is tried', async () => {
  let isBroken = true;
  const gathered = new GatheredCommands(async (lines) => {
    if (isBroken) throw new Error('stopped');
    return lines.map(outcomeOf);
  });
  const both = await Promise.allSettled([gathered.send(line('a')), gathered.send(line('b'))]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isBroken = false;
  expect((await gathered.send(line('c'))).message).toBe('c');
});
