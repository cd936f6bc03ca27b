import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger, readQuery, type OpenedLedger } from '@penalty-ledger/application';
import { rebuildChannel } from '@penalty-ledger/application/read-models';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { sampleClock, sampleLines, sendLines } from '../read-models/sample-ledger.js';
import { temporaryFolder } from '../support/folder.js';
import { WireServer } from '../support/eventstoredb/index.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const clock = sampleClock();
const pageBytes = 4_096;
const all = sampleLines();
const earlier = all.slice(0, 150);

let server: WireServer;
let url: string;
/** The node's folder when it was closed: with the earlier lines only, and with all of them. */
let older: string;
let complete: string;
let answers: unknown;
let stored: number;
let states = 0;
const reported: string[] = [];
const listen = (message: unknown): void => {
  reported.push((message as { readonly found: string }).found);
};

const openNode = (data: string): Promise<OpenedLedger> => {
  process.env['LEDGER_DATA'] = data;
  return openLedger({
    url,
    simulation: false,
    openedAt: clock.now(),
    clock,
    tripwiresEveryMs: 1e9,
  });
};

const fileIn = (data: string, kind: 'log' | 'views'): string =>
  join(
    data,
    readdirSync(data).find((name) => name.endsWith(`.${kind}.db`))!,
  );

async function answersOf({ reader }: OpenedLedger): Promise<unknown> {
  const found: unknown[] = [];
  for (const asked of [
    { query: 'agencies', effectiveAt: '2019-05-02T00:00:00Z' },
    { query: 'session', sessionId: 's77' },
    { query: 'assessment', agencyId: 'a3', month: '2019-04' },
  ]) {
    const read = readQuery(asked);
    if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
    found.push(await reader.answer(read.query));
  }
  return found;
}

const eventsOnTheEngine = (): number =>
  server.log.events().filter(({ stream }) => /^ledger\/(?:agency|creator|session)-/.test(stream))
    .length;

beforeAll(async () => {
  subscribe(rebuildChannel.name, listen);
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_KEYS'] = join(folder, 'shared.keys.db');
  server = await WireServer.start();
  url = server.url;
  const data = join(folder, 'node');
  older = join(folder, 'older');
  complete = join(folder, 'complete');
  let node = await openNode(data);
  await sendLines(node, earlier);
  await node.checkpoint();
  await node.close();
  cpSync(data, older, { recursive: true });
  node = await openNode(data);
  await sendLines(node, all);
  await node.checkpoint();
  answers = await answersOf(node);
  await node.close();
  cpSync(data, complete, { recursive: true });
  stored = eventsOnTheEngine();
  expect(stored).toBeGreaterThan(all.length / 2);
});

afterAll(async () => {
  unsubscribe(rebuildChannel.name, listen);
  await server.stop();
  delete process.env['LEDGER_ALLOW_INSECURE'];
  delete process.env['LEDGER_KEYS'];
  delete process.env['LEDGER_DATA'];
});

beforeEach(() => {
  reported.length = 0;
});

function copyOfNode(): string {
  states += 1;
  const data = join(folder, `state-${String(states)}`);
  cpSync(complete, data, { recursive: true });
  return data;
}

function remove(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-pages']) rmSync(`${path}${suffix}`, { force: true });
}

function putOlder(path: string, kind: 'log' | 'views'): void {
  remove(path);
  for (const suffix of ['', '-wal', '-pages'])
    if (existsSync(`${fileIn(older, kind)}${suffix}`))
      cpSync(`${fileIn(older, kind)}${suffix}`, `${path}${suffix}`);
}

/** Zeroes everything but the first page, in place. */
function zero(path: string): void {
  writeFileSync(path, readFileSync(path).fill(0, pageBytes), { flag: 'r+' });
}

/** Everything sent again is there already; all answers are as before, and the ledger verifies. */
async function expectAsBefore(node: OpenedLedger): Promise<void> {
  const outcomes = await sendLines(node, all);
  expect(new Set(outcomes.map(({ outcome }) => outcome.status))).toEqual(new Set(['duplicate']));
  expect(await answersOf(node)).toEqual(answers);
  expect(eventsOnTheEngine()).toBe(stored);
}

describe.each<[string, (views: string, log: string) => void, number]>([
  ['its read models were lost', (views) => remove(views), 0],
  ['its read models were zeroed', (views) => zero(views), 1],
  ['its read models are of an earlier day', (views) => putOlder(views, 'views'), 0],
  ['its Merkle log was lost', (_, log) => remove(log), 0],
  ['its Merkle log is of an earlier day', (_, log) => putOlder(log, 'log'), 0],
  [
    'all its own files were lost',
    (views, log) => {
      remove(views);
      remove(log);
    },
    0,
  ],
])('a node on an engine, when %s', (_, damage, rebuilds) => {
  it('between two openings, decides nothing twice and answers as before', async () => {
    const data = copyOfNode();
    damage(fileIn(data, 'views'), fileIn(data, 'log'));
    const node = await openNode(data);
    await expectAsBefore(node);
    expect(reported).toHaveLength(rebuilds);
    await node.checkpoint();
    await node.close();
    expect((await verifyLedger({ url })).holds).toBe(true);
  });

  it('while it is open, decides nothing twice and answers as before', async () => {
    const data = copyOfNode();
    const node = await openNode(data);
    damage(fileIn(data, 'views'), fileIn(data, 'log'));
    await expectAsBefore(node);
    await node.checkpoint();
    await node.close();
    expect((await verifyLedger({ url })).holds).toBe(true);
  });
});
