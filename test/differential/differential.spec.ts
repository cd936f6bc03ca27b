import fc from 'fast-check';
import { Oracle } from '../oracle/oracle.js';
import { randomHistory, type History } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { rounds } from '../support/rounds.js';
import { TestLedger } from '../support/test-ledger.js';

const runs = 30 * rounds;
const seed = Number(process.env['LEDGER_TEST_SEED'] ?? 20190307);

/** Numbers of lines that come together: each is decided on the others before any is stored. */
const together = fc.constantFrom(1, 7, 1000);

async function compare({ mode, lines, queries }: History, batchSize: number): Promise<void> {
  const oracle = new Oracle(mode);
  const ledger = await TestLedger.open(mode);
  for (let from = 0; from < lines.length; from += batchSize) {
    const batch = lines.slice(from, from + batchSize);
    const outcomes = await ledger.applyTogether(batch);
    for (const [index, line] of batch.entries())
      expect({ line, outcome: outcomes[index] }).toEqual({ line, outcome: oracle.apply(line) });
  }
  await ledger.finish();
  for (const query of queries) {
    const answer = await ledger.query(query);
    expect({ query, answer }).toMatchObject({ query, answer: oracle.query(query) });
  }
  await ledger.check();
  await ledger.close();
}

describe('the ledger beside an oracle that shares no code with it', () => {
  it(
    'gives the same outcomes and answers for any history of points, appeals and expulsions',
    async () => {
      await fc.assert(fc.asyncProperty(randomHistory(), together, compare), {
        numRuns: runs,
        seed,
        endOnFailure: true,
      });
    },
    600_000 * rounds,
  );

  it(
    'gives the same outcomes and answers for any history of creators, sessions and complaints',
    async () => {
      await fc.assert(fc.asyncProperty(randomOperations(), together, compare), {
        numRuns: runs,
        seed,
        endOnFailure: true,
      });
    },
    600_000 * rounds,
  );
});
