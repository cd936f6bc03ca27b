import { setTimeout as pause } from 'node:timers/promises';
import { WriterLease } from '../../libs/application/src/shared-engine/writer-lease.js';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { openEventStoreDb, type EventStoreDb } from '@penalty-ledger/event-store/eventstoredb';
import { instantOf } from '@penalty-ledger/ledger';
import { WireServer } from '../support/eventstoredb/index.js';

const termMs = 2_000;

// Terms are measured on a clock of the tests' own, so that a busy machine ends none too early.
let nowMs: number;
let server: WireServer;
let store: EventStoreDb;
let lease: WriterLease;

beforeEach(async () => {
  nowMs = Date.UTC(2019, 0, 1);
  server = await WireServer.start();
  const timings = { firstBackoffMs: 20, maxBackoffMs: 50, patienceMs: 5_000 };
  store = openEventStoreDb(server.url, {
    access: 'write',
    insecure: true,
    now: () => instantOf(nowMs),
    timings,
  });
  lease = await WriterLease.take(store, server.url, { holder: 'one', termMs });
});

afterEach(async () => {
  if (!server.isUp) await server.up();
  await lease.release();
  await store.close();
  await server.stop();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn += 1) {
    if (turn > 2_000) throw new Error('what was waited for did not happen');
    await pause(5);
  }
}

it('is held by its own timer over several terms, in one epoch', async () => {
  const [first] = [store.lease('writer', { holder: 'other', termMs })];
  const begun = (await first.look()).term!;
  const ends = new Set<string | undefined>();
  await until(() => {
    expect(lease.isHeld()).toBe(true);
    // Time goes on by a third of a term whenever a renewal got through.
    if (!ends.has(lease.health.until)) nowMs += termMs / 3;
    ends.add(lease.health.until);
    return ends.size > 6;
  });
  expect(lease.health).toMatchObject({ failedRenewals: 0, lastFailure: undefined });
  expect((await first.look()).term).toMatchObject({ holder: 'one', epoch: begun.epoch });
});

it('reports a failed renewal in its term, and stays lost when the engine is back', async () => {
  await server.down();
  await until(() => lease.health.failedRenewals > 0);
  expect(lease.isHeld()).toBe(true);
  expect(lease.health.lastFailure?.message).toMatch(/not answered the last renewal/);
  nowMs += termMs;
  expect(lease.isHeld()).toBe(false);
  await server.up();
  const other = store.lease('writer', { holder: 'two', termMs });
  nowMs += termMs;
  await until(async () => (await other.acquire()).holder === 'two');
  expect(lease.isHeld()).toBe(false);
  expect(() => lease.assertHeld()).toThrow(
    expect.objectContaining({ code: 'lease_lost' }) as Error,
  );
});

it('forgets a renewal that failed once another got through', async () => {
  server.faults.next('append', { kind: 'access-denied' });
  await until(() => lease.health.failedRenewals === 1);
  expect(lease.health.lastFailure).toBeInstanceOf(StoreUnavailableError);
  await until(() => lease.health.failedRenewals === 0);
  expect(lease.isHeld()).toBe(true);
});

it('does not lose itself to its own late renewal', async () => {
  const late = server.faults.next('append', { kind: 'late-reply' });
  await late.hit;
  await until(() => lease.health.failedRenewals > 0);
  late.release();
  await until(() => lease.health.failedRenewals === 0);
  expect(lease.isHeld()).toBe(true);
});

it('lets nothing be sent again that was taken while it was held', async () => {
  const fenced = lease.fence(store);
  const lost = server.faults.next('append', { kind: 'lose-request' });
  const appending = fenced.append('agency-a1', 'no_stream', sampleEvents('agency-a1', 1));
  appending.catch(() => undefined);
  await lost.hit;
  await server.down();
  nowMs += termMs;
  expect(lease.isHeld()).toBe(false);
  await server.up();
  await expect(appending).rejects.toThrow(
    /nothing was appended to stream "agency-a1".*its lease is over/,
  );
  expect(await store.head()).toBeUndefined();
});
