import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openLedger } from '@penalty-ledger/application';
import type { EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { collect, followUntil, recordIn, sampleEvents } from '@penalty-ledger/event-store/contract';
import { instantOf } from '@penalty-ledger/ledger';
import { openOn } from '../eventstoredb/engine-under-test.js';
import { cutOff, jsonProposal, WireServer } from '../support/eventstoredb/index.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const environment = process.env;
const stream = 'agency-a7';
const many = 3_000;

let server: WireServer;
let store: EventStoreDb;
/** Records of the log that reads were sent. */
let sent = 0;

beforeEach(async () => {
  server = await WireServer.start();
  store = openOn(server, { timings: { deadlineMs: 300 } });
  const { log } = server;
  const readAll = log.readAll.bind(log);
  sent = 0;
  log.readAll = function* (asked) {
    for (const event of readAll(asked)) {
      sent += 1;
      yield event;
    }
  };
});

afterEach(async () => {
  await store.close();
  await server.stop();
  process.env = environment;
});

/** Another program's events, as many as several pages hold. */
function othersWrite(count = many): void {
  const proposals = Array.from({ length: count }, (_, n) =>
    jsonProposal(randomUUID(), 'OrderPlaced', { n }),
  );
  server.log.append('orders-1', 'any', proposals);
}

async function sentFor<Result>(read: () => Promise<Result>): Promise<readonly [Result, number]> {
  const before = sent;
  const result = await read();
  return [result, sent - before];
}

const events = sampleEvents(stream, 3);

it('what others wrote before and after a ledger is not sent', async () => {
  othersWrite();
  const { position } = await store.append(stream, 'no_stream', events);
  othersWrite();
  const [head, sentForHead] = await sentFor(() => store.head());
  expect(head).toBe(position);
  expect(sentForHead).toBeLessThan(200);
  const [read, sentForReading] = await sentFor(() => collect(store.readAll()));
  expect(read.map(recordIn)).toEqual(events);
  expect(sentForReading).toBeLessThan(1_100);
});

it('a ledger without events is looked for once', async () => {
  othersWrite();
  for (const maxSent of [200, 2, 2]) {
    const [head, sentForHead] = await sentFor(() => store.head());
    expect(head).toBeUndefined();
    expect(sentForHead).toBeLessThanOrEqual(maxSent);
  }
  const { position } = await store.append(stream, 'no_stream', events);
  othersWrite(500);
  for (const maxSent of [1_200, 2]) {
    const [head, sentForHead] = await sentFor(() => store.head());
    expect(head).toBe(position);
    expect(sentForHead).toBeLessThanOrEqual(maxSent);
  }
});

it('a follower of a ledger without events reads none of others', async () => {
  othersWrite();
  const following = followUntil(store, 3);
  await store.append(stream, 'no_stream', events);
  expect((await following).map(recordIn)).toEqual(events);
  expect(sent).toBeLessThan(1_300);
});

it('what is known of the end counts only while the engine still has it', async () => {
  await store.append(stream, 'no_stream', events);
  const [, second, third] = await collect(store.readAll());
  othersWrite(500);
  expect(await store.head()).toBe(third!.position);
  const [commit = '', prepare = ''] = second!.position.split('/');
  cutOff(server.log, { commit: BigInt(commit), prepare: BigInt(prepare) });
  for (const count of [1, 2_000]) {
    othersWrite(count);
    expect(await store.head()).toBe(second!.position);
  }
});

it('an engine that searches for too long is read page by page', async () => {
  othersWrite();
  const { position } = await store.append(stream, 'no_stream', events);
  for (let each = 0; each < 2; each += 1) server.faults.next('read', { kind: 'hang' });
  expect((await collect(store.readAll())).map(recordIn)).toEqual(events);
  expect(sent).toBeGreaterThan(many);
  othersWrite();
  expect(await store.head()).toBe(position);
});

it('a ledger is opened on a used engine without reading what others wrote', async () => {
  process.env = { ...environment, LEDGER_ALLOW_INSECURE: '1', LEDGER_DATA: join(folder, 'data') };
  othersWrite();
  const openedAt = instantOf(Date.UTC(2030, 0, 1));
  const opening = () => openLedger({ url: server.url, simulation: false, openedAt });
  for (const more of [0, many]) {
    othersWrite(more);
    const [opened, sentForOpening] = await sentFor(opening);
    expect(sentForOpening).toBeLessThan(many / 2);
    await opened.close();
  }
});
