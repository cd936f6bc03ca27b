import fc from 'fast-check';
import { ledgerZone, readSheet, type SheetLine } from '@penalty-ledger/application';
import { LedgerZone } from '@penalty-ledger/ledger';
import { TestLedger } from '../support/test-ledger.js';

const at = '2019-05-01T10:00:00+08:00';

async function withRoster(): Promise<TestLedger> {
  const ledger = await TestLedger.open('observer');
  await ledger.apply({
    at: '2019-01-02T10:00:00+08:00',
    command: 'AdmitAgency',
    data: { agencyId: 'a1', name: '杭州云帆' },
  });
  for (const creatorId of ['c0', 'c1']) {
    await ledger.apply({
      at: '2019-01-03T10:00:00+08:00',
      command: 'BindCreator',
      data: { agencyId: 'a1', creatorId },
    });
  }
  return ledger;
}

/** Everything recorded, but for the identity that each ledger gives its first events. */
async function recorded(ledger: TestLedger): Promise<unknown[]> {
  await ledger.check();
  return (await ledger.events()).map(({ type, stream, revision, data }) => ({
    type,
    stream,
    revision,
    data,
  }));
}

const session = fc.record({
  creator: fc.nat({ max: 2 }),
  day: fc.integer({ min: 1, max: 30 }),
  minutes: fc.integer({ min: -5, max: 60 }),
  contentVertical: fc.constantFrom('', '美妆', '食品, "零食"'),
  newFollowers: fc.option(fc.nat({ max: 5000 })),
  views: fc.option(fc.nat()),
  sales: fc.array(fc.record({ vertical: fc.constantFrom('美妆', 'a=b'), amountFen: fc.nat() }), {
    maxLength: 2,
  }),
});

const cell = (text: string): string =>
  /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const two = (number: number): string => String(number).padStart(2, '0');

/** Rows that come together may be stored stream by stream; line by line the order is the same. */
async function* oneByOne(batches: AsyncIterable<readonly SheetLine[]>) {
  for await (const batch of batches) for (const row of batch) yield [row];
}

it('records the same events and refuses the same sessions from CSV as from NDJSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(session, { maxLength: 8 }), async (sessions) => {
      const rows = [
        'at,sessionId,creatorId,startedAt,endedAt,contentVertical,newFollowers,views,sales',
      ];
      const fromLines = await withRoster();
      const outcomes: unknown[] = [];
      for (const [
        index,
        { creator, day, minutes, contentVertical, newFollowers, views, sales },
      ] of sessions.entries()) {
        const ids = { sessionId: `s${String(index % 7)}`, creatorId: `c${String(creator)}` };
        const startedAt = `2019-04-${two(day)}T20:00:00+08:00`;
        const endedAt = new Date(Date.parse(startedAt) + minutes * 60_000).toISOString();
        const data = {
          ...{ ...ids, startedAt, endedAt },
          ...(contentVertical !== '' && { contentVertical }),
          ...(newFollowers !== null && { newFollowers }),
          ...(views !== null && { views }),
          ...(sales.length > 0 && { sales }),
        };
        outcomes.push(await fromLines.apply({ at, command: 'RecordSession', data }));
        const sold = sales
          .map(({ vertical, amountFen }) => `${vertical}=${String(amountFen)}`)
          .join(';');
        const counts = [newFollowers, views].map((number) =>
          number === null ? '' : String(number),
        );
        rows.push(
          [at, ids.sessionId, ids.creatorId, startedAt, endedAt, contentVertical, ...counts, sold]
            .map(cell)
            .join(','),
        );
      }
      const fromCsv = await withRoster();
      const file = await readSheet(
        (async function* () {
          yield Buffer.from(rows.join('\r\n'));
        })(),
        { format: 'csv', zone: new LedgerZone(ledgerZone, 'test') },
      );
      expect(await fromCsv.applyLines(oneByOne(file.open().rows))).toEqual(outcomes);
      expect(await recorded(fromCsv)).toEqual(await recorded(fromLines));
      await fromCsv.close();
      await fromLines.close();
    }),
    { numRuns: 15 },
  );
});
