import { join } from 'node:path';
import { openSqliteEventStore, type EventStore } from '@penalty-ledger/event-store';
import {
  agency,
  rulebooks,
  parseStream,
  endOfTime,
  eventIn,
  instantOf,
  LedgerZone,
  readEvent,
  type AgencyHistory,
} from '@penalty-ledger/ledger';
import { DatabaseSync } from '@photostructure/sqlite';
import { timed, type Case, type Measured } from './harness.js';
import { admit, deductionCommand, lineOf, now, openLedger } from './sample.js';

const agencies = 1000;

/**
 * Writes deductions into a ledger once, in the given folder or store; every round of a fold reads
 * them.
 *
 * @param together the number of consecutive deductions of one agency; they become one append
 */
export async function writeDeductions(
  folder: string,
  events: number,
  { store, together = 1 }: { readonly store?: EventStore; readonly together?: number } = {},
): Promise<void> {
  const ledger = await openLedger(folder, store);
  await admit(ledger, agencies);
  const group = 5000;
  for (let from = 0; from < events; from += group) {
    const lines = Array.from({ length: Math.min(group, events - from) }, (_, index) => {
      const agency = Math.floor((from + index) / together) % agencies;
      return { line: lineOf(deductionCommand(from + index, agencies, agency)), now };
    });
    for (const { status, message } of await ledger.handleAll(lines))
      if (status !== 'accepted') throw new Error(message?.en ?? status);
  }
  await ledger.close();
}

/**
 * Reads every event from the disk, checks its hash and its chain, and folds it into its agency's
 * history.
 */
export function foldFromDisk(folder: string, events: number): Case {
  const path = join(folder, 'ledger.db');
  return {
    name: `fold ${events.toLocaleString('en')} deductions from disk`,
    explanation:
      'ours: every event verified, read and folded into its agency; raw: SELECT in chunks of ' +
      '5,000 and JSON.parse',
    target: 0.8,
    async ours() {
      const store = openSqliteEventStore(path, { access: 'read' });
      const histories = new Map<string, AgencyHistory>();
      let folded = 0;
      const measured = await timed(events, async () => {
        for await (const batch of store.readAll({ batchSize: 5000 })) {
          for (const record of batch) {
            if (parseStream(record.stream)?.kind !== 'agency') continue;
            let history = histories.get(record.stream);
            if (history === undefined)
              histories.set(record.stream, (history = agency.emptyHistory()));
            agency.evolve(history, eventIn('agency', readEvent(record)));
            folded += 1;
          }
        }
      });
      await store.close();
      if (folded < events) throw new Error(`folded ${String(folded)} events`);
      return measured;
    },
    raw: () => rawReadAndParse(path, events),
  };
}

function rawReadAndParse(path: string, events: number): Promise<Measured> {
  const database = new DatabaseSync(path, { readOnly: true });
  const select = database.prepare(
    'SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT 5000',
  );
  const measured = timed(events, () => {
    let points = 0;
    let position = 0;
    for (let rows = select.all(0); rows.length > 0; rows = select.all(position)) {
      for (const row of rows) {
        const { body, position: at } = row as { body: string; position: number };
        points += (JSON.parse(body) as { data: { points?: number } }).data.points ?? 0;
        position = at;
      }
    }
    if (points !== events) throw new Error(`read ${String(points)} points`);
  });
  return measured.finally(() => {
    database.close();
  });
}

/**
 * Balance queries at (E, K) with every line, on an agency with 1,000 events; compared with a loop
 * that adds up the same array.
 */
export function balanceQueries(queries: number): Case {
  const history = agency.emptyHistory();
  const zone = new LedgerZone('Asia/Shanghai', 'bench');
  const recorded = { recordedAt: now, actor: 'bench' };
  const admitted = instantOf(Date.UTC(2019, 0, 2));
  agency.evolve(history, {
    ...recorded,
    type: 'AgencyAdmitted',
    data: { agencyId: 'a1' },
    effectiveAt: admitted,
  });
  for (let index = 0; index < 999; index += 1) {
    agency.evolve(history, {
      ...recorded,
      type: 'DeductionImposed',
      data: {
        account: 'points',
        agencyId: 'a1',
        clause: 'improper-operation',
        deductionId: `d${String(index)}`,
        period: '2019',
        periodStated: false,
        points: 1,
      },
      occurredAt: admitted,
      effectiveAt: instantOf(Date.UTC(2019, 1, 1) + index * 60_000),
    });
  }
  const context = { rulebooks: rulebooks.rulebooksAt(rulebooks.empty, endOfTime), zone };
  return {
    name: 'balance of an agency with 1,000 events',
    explanation:
      'ours: the whole answer, each line explained; raw: a loop adding up the points of the ' +
      'same 999 deductions. Target: 1,000 a second (1 ms)',
    ours: () =>
      timed(queries, () => {
        for (let query = 0; query < queries; query += 1) {
          const { balance } = agency.balanceAnswer(
            history,
            { agencyId: 'a1', effectiveAt: now, knownAt: now },
            context,
          );
          if (balance !== 999) throw new Error(`answered ${String(balance)}`);
        }
      }),
    raw: () =>
      timed(queries, () => {
        for (let query = 0; query < queries; query += 1) {
          let sum = 0;
          for (const { imposed } of history.deductions.values())
            if (imposed.effectiveAt <= now) sum += imposed.points;
          if (sum !== 999) throw new Error(`added up ${String(sum)}`);
        }
      }),
  };
}
