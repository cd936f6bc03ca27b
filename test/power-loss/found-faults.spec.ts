import './simulated-machine.js';
import { KeyStore } from '@penalty-ledger/application';
import { readAccessLog } from '@penalty-ledger/application/access-log';
import { makeLastingFolder } from '@penalty-ledger/event-store';
import { useDisk } from './current-disk.js';
import { accessOf, movingClock, openService, paths } from './ledger-life.js';
import { afterStop, onlySynced } from './power-loss.js';
import { diskRoot, emptyImage, SimulatedDisk } from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

// Each of these was found by the states of power-loss.spec.ts.
beforeAll(loadSimulatedSqlite);

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk();
  useDisk(disk);
});
afterEach(() => dropConnections());

const clock = movingClock();

it('a power loss leaves new folders where they were made', () => {
  makeLastingFolder(`${diskRoot}/a/b/c`);
  expect([...onlySynced(emptyImage, disk.journal).entries.keys()].sort()).toEqual([
    diskRoot,
    `${diskRoot}/a`,
    `${diskRoot}/a/b`,
    `${diskRoot}/a/b/c`,
  ]);
});

it('a power loss leaves the first entry of a new access log', async () => {
  const service = await openService(clock);
  await service.accessLog.record(accessOf('r1'));
  useDisk(new SimulatedDisk(onlySynced(emptyImage, disk.journal)));
  const again = await openService(clock);
  const { entries } = await readAccessLog(paths.accessLog, again.anchors, { after: -1, limit: 9 });
  expect(entries.map(({ requestId }) => requestId)).toEqual(['r1']);
});

it('an access log opened after a kill has no anchor ahead of its entries', async () => {
  const service = await openService(clock);
  const file = disk.entry(paths.accessLog);
  await service.accessLog.record(accessOf('r1'));
  const written = disk.journal.findIndex((each) => each.kind === 'write' && each.file === file);
  const killed = disk.journal.slice(0, written + 1);
  const again = new SimulatedDisk(afterStop(emptyImage, killed), 1_000);
  useDisk(again);
  await openService(clock);
  useDisk(new SimulatedDisk(onlySynced(emptyImage, [...killed, ...again.journal])));
  expect((await openService(clock)).accessLog.head?.seq).toBe(0);
});

it('a key that a killed process made is durable before anything relies on it', () => {
  const keys = KeyStore.open(paths.keys);
  const made = Buffer.from(keys.findOrMake('agency:a1'));
  keys.save();
  const lastSync = disk.journal.findLastIndex(({ kind }) => kind === 'sync');
  const killed = disk.journal.slice(0, lastSync);
  const again = new SimulatedDisk(afterStop(emptyImage, killed), 1_000);
  useDisk(again);
  expect(KeyStore.open(paths.keys).find('agency:a1')).toEqual(new Uint8Array(made));
  const image = onlySynced(emptyImage, [...killed, ...again.journal]);
  useDisk(new SimulatedDisk(image));
  expect(KeyStore.open(paths.keys).find('agency:a1')).toEqual(new Uint8Array(made));
});
