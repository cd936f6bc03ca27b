import fc from 'fast-check';
import { comparePositions, MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import { readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { randomHistory } from '../oracle/random-history.js';
import { TestLedger } from '../support/test-ledger.js';

describe('read models', () => {
  it('have the same digests however the events are cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomHistory('observer', { steps: 40, queries: 0 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        async ({ lines }, sizes) => {
          const store = new MemoryEventStore(new MemoryLog());
          const ledger = await TestLedger.open('observer', store);
          for (const line of lines) await ledger.apply(line);
          await ledger.finish();
          const expected = ledger.readModels.digests();
          const cut = ReadModels.open(':memory:');
          for await (const batch of store.readAll()) {
            for (let from = 0; from < batch.length;) {
              const size = Number(sizes.next().value);
              const part = batch.slice(from, from + size);
              const events: LedgerEvent[] = part.map((record) => readEvent(record));
              const last = part.at(-1)?.position ?? '';
              expect(cut.apply(events, cut.progress.cursor, last)).toBe(true);
              from += size;
            }
          }
          expect(cut.digests()).toEqual(expected);
          cut.close();
          await ledger.close();
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  }, 60_000);

  it('leave a batch that another process has folded in already', async () => {
    const store = new MemoryEventStore(new MemoryLog());
    const ledger = await TestLedger.open('observer', store);
    await ledger.apply({
      at: '2019-01-01T00:00:00Z',
      command: 'AdmitAgency',
      data: { agencyId: 'a1', name: '云帆' },
    });
    await ledger.finish();
    const { readModels } = ledger;
    const digests = readModels.digests();
    const before = readModels.progress;
    for await (const batch of store.readAll()) {
      const events = batch.map((record) => readEvent(record));
      expect(readModels.apply(events, undefined, batch.at(-1)?.position ?? '')).toBe(false);
    }
    expect(readModels.digests()).toEqual(digests);
    expect(comparePositions(readModels.progress.cursor, before.cursor)).toBe(0);
    await ledger.close();
  });

  it('E-13: have the same balance for every order of independent deductions', async () => {
    const deductions = Array.from({ length: 6 }, (_, index) => ({
      command: 'RecordDeduction',
      data: {
        deductionId: `d${String(index)}`,
        agencyId: 'a1',
        points: 5 + index,
        clause: 'creator-violation',
        occurredAt: `2019-0${String(index + 2)}-15T10:00:00+08:00`,
        effectiveAt: `2019-0${String(index + 2)}-16T10:00:00+08:00`,
      },
    }));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(deductions, { minLength: deductions.length }),
        async (order) => {
          const ledger = await TestLedger.open('observer');
          await ledger.apply({
            at: '2019-01-01T00:00:00Z',
            command: 'AdmitAgency',
            data: { agencyId: 'a1', name: '云帆' },
          });
          for (const line of order) await ledger.apply({ at: '2019-09-01T00:00:00Z', ...line });
          const answer = await ledger.query({ query: 'balance', agencyId: 'a1' });
          expect(answer).toMatchObject({
            balance: 45,
            lines: deductions.map(({ data }) => ({ deductionId: data.deductionId })),
          });
          await ledger.close();
        },
      ),
      { numRuns: 20, seed: 11 },
    );
  });
});
