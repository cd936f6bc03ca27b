import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  importRules,
  applyLines,
  LeaseLostError,
  LedgerNode,
  NotCaughtUpError,
  openLedger,
  openReader,
  readLines,
  type Clock,
  type OpenedLedger,
} from '@penalty-ledger/application';
import { copyLedger } from '@penalty-ledger/application/copying';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { StoreLockedError } from '@penalty-ledger/event-store';
import { instantOf } from '@penalty-ledger/ledger';
import { checkConsistency, openCheckpoint, parseVerifierKey } from '@penalty-ledger/merkle-log';
import { WireServer } from '../support/eventstoredb/index.js';

let folder: string;
let server: WireServer;
let url: string;
let nowMs: number;
let opened: { close(): Promise<void> }[];

const clock: Clock = { now: () => instantOf(nowMs) };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nodes-'));
  server = await WireServer.start();
  url = server.url;
  nowMs = Date.UTC(2030, 0, 1);
  opened = [];
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_KEYS'] = join(folder, 'shared.keys.db');
});

afterEach(async () => {
  for (const each of opened) await each.close();
  await server.stop();
  delete process.env['LEDGER_ALLOW_INSECURE'];
  delete process.env['LEDGER_KEYS'];
  delete process.env['LEDGER_DATA'];
  rmSync(folder, { recursive: true });
});

/** Opens as a node with local files of its own. */
function as<Opened extends { close(): Promise<void> }>(
  node: string,
  open: () => Promise<Opened>,
): Promise<Opened> {
  process.env['LEDGER_DATA'] = join(folder, node);
  return open().then((given) => {
    let closed: Promise<void> | undefined;
    const close = given.close.bind(given);
    given.close = () => (closed ??= close());
    opened.push(given);
    return given;
  });
}

const writer = (node: string): Promise<OpenedLedger> =>
  as(node, async () => {
    const ledger = await openLedger({
      url,
      simulation: false,
      openedAt: clock.now(),
      clock,
      node: { holder: node },
    });
    // What it finds on the engine is recorded before anything is counted here.
    await ledger.tripwires?.look();
    return ledger;
  });

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function admit({ send }: OpenedLedger, ...ids: string[]): Promise<(string | null)[]> {
  const lines = ids.map((id) =>
    JSON.stringify({ command: 'AdmitAgency', data: { agencyId: id, name: `机构${id}` } }),
  );
  const codes: (string | null)[] = [];
  const texts = readLines(bytesOf(`${lines.join('\n')}\n`));
  for await (const batch of applyLines(texts, importRules(clock), { send }))
    for (const { outcome } of batch) codes.push(outcome.code ?? outcome.status);
  return codes;
}

it('what a node decided together is under way to the engine at once', async () => {
  const node = await writer('one');
  const late = server.faults.next('append', { kind: 'late-reply' });
  const admitted = admit(node, 'a1', 'a2', 'a3');
  await late.hit;
  const reads = (): number => server.calls.filter(({ method }) => method === 'read').length;
  const before = reads();
  const isStored = (id: string): boolean => server.log.events(`ledger/agency-${id}`).length === 1;
  while (!isStored('a2') || !isStored('a3')) await new Promise((resolve) => setTimeout(resolve, 5));
  // Nothing was given up and read back meanwhile: none of them waited for the answer of the first.
  expect(reads()).toBe(before);
  late.release();
  expect(await admitted).toEqual(['accepted', 'accepted', 'accepted']);
});

it('commands that come while an append is under way are decided together', async () => {
  const node = await writer('one');
  const first = server.faults.next('append', { kind: 'late-reply' });
  const second = server.faults.next('append', { kind: 'late-reply' });
  const admitted = [admit(node, 'b0')];
  await first.hit;
  for (const id of ['b1', 'b2', 'b3', 'b4']) admitted.push(admit(node, id));
  first.release();
  await second.hit;
  const isStored = (id: string): boolean => server.log.events(`ledger/agency-${id}`).length === 1;
  // None of them waits for the answer to another.
  while (!['b1', 'b2', 'b3', 'b4'].every(isStored))
    await new Promise((resolve) => setTimeout(resolve, 5));
  second.release();
  expect((await Promise.all(admitted)).flat()).toEqual(Array(5).fill('accepted'));
});

const balance = (agencyId: string) => ({ query: 'balance', agencyId }) as const;

it('takes commands on one node at a time, and the other names that node', async () => {
  const one = await writer('one');
  await expect(writer('two')).rejects.toThrow(StoreLockedError);
  await expect(writer('two')).rejects.toThrow(/the node one takes the commands of esdb:/);
  await one.close();
  const two = await writer('two');
  expect(await admit(two, 'a1')).toEqual(['accepted']);
});

it('continues on another node when one dies, with consistent checkpoints', async () => {
  const one = await writer('one');
  expect(await admit(one, 'a1', 'a2')).toEqual(['accepted', 'accepted']);
  const first = await one.checkpoint();
  nowMs += 3_600_000;
  expect(one.isHolder()).toBe(false);
  const two = await writer('two');
  expect(await admit(two, 'a3', 'a1')).toEqual(['accepted', 'duplicate']);
  const second = await two.checkpoint();

  await expect(admit(one, 'a4')).rejects.toThrow(LeaseLostError);
  await expect(one.checkpoint()).rejects.toThrow();
  await two.close();

  const three = await as('three', () => openLog(url));
  const key = parseVerifierKey(three.verifierKey);
  const notes = three.sequencer.checkpoints.map(({ note }) => note);
  expect(notes).toEqual(expect.arrayContaining([first, second]));
  expect(await three.checkpoint()).toBe(notes.at(-1));
  const checkpoints = notes.map((note) => openCheckpoint(note, [key]));
  for (const [index, later] of checkpoints.entries()) {
    const earlier = checkpoints[index - 1];
    if (earlier === undefined) continue;
    const proof = three.sequencer.consistencyProof(earlier.size, later.size);
    checkConsistency(earlier.size, earlier.root, later.size, later.root, proof);
  }
  expect(await verifyLedger({ url })).toMatchObject({
    holds: true,
    events: checkpoints.at(-1)!.size,
  });
});

it('records a command once when a node that stood still sends it after its term', async () => {
  const one = await writer('one');
  const held = server.faults.next('append', { kind: 'late-request', clock: 'wrong' });
  const stalled = admit(one, 'a1');
  stalled.catch(() => undefined);
  await held.hit;
  nowMs += 3_600_000;
  const two = await writer('two');
  held.release();
  await expect(stalled).rejects.toThrow(LeaseLostError);
  const isLate = (): boolean => server.log.events('ledger/agency-a1').length === 1;
  expect(isLate()).toBe(true);

  expect(await admit(two, 'a2', 'a1')).toEqual(['accepted', 'accepted']);
  expect(await admit(two, 'a1')).toEqual(['duplicate']);
  expect(await two.reader.answer(balance('a1'))).toMatchObject({ standing: 'active' });
  await two.tripwires?.look();
  expect(two.tripwires?.alarms.filter(({ code }) => code === 'late_append')).toEqual([
    expect.objectContaining({
      stream: 'agency-a1',
      what: { en: expect.stringMatching(/in term 1/) as string, zh: expect.any(String) as string },
    }),
  ]);
  await two.checkpoint();
  await two.close();

  const found = await verifyLedger({ url });
  expect(found.holds).toBe(true);
  expect(found.lateAppends).toMatchObject([{ stream: 'agency-a1', term: 1, during: 2 }]);
  const copy = `sqlite:${join(folder, 'copy', 'ledger.db')}`;
  const copied = await copyLedger({ from: url, to: copy, keys: true, clock });
  expect(copied.lateAppends).toEqual(found.lateAppends);
  expect(await verifyLedger({ url: copy })).toMatchObject({
    holds: true,
    events: found.events,
    lateAppends: [],
  });
});

it('is not opened for commands by a node that has not the keys', async () => {
  await (await writer('one')).close();
  process.env['LEDGER_KEYS'] = join(folder, 'other.keys.db');
  await expect(writer('two')).rejects.toMatchObject({ code: 'signing_key_lost' });
  process.env['LEDGER_KEYS'] = join(folder, 'shared.keys.db');
  expect((await writer('two')).isHolder()).toBe(true);
});

it('shares a key file under a passphrase, and stays shut on a node without it', async () => {
  const phrase = join(folder, 'phrase.txt');
  writeFileSync(phrase, 'four words of nobody\n');
  process.env['LEDGER_KEYS_PASSPHRASE_FILE'] = phrase;
  try {
    const one = await writer('one');
    expect(await admit(one, 'a1')).toEqual(['accepted']);
    await one.close();
    const two = await writer('two');
    expect(await two.reader.nameOf('a1')).toBe('机构a1');
    expect(await admit(two, 'a2')).toEqual(['accepted']);
    await two.close();
    delete process.env['LEDGER_KEYS_PASSPHRASE_FILE'];
    await expect(writer('three')).rejects.toMatchObject({ code: 'keys_locked' });
  } finally {
    delete process.env['LEDGER_KEYS_PASSPHRASE_FILE'];
  }
});

it('answers on one node with what was written on another, by its position', async () => {
  const one = await writer('one');
  const { reader } = await as('two', () => openReader(url, clock));
  expect(await reader.answer(balance('a1'))).toEqual({ error: 'unknown_agency' });
  const before = one.ledger.position!;
  await admit(one, 'a1');
  const after = one.ledger.position!;
  await reader.atLeast(before, 0);
  await reader.atLeast(after, 5_000);
  expect(await reader.answer(balance('a1'))).toMatchObject({ agencyId: 'a1', standing: 'active' });
});

it('waits for a later position, and no longer than the given time', async () => {
  const one = await writer('one');
  const { reader } = await as('two', () => openReader(url, clock));
  const [commit, prepare] = one.ledger.position!.split('/').map(BigInt);
  const later = `${commit! + 1n}/${prepare! + 1n}`;
  await expect(reader.atLeast(later, 50)).rejects.toThrow(NotCaughtUpError);
  const waited = reader.atLeast(later, 10_000);
  await admit(one, 'a1');
  await waited;
  expect(await reader.answer(balance('a1'))).toMatchObject({ agencyId: 'a1' });
  await expect(reader.atLeast('yesterday', 50)).rejects.toThrow(RangeError);
});

describe('a lease that the engine confirms after its end', () => {
  /** Fourteen seconds pass between any two looks at it; a term of fifteen ends a tenth earlier. */
  const hurried: Clock = { now: () => instantOf((nowMs += 14_000)) };

  beforeEach(async () => {
    await (await writer('first')).close();
  });

  it('is lost, and no term begins with it', async () => {
    const openedAt = clock.now();
    await expect(
      as('late', () => openLedger({ url, simulation: false, openedAt, clock: hurried, node: {} })),
    ).rejects.toThrow(LeaseLostError);
    const terms = server.log.events().filter(({ stream }) => stream.endsWith('terms'));
    expect(terms).toHaveLength(1);
  });

  it('leaves a node that starts a reader, which answers', async () => {
    const node = await as('late', () =>
      LedgerNode.open({ url, simulation: false, clock: hurried }),
    );
    expect(node.role).toBe('reader');
    expect(node.reading.reader.settings.simulation).toBe(false);
  });
});
