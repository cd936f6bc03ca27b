import type { LedgerNode, Outcome, TimedLine } from '@penalty-ledger/application';
import { ServedLedger } from './served-ledger.js';

const line = (commandId: string): TimedLine =>
  ({ line: { commandId }, now: '2026-01-01T00:00:00.000Z' }) as never;

const observers = {
  metrics: { timeCommands: <T>(_: number, work: () => Promise<T>) => work() },
  tracing: {
    step: <T>(_: string, __: object, work: (note: () => void) => Promise<T>) =>
      work(() => undefined),
  },
};

it('imports of several senders share the room, and lines keep their order in each', async () => {
  const decided: string[] = [];
  const send = (lines: readonly TimedLine[]): Promise<readonly Outcome[]> => {
    decided.push(...lines.map(({ line: { commandId = '' } }) => commandId));
    return new Promise((resolve) => {
      setTimeout(() => resolve(lines.map(() => ({ status: 'accepted' }) as Outcome)), 1);
    });
  };
  const node = { writer: { ledger: { position: '1' }, send } } as unknown as LedgerNode;
  const served = new ServedLedger(node, { now: () => line('').now }, observers);
  const linesOf = (sender: string) => Array.from({ length: 2_000 }, (_, n) => `${sender}${n}`);
  const senders = ['a', 'b', 'c', 'd'];
  await Promise.all(senders.map((sender) => served.sendNext(sender, linesOf(sender).map(line))));
  for (const sender of senders)
    expect(decided.filter((id) => id.startsWith(sender))).toEqual(linesOf(sender));
  // Half of the lines are decided, and of each sender nearly as many as of any other.
  const half = decided.slice(0, 4_000);
  for (const sender of senders) {
    const { length } = half.filter((id) => id.startsWith(sender));
    expect(length).toBeGreaterThan(700);
    expect(length).toBeLessThan(1_300);
  }
  expect(served.queued).toBe(0);
});
