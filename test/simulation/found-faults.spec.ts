import { problemsOf } from './checker.js';
import { engineRuns } from './engine-place.js';
import type { History } from './history.js';
import type { Run } from './schedule-check.js';
import type { Step } from './schedule.js';

jest.setTimeout(60_000);

let run: Run;
beforeAll(async () => {
  run = await engineRuns();
});

/** Everything that is wrong after two nodes went through a schedule. Node 0 has the lease first. */
const problems = async (steps: readonly Step[]): Promise<readonly string[]> =>
  problemsOf(await after(steps));

const after = (steps: readonly Step[]): Promise<History> => run({ seed: 2, nodes: 2, steps });

describe('faults that schedules have shown, and that are mended', () => {
  it('a node whose clock is behind answers with all it has read', async () => {
    const steps: Step[] = [
      { do: 'set clock', node: 0, aheadMs: 300 },
      { do: 'set clock', node: 1, aheadMs: -300 },
    ];
    expect(await problems(steps)).toEqual([]);
  });

  // A node looks at its lease when an append begins, and the write happens later. A node that
  // stands still in between writes on waking, when another node has the lease.
  it('an append that arrives after the lease doubles no command', async () => {
    const found = await problems([
      { do: 'send', node: 0, command: 0 },
      { do: 'wait', ms: 500 },
      { do: 'append fault', node: 0, fault: { kind: 'paused', ms: 9_500 } },
      { do: 'send', node: 0, command: 2 },
      { do: 'wait', ms: 10_000 },
      { do: 'send', node: 1, command: 2 },
      { do: 'wait', ms: 1_000 },
    ]);
    expect(found).toEqual([]);
  });

  // Both decide the same command, so both events have one id, and a store knows a repetition by it.
  it('two nodes do not both say that they accepted a command', async () => {
    const found = await problems([
      { do: 'append fault', node: 0, fault: { kind: 'paused', ms: 9_900 } },
      { do: 'send', node: 0, command: 0 },
      { do: 'wait', ms: 9_700 },
      { do: 'send', node: 1, command: 0 },
      { do: 'wait', ms: 1_000 },
    ]);
    expect(found).toEqual([]);
  });

  it('a writer does not pass over an event that another node stored late', async () => {
    const found = await problems([
      { do: 'send', node: 0, command: 0 },
      { do: 'wait', ms: 500 },
      { do: 'append fault', node: 0, fault: { kind: 'paused', ms: 9_500 } },
      { do: 'send', node: 0, command: 2 },
      { do: 'wait', ms: 10_000 },
      { do: 'send', node: 1, command: 1 },
      { do: 'wait', ms: 1_000 },
    ]);
    expect(found).toEqual([]);
  });

  it('nor where the engine keeps it, whose clock is behind', async () => {
    const history = await after([
      { do: 'set engine clock', aheadMs: -60_000 },
      { do: 'send', node: 0, command: 0 },
      { do: 'wait', ms: 500 },
      { do: 'append fault', node: 0, fault: { kind: 'paused', ms: 9_500 } },
      { do: 'send', node: 0, command: 2 },
      { do: 'wait', ms: 10_000 },
      { do: 'send', node: 1, command: 2 },
      { do: 'wait', ms: 1_000 },
    ]);
    expect(history.late).toBeGreaterThan(0);
    expect(problemsOf(history)).toEqual([]);
  });

  // A node could not tell its own lease, over by then, from one that another part of its process
  // renews; it wrote without an end.
  it('a lease that the engine confirms after its end is no right to append', async () => {
    const steps: Step[] = [
      { do: 'append fault', node: 2, fault: { kind: 'late answer', ms: 7_281 } },
      { do: 'power loss', node: 1 },
      { do: 'wait', ms: 16_953 },
      { do: 'send', node: 2, command: 1 },
    ];
    expect(problemsOf(await run({ seed: 14, nodes: 3, steps }))).toEqual([]);
  });
});
