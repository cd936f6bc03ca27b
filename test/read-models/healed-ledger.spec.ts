import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  openLedger,
  openReader,
  readQuery,
  type LedgerReader,
  type OpenedLedger,
} from '@penalty-ledger/application';
import { examineReadModelsAt, rebuildChannel } from '@penalty-ledger/application/read-models';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { openSqliteEventStore } from '@penalty-ledger/event-store';
import { temporaryFolder } from '../support/folder.js';
import { rounds } from '../support/rounds.js';
import { importLines, sampleClock, sampleLines, sendLines } from './sample-ledger.js';

const folder = temporaryFolder();
const lines = sampleLines();
const pageBytes = 4_096;
const reported: unknown[] = [];
const listen = (message: unknown): void => {
  reported.push((message as { readonly found: unknown }).found);
};

let states = 0;
let answers: unknown;
let events: number;
let clean: string;

const urlOf = (place: string): string => `sqlite:${join(place, 'ledger.db')}`;
const viewsOf = (place: string): string => join(place, 'ledger.views.db');

async function answersOf(reader: LedgerReader): Promise<unknown> {
  const asked: unknown[] = [{ query: 'agencies', effectiveAt: '2019-05-02T00:00:00Z' }];
  for (const agencyId of ['a0', 'a3', 'a7'])
    asked.push({ query: 'assessment', agencyId, month: '2019-04' });
  for (const sessionId of ['s0', 's77', 's159']) asked.push({ query: 'session', sessionId });
  const found: unknown[] = [];
  for (const query of asked) {
    const read = readQuery(query);
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    found.push(await reader.answer(read.query));
  }
  found.push(
    await reader.appeals({ limit: 50 }),
    await reader.sessions({ creatorId: 'c-a7', limit: 50 }),
  );
  return found;
}

async function eventsIn(place: string): Promise<number> {
  const store = openSqliteEventStore(join(place, 'ledger.db'), { access: 'read' });
  let count = 0;
  for await (const batch of store.readAll()) count += batch.length;
  await store.close();
  return count;
}

const openedAgain = (place: string): Promise<OpenedLedger> => {
  const clock = sampleClock();
  return openLedger({ url: urlOf(place), simulation: false, openedAt: clock.now(), clock });
};

/** A copy of the clean ledger, to be damaged. */
function copyOfLedger(): string {
  states += 1;
  const place = join(folder, `state-${String(states)}`);
  cpSync(clean, place, { recursive: true });
  return place;
}

/** Writes bytes into a file that others have open, at a place. */
function overwrite(path: string, position: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

function zeroAllPages(path: string): void {
  const { size } = statSync(path);
  overwrite(path, pageBytes, new Uint8Array(size - pageBytes));
}

/** Flips a digit of the last session id in the file: SQLite cannot see it. */
function changeOneSession(path: string): void {
  const at = readFileSync(path).lastIndexOf('s159');
  overwrite(path, at + 3, Buffer.from('8'));
}

/** The same file once more: every line is a duplicate, and every answer is as before. */
async function expectAsBefore(opened: OpenedLedger): Promise<void> {
  const outcomes = await sendLines(opened, lines);
  expect(new Set(outcomes.map(({ outcome }) => outcome.status))).toEqual(new Set(['duplicate']));
  expect(await answersOf(opened.reader)).toEqual(answers);
}

beforeAll(async () => {
  subscribe(rebuildChannel.name, listen);
  clean = join(folder, 'clean');
  mkdirSync(clean);
  const outcomes = await importLines(urlOf(clean), lines);
  expect(new Set(outcomes.map(({ outcome }) => outcome.status))).toEqual(new Set(['accepted']));
  const reader = await openReader(urlOf(clean), sampleClock());
  answers = await answersOf(reader.reader);
  await reader.close();
  events = await eventsIn(clean);
});

beforeEach(() => {
  reported.length = 0;
});

afterAll(() => {
  unsubscribe(rebuildChannel.name, listen);
});

describe('a ledger whose read models were damaged while it was closed', () => {
  const random = (below: number, state: number): number =>
    Math.floor((((Math.imul(state + 1, 2_654_435_761) >>> 0) % 1_000_003) / 1_000_003) * below);
  const damages: readonly (readonly [string, (views: string) => void])[] = [
    ['every page but the first zeroed', zeroAllPages],
    ['the digit of an id changed', changeOneSession],
    [
      'the file cut in half',
      (views) => overwriteWith(views, (all) => all.subarray(0, all.length / 2)),
    ],
    ['the sums gone', (views) => rmSync(`${views}-pages`)],
    ...Array.from({ length: 6 * rounds }, (_, index): (typeof damages)[number] => [
      `page ${String(index)} of some zeroed`,
      (views) => {
        const page = random(statSync(views).size / pageBytes, index);
        overwrite(views, page * pageBytes, new Uint8Array(pageBytes));
      },
    ]),
  ];

  it.each(damages)('accepts nothing twice and answers as before: %s', async (_, damage) => {
    const place = copyOfLedger();
    damage(viewsOf(place));
    const store = openSqliteEventStore(join(place, 'ledger.db'), { access: 'read' });
    const examined = await examineReadModelsAt(viewsOf(place), store);
    await store.close();
    expect(examined.damage).not.toEqual([]);
    const opened = await openedAgain(place);
    await expectAsBefore(opened);
    await opened.close();
    expect(reported).toHaveLength(1);
    expect(await eventsIn(place)).toBe(events);
    expect((await verifyLedger({ url: urlOf(place) })).holds).toBe(true);
  });
});

describe('a ledger whose read models are damaged while it is open', () => {
  it('goes on with commands and with questions when SQLite meets the damage', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    zeroAllPages(viewsOf(place));
    await expectAsBefore(opened);
    const added = [
      {
        command: 'AdmitAgency',
        data: { agencyId: 'new', name: 'New', effectiveAt: '2019-01-02T00:00:00+08:00' },
      },
    ];
    const [first] = await sendLines(opened, added);
    const [again] = await sendLines(opened, added);
    expect([first?.outcome.status, again?.outcome.status]).toEqual(['accepted', 'duplicate']);
    await opened.close();
    expect(reported).toHaveLength(1);
    expect(await eventsIn(place)).toBe(events + 1);
  });

  it('goes on answering as a reader', async () => {
    const place = copyOfLedger();
    const { reader, close } = await openReader(urlOf(place), sampleClock());
    zeroAllPages(viewsOf(place));
    expect(await answersOf(reader)).toEqual(answers);
    await close();
    expect(reported).toHaveLength(1);
  });

  it('is healed by the scrub of what SQLite cannot see', async () => {
    const place = copyOfLedger();
    const { reader, close } = await openReader(urlOf(place), sampleClock());
    changeOneSession(viewsOf(place));
    await reader.scrub.step(1);
    expect(reported).toEqual([
      {
        en: expect.stringMatching(/^page \d+ is not as it was written$/) as string,
        zh: expect.stringMatching(/^第 \d+ 页与写入时不同$/) as string,
      },
    ]);
    expect(await answersOf(reader)).toEqual(answers);
    await reader.scrub.step(2);
    expect(reader.scrub.lastPassAt).toBe(2);
    await close();
  });

  it('finds at the next answer what SQLite cannot see, where a program wrote it', async () => {
    const place = copyOfLedger();
    const { reader, close } = await openReader(urlOf(place), sampleClock());
    changeOneSession(viewsOf(place));
    expect(await answersOf(reader)).toEqual(answers);
    expect(reported).toEqual([
      {
        en: expect.stringMatching(/^page \d+ is not as it was written$/) as string,
        zh: expect.stringMatching(/^第 \d+ 页与写入时不同$/) as string,
      },
    ]);
    await close();
  });

  it('finds at the next command what SQLite cannot see, and accepts no id twice', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    changeOneSession(viewsOf(place));
    const again = lines.filter((line) => JSON.stringify(line).includes('"s159"'));
    const [outcome] = await sendLines(opened, again);
    expect(outcome?.outcome.status).toBe('duplicate');
    expect(reported).toHaveLength(1);
    await opened.close();
    expect(await eventsIn(place)).toBe(events);
  });

  it('is compared, and not rebuilt, when the file is written to without a change', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    const { readModels } = opened.ledger.parts;
    const compare = jest.spyOn(readModels, 'compareAllPages');
    await expectAsBefore(opened);
    expect(compare).not.toHaveBeenCalled();
    overwrite(viewsOf(place), 0, readFileSync(viewsOf(place)).subarray(0, 1));
    await expectAsBefore(opened);
    expect(compare).toHaveBeenCalledTimes(1);
    expect(reported).toEqual([]);
    await opened.close();
  });

  it('takes up read models that another process rebuilt', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    changeOneSession(viewsOf(place));
    const { reader, close } = await openReader(urlOf(place), sampleClock());
    expect(await answersOf(reader)).toEqual(answers);
    await close();
    await expectAsBefore(opened);
    await opened.close();
    expect(await eventsIn(place)).toBe(events);
    expect((await verifyLedger({ url: urlOf(place) })).holds).toBe(true);
  });

  it('folds them again when the file is deleted', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    for (const suffix of ['', '-wal', '-shm', '-pages'])
      rmSync(`${viewsOf(place)}${suffix}`, { force: true });
    await expectAsBefore(opened);
    await opened.close();
    expect(await eventsIn(place)).toBe(events);
  });

  it('stops when the rebuilt read models are damaged too', async () => {
    const place = copyOfLedger();
    const opened = await openedAgain(place);
    const { readModels } = opened.ledger.parts;
    const found = { en: 'nothing helps', zh: '无济于事' };
    jest.spyOn(readModels, 'replaceDamaged').mockImplementation(() => found);
    readModels.markDamaged(found);
    await expect(sendLines(opened, lines)).rejects.toMatchObject({ code: 'read_models_damaged' });
    await opened.close().catch(() => undefined);
  });
});

function overwriteWith(path: string, change: (bytes: Buffer) => Uint8Array): void {
  const bytes = change(readFileSync(path));
  rmSync(path);
  const file = openSync(path, 'w', 0o600);
  writeSync(file, bytes);
  closeSync(file);
}
