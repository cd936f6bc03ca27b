import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  openSqliteEventStore,
  type EventStore,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import {
  openReadModels,
  ReadModels,
  rebuildChannel,
  type Digests,
} from '@penalty-ledger/projections';
import { temporaryFolder } from '../support/folder.js';
import { rounds } from '../support/rounds.js';
import { importLines, sampleLines } from './sample-ledger.js';

const folder = temporaryFolder();
const parts = ['', '-wal', '-pages'] as const;
type Files = Partial<Record<(typeof parts)[number], Buffer>>;
const pageBytes = 4_096;

let store: EventStore;
let expected: Digests;
const batches: (readonly StoredEvent[])[] = [];
const reported: string[] = [];
const listen = (message: unknown): void => {
  reported.push((message as { readonly found: string }).found);
};

/**
 * The files at moments of one life of read models: closed with a third of the events, with two
 * thirds, with all; and while open, with the second and the last third in the log.
 */
const at: Record<'third' | 'twoThirds' | 'all' | 'logOfSecond' | 'logOfLast', Files> = {
  third: {},
  twoThirds: {},
  all: {},
  logOfSecond: {},
  logOfLast: {},
};

function filesAt(path: string): Files {
  return Object.fromEntries(
    parts
      .filter((part) => existsSync(`${path}${part}`))
      .map((part) => [part, readFileSync(`${path}${part}`)]),
  );
}

beforeAll(async () => {
  subscribe(rebuildChannel.name, listen);
  await importLines(`sqlite:${join(folder, 'ledger.db')}`, sampleLines());
  store = openSqliteEventStore(join(folder, 'ledger.db'), { access: 'read' });
  for await (const batch of store.readAll({ batchSize: 20 })) batches.push(batch);
  const path = join(folder, 'life.db');
  const fold = async (from: number, to: number, look?: () => void): Promise<void> => {
    const readModels = ReadModels.open(path);
    for (const batch of batches.slice(from, to))
      await readModels.fold(batch, readModels.progress.cursor, batch.at(-1)!.position);
    look?.();
    if (to === batches.length) expected = readModels.digests();
    readModels.close();
  };
  const [one, two] = [Math.floor(batches.length / 3), Math.floor((2 * batches.length) / 3)];
  await fold(0, one);
  at.third = filesAt(path);
  await fold(one, two, () => (at.logOfSecond = filesAt(path)));
  at.twoThirds = filesAt(path);
  await fold(two, batches.length, () => (at.logOfLast = filesAt(path)));
  at.all = filesAt(path);
});

afterAll(async () => {
  unsubscribe(rebuildChannel.name, listen);
  await store.close();
});

let states = 0;

/** Opens read models that were left in these files; says whether they were rebuilt. */
async function openedFrom(files: Files): Promise<boolean> {
  states += 1;
  const path = join(folder, `state-${String(states)}.db`);
  for (const part of parts) {
    const bytes = files[part];
    if (bytes !== undefined) writeFileSync(`${path}${part}`, bytes);
  }
  reported.length = 0;
  const readModels = await openReadModels(path, store);
  const wasRebuilt = reported.length > 0;
  try {
    await readModels.catchUp(store);
    expect(readModels.digests()).toEqual(expected);
  } finally {
    readModels.close();
  }
  // And what was left is whole.
  reported.length = 0;
  (await openReadModels(path, store)).close();
  expect(reported).toEqual([]);
  for (const suffix of [...parts, '-shm', '-lock']) rmSync(`${path}${suffix}`, { force: true });
  return wasRebuilt;
}

const zeroed = (bytes: Buffer, page: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.fill(0, (page - 1) * pageBytes, page * pageBytes);
  return copy;
};

const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};

/** Numbers below a bound, the same in every run. */
function* numbersBelow(bound: number, seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield Math.floor((state / 2 ** 32) * bound);
  }
}

function take(numbers: Generator<number>, count: number): readonly number[] {
  return Array.from({ length: count }, () => numbers.next().value as number);
}

describe('read models that were closed', () => {
  it('are used as they are', async () => {
    expect(Object.keys(at.all).filter((part) => at.all[part as '']!.length > 0)).toEqual([
      '',
      '-pages',
    ]);
    expect(await openedFrom(at.all)).toBe(false);
  });

  it('are rebuilt when any one page was zeroed', async () => {
    const pages = at.all['']!.length / pageBytes;
    expect(pages).toBeGreaterThan(30);
    for (let page = 1; page <= pages; page += 1)
      expect(await openedFrom({ ...at.all, '': zeroed(at.all['']!, page) })).toBe(true);
  }, 60_000);

  it(
    'are rebuilt when one bit flipped, wherever',
    async () => {
      const bits = numbersBelow(at.all['']!.length * 8, 1);
      for (const bit of take(bits, 100 * rounds))
        expect(await openedFrom({ ...at.all, '': flipped(at.all['']!, bit) })).toBe(true);
    },
    60_000 * rounds,
  );

  it(
    'answer rightly when a bit of the sums flipped',
    async () => {
      const bits = numbersBelow(at.all['-pages']!.length * 8, 2);
      for (const bit of take(bits, 40 * rounds))
        await openedFrom({ ...at.all, '-pages': flipped(at.all['-pages']!, bit) });
    },
    60_000 * rounds,
  );

  it('are rebuilt when two pages changed places', async () => {
    const bytes = Buffer.from(at.all['']!);
    at.all['']!.copy(bytes, 3 * pageBytes, 5 * pageBytes, 6 * pageBytes);
    at.all['']!.copy(bytes, 5 * pageBytes, 3 * pageBytes, 4 * pageBytes);
    expect(await openedFrom({ ...at.all, '': bytes })).toBe(true);
  });

  it('are rebuilt when the file was cut, wherever', async () => {
    for (const length of [1, 100, 512, 4_095, 4_096, 10_000, at.all['']!.length - 1])
      await openedFrom({ ...at.all, '': at.all['']!.subarray(0, length) });
  });

  it.each<readonly [string, () => Files]>([
    ['another program’s file', () => ({ ...at.all, '': Buffer.from('notes\n'.repeat(2_000)) })],
    ['an older copy of the file alone', () => ({ ...at.all, '': at.third['']! })],
    ['an older copy of the sums alone', () => ({ ...at.all, '-pages': at.third['-pages']! })],
    ['no sums', () => ({ '': at.all['']! })],
    ['sums that are no database', () => ({ ...at.all, '-pages': Buffer.from('x'.repeat(5_000)) })],
    ['an older log', () => ({ ...at.all, '-wal': at.logOfSecond['-wal']! })],
    ['a later log than the file', () => ({ ...at.third, '-wal': at.logOfLast['-wal']! })],
  ])('are rebuilt when there is %s', async (_, files) => {
    expect(await openedFrom(files())).toBe(true);
  });

  it('are folded again, without a word, when the file is gone', async () => {
    expect(await openedFrom({ '-pages': at.all['-pages']! })).toBe(false);
    expect(await openedFrom({})).toBe(false);
  });

  it('catch up when file and sums are an older copy of both', async () => {
    expect(await openedFrom(at.third)).toBe(false);
    expect(await openedFrom(at.twoThirds)).toBe(false);
  });
});

describe('read models of a process that was killed', () => {
  it('are used as they are: before the checkpoint', async () => {
    expect(at.logOfLast['-wal']!.length).toBeGreaterThan(10 * pageBytes);
    expect(await openedFrom(at.logOfLast)).toBe(false);
  });

  it('are used as they are: when the sums were durable and no page was moved', async () => {
    expect(await openedFrom({ ...at.logOfLast, '-pages': at.all['-pages']! })).toBe(false);
  });

  it('are used as they are: when some pages were moved, in any order', async () => {
    const pages = at.all['']!.length / pageBytes;
    const isMoved = numbersBelow(2, 3);
    for (let round = 0; round < 20 * rounds; round += 1) {
      const bytes = Buffer.from(at.all['']!);
      at.logOfLast['']!.copy(bytes);
      for (let page = 1; page <= pages; page += 1)
        if (isMoved.next().value === 1)
          at.all['']!.copy(bytes, (page - 1) * pageBytes, (page - 1) * pageBytes, page * pageBytes);
      const files = { '': bytes, '-wal': at.logOfLast['-wal']!, '-pages': at.all['-pages']! };
      expect(await openedFrom(files)).toBe(false);
    }
  });

  it('are used as they are: when all pages were moved and the log was not cut', async () => {
    expect(await openedFrom({ ...at.all, '-wal': at.logOfLast['-wal']! })).toBe(false);
  });

  it('are used as they are: when the log was cut', async () => {
    expect(await openedFrom({ ...at.all, '-wal': Buffer.alloc(0) })).toBe(false);
  });

  it('are behind, and used, when the power cut took a part of the log, or all of it', async () => {
    const log = at.logOfLast['-wal']!;
    for (const length of take(numbersBelow(log.length, 4), 20 * rounds))
      expect(await openedFrom({ ...at.logOfLast, '-wal': log.subarray(0, length) })).toBe(false);
    expect(await openedFrom({ ...at.logOfLast, '-wal': undefined! })).toBe(false);
  });

  it('are behind, and used, when a bit of the log flipped', async () => {
    const log = at.logOfLast['-wal']!;
    for (const bit of take(numbersBelow(log.length * 8, 5), 20 * rounds))
      expect(await openedFrom({ ...at.logOfLast, '-wal': flipped(log, bit) })).toBe(false);
  });

  it('are rebuilt when the log was lost after its sums were durable', async () => {
    expect(await openedFrom({ '': at.logOfLast['']!, '-pages': at.all['-pages']! })).toBe(true);
  });

  it('are rebuilt when a page outside the log was zeroed', async () => {
    const rebuilt: boolean[] = [];
    for (let page = 1; page <= at.logOfLast['']!.length / pageBytes; page += 1)
      rebuilt.push(await openedFrom({ ...at.logOfLast, '': zeroed(at.logOfLast['']!, page) }));
    expect(rebuilt).toContain(true);
  });
});

it('every sum equals one that is computed afresh, after every checkpoint', () => {
  const path = join(folder, 'sums.db');
  for (const files of [at.third, at.twoThirds, at.all]) {
    for (const part of parts) {
      rmSync(`${path}${part}`, { force: true });
      if (files[part] !== undefined) writeFileSync(`${path}${part}`, files[part]);
    }
    const readModels = ReadModels.open(path);
    expect(readModels.comparePages(1, 100_000)).toEqual({
      compared: files['']!.length / pageBytes,
      damaged: [],
      next: undefined,
      writtenAt: expect.any(String) as string,
    });
    readModels.close();
  }
});
