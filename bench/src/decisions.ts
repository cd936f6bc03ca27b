import { timed, type Case } from './harness.js';
import {
  admit,
  deductionCommand,
  insertRaw,
  lineOf,
  now,
  openLedger,
  openRaw,
  rawHash,
} from './sample.js';

const agencies = 20;
const eventsEach = 100;

/**
 * Loads 100 events, decides, appends one: ours keeps the state warm and has the store check its
 * revision.
 */
export function loadDecideAppend(decisions: number): Case {
  return {
    name: 'load 100 events, decide, append one',
    explanation:
      'ours: RecordDeduction on an agency with 100 events and more; raw: SELECT 100 rows, ' +
      'JSON.parse, sum, insert, commit',
    target: 1.5,
    async ours(folder) {
      const ledger = await openLedger(folder);
      await admit(ledger, agencies);
      const prepared = agencies * eventsEach;
      await Promise.all(
        Array.from({ length: prepared }, (_, index) =>
          ledger.handle(lineOf(deductionCommand(index, agencies)), now),
        ),
      );
      const measured = await timed(decisions, async () => {
        for (let index = prepared; index < prepared + decisions; index += 1) {
          await ledger.handle(lineOf(deductionCommand(index, agencies)), now);
        }
        await ledger.settle();
      });
      await ledger.close();
      return measured;
    },
    async raw(folder) {
      const database = openRaw(folder);
      const insert = database.prepare(insertRaw);
      const select = database.prepare(
        'SELECT body FROM events WHERE stream_id = ? ORDER BY revision DESC LIMIT 100',
      );
      const body = (index: number): string =>
        JSON.stringify({
          ...(deductionCommand(index, agencies) as object),
          filler: 'x'.repeat(560),
        });
      database.exec('BEGIN');
      for (let index = 0; index < agencies * eventsEach; index += 1)
        insert.run(index % agencies, Math.floor(index / agencies), rawHash, body(index));
      database.exec('COMMIT');
      const measured = await timed(decisions, () => {
        for (let index = 0; index < decisions; index += 1) {
          let sum = 0;
          for (const row of select.all(index % agencies)) {
            sum += (JSON.parse((row as { body: string }).body) as { data: { points: number } }).data
              .points;
          }
          if (sum !== 100) throw new Error(`read ${String(sum)} points`);
          insert.run(
            index % agencies,
            eventsEach + Math.floor(index / agencies),
            rawHash,
            body(index),
          );
        }
      });
      database.close();
      return measured;
    },
  };
}
