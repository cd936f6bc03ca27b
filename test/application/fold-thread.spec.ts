import { join } from 'node:path';
import { MemoryEventStore, MemoryLog, type StoredEvent } from '@penalty-ledger/event-store';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { readEvent, UnknownEventError } from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  projectorInThisThread,
  ReadModels,
  type Digests,
} from '@penalty-ledger/projections';
import { temporaryFolder } from '../support/folder.js';
import { TestLedger } from '../support/test-ledger.js';

const folder = temporaryFolder();
const deductions = 6_000;
const agencies = Array.from({ length: 20 }, (_, index) => `a${String(index)}`);
/** Long enough a way for a thread, and its end is cut from a batch. */
const events = deductions + agencies.length;

let log: MemoryLog;
let store: MemoryEventStore;
let expected: Digests;
const opened: ReadModels[] = [];

function openViews(name: string): ReadModels {
  const readModels = ReadModels.open(join(folder, `${name}.db`));
  opened.push(readModels);
  return readModels;
}

beforeAll(async () => {
  log = new MemoryLog();
  store = new MemoryEventStore(log);
  const ledger = await TestLedger.open('observer', store);
  const at = '2019-06-01T00:00:00Z';
  await ledger.applyTogether(
    agencies.map((agencyId) => ({
      at,
      command: 'AdmitAgency',
      data: { agencyId, name: '云帆', effectiveAt: '2019-01-02T00:00:00Z' },
    })),
  );
  const lines = Array.from({ length: deductions }, (_, index) => ({
    at,
    command: 'RecordDeduction',
    data: {
      agencyId: agencies[index % agencies.length],
      deductionId: `d${String(index)}`,
      points: 5,
      clause: 'creator-violation',
      occurredAt: '2019-05-01T10:00:00+08:00',
      effectiveAt: '2019-05-02T10:00:00+08:00',
    },
  }));
  const outcomes = await ledger.applyTogether(lines);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['accepted']));
  await ledger.finish();
  expected = ledger.readModels.digests();
  await ledger.close();
  store = new MemoryEventStore(log);
}, 60_000);

afterEach(() => {
  for (const readModels of opened.splice(0)) readModels.close();
});

describe('a projector that another process was ahead of', () => {
  it('folds in what it is given next, and reads nothing of it from the store', async () => {
    const records: StoredEvent[] = [];
    for await (const batch of store.readAll()) records.push(...batch);
    const reading = jest.spyOn(store, 'readAll');
    const readModels = openViews('ahead');
    const projector = projectorInThisThread(readModels, store);
    const give = async (from: number, to: number): Promise<void> => {
      const given = records.slice(from, to);
      const last = given.at(-1)?.position ?? '';
      await projector.fold(
        given.map((record) => readEvent(record)),
        last,
      );
    };
    await openViews('ahead').catchUp(store, { upTo: records[1_999]?.position ?? '' });
    reading.mockClear();
    await give(0, 1_000);
    await give(1_000, 3_000);
    expect(readModels.progress.events).toBe(3_000);
    expect(reading.mock.calls.map(([options]) => options?.after)).toEqual([
      records[1_999]?.position,
    ]);
    reading.mockClear();
    await give(3_000, records.length);
    expect(reading).not.toHaveBeenCalled();
    expect(readModels.digests()).toEqual(expected);
    reading.mockRestore();
    await projector.close();
  });
});

describe('a long way to catch up', () => {
  it('is folded in beside the reading, to the same rows', async () => {
    const readModels = openViews('whole');
    const applied = jest.spyOn(readModels, 'apply');
    const progress: number[] = [];
    await catchUpInItsOwnThread(readModels, store, (count) => progress.push(count));
    expect(readModels.digests()).toEqual(expected);
    const here = applied.mock.calls.reduce((sum, [folded]) => sum + folded.length, 0);
    expect(here).toBeLessThanOrEqual(4_000);
    expect(progress.at(-1)).toBe(readModels.progress.events);
    expect(readModels.progress.events).toBeGreaterThan(events);
  });

  it('is folded in here when nothing but this thread can see the read models', async () => {
    const readModels = ReadModels.open(':memory:');
    opened.push(readModels);
    await catchUpInItsOwnThread(readModels, store);
    expect(readModels.digests()).toEqual(expected);
  });

  it('goes on where the read models are', async () => {
    const readModels = openViews('rest');
    await readModels
      .catchUp(store, {
        fold: (batch, after, last) =>
          readModels.progress.events >= 2_000
            ? Promise.reject(new Error('killed'))
            : readModels.fold(batch, after, last),
      })
      .catch(() => undefined);
    expect(readModels.progress.events).toBe(2_000);
    await catchUpInItsOwnThread(readModels, store);
    expect(readModels.digests()).toEqual(expected);
  });

  it('is folded in once when two processes do it at once', async () => {
    const [one, two] = [openViews('shared'), openViews('shared')];
    await Promise.all([catchUpInItsOwnThread(one, store), catchUpInItsOwnThread(two, store)]);
    expect(one.digests()).toEqual(expected);
    expect(two.progress).toEqual(one.progress);
  });

  it('stops at an unknown event and names it, with all events before it folded in', async () => {
    const strange = new MemoryEventStore(log);
    await strange.append('from-the-future', 'no_stream', sampleEvents('from-the-future', 1));
    const readModels = openViews('future');
    await expect(catchUpInItsOwnThread(readModels, strange)).rejects.toBeInstanceOf(
      UnknownEventError,
    );
    await expect(catchUpInItsOwnThread(readModels, strange)).rejects.toThrow('"from-the-future"');
    expect(readModels.progress.events).toBeGreaterThanOrEqual(4_000);
  });
});
