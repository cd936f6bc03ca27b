import { join } from 'node:path';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import {
  agencyStream,
  noPreviousEvent,
  recordEvents,
  type EventRecord,
  type NewEvent,
  type StreamHead,
} from '@penalty-ledger/ledger';
import { timed, type Case } from './harness.js';
import {
  admit,
  deductionCommand,
  insertRaw,
  lineOf,
  now,
  openLedger,
  openRaw,
  rawBody,
  rawHash,
} from './sample.js';

const callers = 64;
const agencies = 1000;

/**
 * One command at a time from each of 64 callers: checked, decided, sealed, hashed, chained,
 * durable, and in the read models.
 */
export function groupCommit(events: number): Case {
  return {
    name: `durable single events, ${String(callers)} callers`,
    explanation:
      'ours: the whole way of a RecordDeduction with a notice; raw: one insert a transaction, ' +
      'one caller',
    target: 12,
    async ours(folder) {
      const ledger = await openLedger(folder);
      await admit(ledger, agencies);
      let next = 0;
      const call = async (): Promise<void> => {
        for (let index = next++; index < events; index = next++) {
          const { status, message } = await ledger.handle(
            lineOf(deductionCommand(index, agencies)),
            now,
          );
          if (status !== 'accepted') throw new Error(message?.en ?? status);
        }
      };
      const measured = await timed(events, async () => {
        await Promise.all(Array.from({ length: callers }, call));
        await ledger.settle();
      });
      await ledger.close();
      return measured;
    },
    async raw(folder) {
      const database = openRaw(folder);
      const insert = database.prepare(insertRaw);
      const count = Math.ceil(events / 10);
      const measured = await timed(count, () => {
        for (let index = 0; index < count; index += 1)
          insert.run(index % agencies, Math.floor(index / agencies), rawHash, rawBody);
      });
      database.close();
      return measured;
    },
  };
}

const batchSize = 1000;

/** Batches of 1,000 events to one stream each: built, hashed, chained, durable. */
export function batches(events: number): Case {
  return {
    name: 'batches of 1,000',
    explanation:
      'ours: events written canonically, hashed, chained, appended with the stream checked; ' +
      'raw: 1,000 inserts of finished rows a transaction',
    target: 0.6,
    async ours(folder) {
      const store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'write' });
      const measured = await timed(events, async () => {
        for (let from = 0; from < events; from += batchSize) {
          const records = sessionlike(from / batchSize);
          // An append is limited in bytes, so a batch is several appends; the store commits them as
          // one group.
          await Promise.all(
            inAppends(records).map((part) =>
              store.append(part.stream, part.expected, part.records),
            ),
          );
        }
      });
      await store.close();
      return measured;
    },
    async raw(folder) {
      const database = openRaw(folder);
      const insert = database.prepare(insertRaw);
      const body = sessionlike(0)[0]?.body ?? '';
      const measured = await timed(events, () => {
        for (let from = 0; from < events; from += batchSize) {
          database.exec('BEGIN');
          for (let index = 0; index < batchSize; index += 1)
            insert.run(from / batchSize, index, rawHash, body);
          database.exec('COMMIT');
        }
      });
      database.close();
      return measured;
    },
  };
}

function sessionlike(batch: number): readonly EventRecord[] {
  const stream = agencyStream(`a${String(batch)}`);
  const events = Array.from({ length: batchSize }, (_, index): NewEvent => ({
    type: 'DeductionRevoked',
    data: { agencyId: `a${String(batch)}`, deductionId: `d${String(index)}`, was: 1 },
  }));
  const causation = {
    command: 'RecordRevocation',
    commandId: `batch/${String(batch)}`,
    fingerprint: noPreviousEvent,
  };
  const head: StreamHead | undefined = undefined;
  const recording = { ledgerId: 'bench', stream, head, recordedAt: now, actor: 'bench', causation };
  return recordEvents(events, recording).map(({ record }) => record);
}

interface Part {
  readonly stream: string;
  readonly expected: number | 'no_stream';
  readonly records: readonly EventRecord[];
}

function inAppends(records: readonly EventRecord[]): Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < records.length; from += 500) {
    const part = records.slice(from, from + 500);
    parts.push({
      stream: part[0]?.stream ?? '',
      expected: from === 0 ? 'no_stream' : from - 1,
      records: part,
    });
  }
  return parts;
}
