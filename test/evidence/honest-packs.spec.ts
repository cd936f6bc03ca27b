import { buildPack, verifyPack } from '@penalty-ledger/evidence';
import { readEvent } from '@penalty-ledger/ledger';
import { formatVerifierKey } from '@penalty-ledger/merkle-log';
import fc from 'fast-check';
import { randomHistory } from '../oracle/random-history.js';
import { LoggedLedger } from '../support/logged-ledger.js';
import { rounds } from '../support/rounds.js';
import { TestLedger } from '../support/test-ledger.js';
import { pageVerifier } from './page-verifier.js';

const runs = 50 * rounds;

test(
  'every pack of a ledger that kept to its rules verifies, in observer and operator mode',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory(undefined, { steps: 50, queries: 1 }), async (history) => {
        const ledger = await TestLedger.open(history.mode);
        for (const line of history.lines) await ledger.apply(line);
        const log = await LoggedLedger.of(ledger);
        await ledger.close();
        const events = log.bodies.map((body) => readEvent({ body }));
        const source = log.source(events.at(-1)!.recordedAt);
        for (const { type, data } of events) {
          if (type !== 'AgencyAdmitted') continue;
          const pack = buildPack(source, { subject: { agencyId: data.agencyId } });
          const { checks } = verifyPack(pack, { keys: [log.key] });
          expect(checks.filter(({ result }) => result !== 'holds')).toEqual([]);
          const page = await pageVerifier().verify(pack, [formatVerifierKey(log.key)]);
          expect(page.checks.filter(({ result }) => result !== 'holds')).toEqual([]);
        }
      }),
      {
        numRuns: runs,
        ...(process.env['LEDGER_TEST_SEED'] === undefined
          ? { seed: 21 }
          : { seed: Number(process.env['LEDGER_TEST_SEED']) }),
      },
    );
  },
  300_000 * rounds,
);
