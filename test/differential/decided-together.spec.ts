import type { TimedLine } from '@penalty-ledger/application';
import { readCommandLine } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { Oracle } from '../oracle/oracle.js';
import { randomHistory, type CommandLine, type History } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { rounds } from '../support/rounds.js';
import { ShuffledEventStore } from '../support/shuffled-store.js';
import { TestLedger } from '../support/test-ledger.js';

const runs = 30 * rounds;
const seed = Number(process.env['LEDGER_TEST_SEED'] ?? 20190307);

/** Numbers of lines that come together, at one instant. */
const together = fc.constantFrom(5, 40);

let passed = 0;

/** Lines that say something, those that come together at the instant of the last of them. */
function batchesOf(lines: readonly CommandLine[], size: number): CommandLine[][] {
  const sound = lines.filter((line) => readCommandLine(line).problems === undefined);
  const batches: CommandLine[][] = [];
  for (let from = 0; from < sound.length; from += size) {
    const batch = sound.slice(from, from + size);
    batches.push(batch.map((line) => ({ ...line, at: batch.at(-1)!['at'] })));
  }
  return batches;
}

function timedLine(value: CommandLine): TimedLine {
  const read = readCommandLine(value);
  const line = read.problems === undefined ? read.line : undefined;
  if (line?.at === undefined) throw new Error('a line was dropped that should have been');
  return { line, now: line.at };
}

/**
 * Checks that the store's order is a history that could have happened. Commands that are decided
 * together may be stored in any order that keeps dependent commands in order. An oracle that gets
 * the accepted commands in the store's order must give each the same outcome.
 */
async function compare(
  { mode, lines, queries }: History,
  size: number,
  chance: number,
): Promise<void> {
  const draw = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    seed: chance,
    numRuns: 4000,
  });
  const store = new ShuffledEventStore(() => draw.pop() ?? 0);
  const ledger = await TestLedger.open(mode, store);
  const accepted = new Map<string, { readonly line: CommandLine; readonly outcome: unknown }>();
  const asDecided = new Oracle(mode);
  let last = ledger.ledger.clock;
  for (const batch of batchesOf(lines, size)) {
    last = timedLine(batch.at(-1)!).now;
    const outcomes = await ledger.ledger.handleAll(batch.map(timedLine));
    for (const [index, line] of batch.entries()) {
      const { status, code, events, findings, appended = [] } = outcomes[index]!;
      const outcome = { status, code, events, findings };
      expect({ line, outcome }).toEqual({ line, outcome: asDecided.apply(line) });
      const first = appended.find(({ type }) => type === events[0]);
      if (status === 'accepted' && first !== undefined) accepted.set(first.id, { line, outcome });
    }
  }
  // As `simulate` does: a line that is invalid moves the clock and stores nothing.
  if (last > ledger.ledger.clock) await ledger.ledger.rememberClock(last);
  await ledger.ledger.settle();
  await ledger.check();
  const asStored = new Oracle(mode);
  for (const { id } of await ledger.events()) {
    const command = accepted.get(id);
    if (command === undefined) continue;
    const { line, outcome } = command;
    expect({ line, outcome: asStored.apply(line) }).toEqual({ line, outcome });
  }
  for (const query of queries)
    expect({ query, answer: await ledger.query(query) }).toMatchObject({
      query,
      answer: asDecided.query(query),
    });
  passed += store.passed;
  await ledger.close();
}

describe('what was decided together and stored in another order', () => {
  it.each([
    ['points, appeals and expulsions', () => randomHistory()],
    ['creators, sessions, complaints and support', () => randomOperations()],
  ])(
    'is a history that could have happened so, for any of %s',
    async (_group, history) => {
      passed = 0;
      await fc.assert(fc.asyncProperty(history(), together, fc.integer(), compare), {
        numRuns: runs,
        seed,
        endOnFailure: true,
      });
      expect(passed).toBeGreaterThan(runs / 4);
    },
    600_000 * rounds,
  );
});
