// A process that appends until it is killed: 64 callers on 16 streams append single events and
// batches, without waiting for one another. It prints the id of each event once its append is
// acknowledged. Arguments: the store's file, and a name that sets this run's events apart.
import { writeSync } from 'node:fs';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { noPreviousEvent, recordOf, uuidOf } from '@penalty-ledger/ledger';

const [file, run] = process.argv.slice(2);
const store = openSqliteEventStore(file, { access: 'write' });
const streams = Array.from({ length: 16 }, (_, index) => `agency/${index}`);
/** The event each next one is to follow, whether it is acknowledged or not. */
const tails = new Map();
let made = 0;

for (const stream of streams) tails.set(stream, await lastOf(stream));
await Promise.all(Array.from({ length: 64 }, (_, caller) => append(caller)));

async function append(caller) {
  for (;;) {
    const stream = streams[caller % streams.length];
    const tail = tails.get(stream);
    const events = chain(stream, tail, 1 + (made % 3));
    tails.set(stream, events.at(-1));
    await store.append(stream, tail === undefined ? 'no_stream' : tail.revision, events);
    // The write is synchronous and fits a pipe's buffer, so the parent reads all that is printed.
    writeSync(1, `${events.map((event) => event.id).join('\n')}\n`);
  }
}

async function lastOf(stream) {
  let last;
  for await (const batch of store.readStream(stream)) last = batch.at(-1);
  return last;
}

function chain(stream, tail, count) {
  const events = [];
  for (let last = tail; events.length < count; events.push(last)) {
    made += 1;
    const id = uuidOf(`${run}/${made}`);
    last = recordOf({
      actor: 'system:kill-test',
      // The batch, so that the parent notices a part of one.
      causation: {
        command: 'RecordEntry',
        commandId: `${run}/${made - events.length}/${count}`,
        fingerprint: '0'.repeat(64),
      },
      data: { filler: 'x'.repeat(made % 700) },
      format: 1,
      id,
      previous: last?.leafHash ?? noPreviousEvent,
      recordedAt: '2025-03-01T09:00:00.000Z',
      revision: last === undefined ? 0 : last.revision + 1,
      schemaVersion: 1,
      stream,
      type: 'EntryRecorded',
    });
  }
  return events;
}
