import fc from 'fast-check';
import { Oracle } from '../oracle/oracle.js';
import { randomHistory, type History } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { TestLedger } from '../support/test-ledger.js';

const runs = Number(process.env['DIFFERENTIAL_RUNS'] ?? 60);
const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 20190307);

async function compare({ mode, lines, queries }: History): Promise<void> {
  const oracle = new Oracle(mode);
  const ledger = await TestLedger.open(mode);
  for (const line of lines) {
    const outcome = await ledger.apply(line);
    expect({ line, outcome }).toEqual({ line, outcome: oracle.apply(line) });
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
  it('gives the same outcomes and the same answers for any history of points, appeals and expulsions', async () => {
    await fc.assert(fc.asyncProperty(randomHistory(), compare), { numRuns: runs, seed, endOnFailure: true });
  }, 600_000);

  it('gives the same outcomes and the same answers for any history of creators, sessions, complaints and support', async () => {
    await fc.assert(fc.asyncProperty(randomOperations(), compare), { numRuns: runs, seed, endOnFailure: true });
  }, 600_000);
});
