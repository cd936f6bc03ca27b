import './simulated-machine.js';
import { openLedger } from '@penalty-ledger/application';
import {
  confirmFence,
  followLedger,
  promoteLedger,
  type FenceOrder,
  type SourceConnection,
} from '@penalty-ledger/application/following';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { custodyOf, openSqliteEventStore } from '@penalty-ledger/event-store';
import { leafHashOf } from '@penalty-ledger/ledger';
import { parseCheckpoint, parseNote, type SignerKey } from '@penalty-ledger/merkle-log';
import { rounds } from '../support/rounds.js';
import { currentDisk, useDisk } from './current-disk.js';
import { batches, importLines, movingClock, url as sourceLedger } from './ledger-life.js';
import { afterPowerLoss, afterStop, Choices } from './power-loss.js';
import {
  diskRoot,
  emptyImage,
  SimulatedDisk,
  type DiskImage,
  type Operation,
} from './simulated-disk.js';
import { dropConnections, loadSimulatedSqlite } from './simulated-sqlite.js';

jest.setTimeout(600_000 * rounds);

const file = `${diskRoot}/copy/ledger.db`;
const url = `sqlite:${file}`;
const firstSeed = Number(process.env['LEDGER_TEST_SEED'] ?? 1);

/** Events in a page: a copy of this ledger takes some ten. */
const pageEvents = 6;

/** A ledger on another machine, as it was when each of its checkpoints was signed. */
interface Origin {
  readonly ledgerId: string;
  readonly bodies: readonly string[];
  readonly checkpoints: readonly { readonly size: number; readonly note: string }[];
  readonly verifierKey: string;
  readonly signer: SignerKey;
  readonly signingKey: string;
  readonly subjects: readonly { readonly subject: string; readonly key: string | null }[];
}

let origin: Origin;
let journal: readonly Operation[];

async function makeOrigin(): Promise<Origin> {
  const clock = movingClock();
  const opened = await openLedger({
    url: sourceLedger,
    simulation: false,
    openedAt: clock.now(),
    clock,
  });
  const checkpoints: { size: number; note: string }[] = [];
  for (let count = 1; count <= batches.length; count += 1) {
    await importLines(opened, clock, batches.slice(0, count).flat(), () => undefined);
    const note = await opened.checkpoint();
    checkpoints.push({ size: parseCheckpoint(parseNote(note).text).size, note });
  }
  const { keys, store } = opened.ledger.parts;
  const bodies: string[] = [];
  for await (const batch of store.readAll()) bodies.push(...batch.map(({ body }) => body));
  const { subjects, signing } = keys.contents();
  const { name = '' } = signing[0] ?? {};
  const { data } = JSON.parse(bodies[0] ?? '') as { data: { ledgerId: string } };
  const found = {
    ledgerId: data.ledgerId,
    bodies,
    checkpoints,
    verifierKey: keys.signingKey(name).verifierKey,
    signer: keys.signer(name),
    signingKey: keys.shareSigningKey(name) ?? '',
    subjects: keys.share(subjects.map(({ subject }) => subject)),
  };
  await opened.close();
  return found;
}

/** The origin's service while it has so many events. What it learns of the copy is acknowledged. */
function serviceOf(events: number, fencedBy?: string): SourceConnection {
  const { ledgerId, bodies, checkpoints, subjects, signer, verifierKey, signingKey } = origin;
  const signed = checkpoints.filter(({ size }) => size <= events);
  let copyThatFenced = fencedBy;
  const service = {
    url: 'http://127.0.0.1:1',
    verifierKey: () => Promise.resolve(verifierKey),
    records: ({ after }: { readonly after: number }) => {
      // An origin in step acknowledges commands because the copy holds them.
      currentDisk().acknowledged(`held ${after}`);
      const page = bodies.slice(after, Math.min(after + pageEvents, events));
      const head = {
        ledgerId,
        after: String(after),
        ...(after > 0 && { leafHash: leafHashOf(bodies[after - 1]!) }),
        count: page.length,
        head: String(events),
        signed: signed.at(-1)?.size ?? 0,
        now: '2020-02-01T00:00:00.000Z',
        term: 1,
        lease: 'a-1',
      };
      return Promise.resolve({ head, bodies: page });
    },
    checkpoints: (after: number) => Promise.resolve(signed.filter(({ size }) => size > after)),
    sealingKeys: (wanted: readonly string[]) =>
      Promise.resolve({
        signingKey,
        subjects: subjects.filter(({ subject }) => wanted.includes(subject)),
      }),
    fence: (order: FenceOrder) => {
      copyThatFenced ??= order.copy;
      expect(order).toMatchObject({ ledgerId, copy: copyThatFenced, term: 2 });
      currentDisk().acknowledged(`fenced ${order.copy}`);
      const position = String(events);
      const confirmation = confirmFence(order, position, signer);
      return Promise.resolve({ term: order.term, position, confirmation });
    },
  };
  return service as unknown as SourceConnection;
}

const follow = (source: SourceConnection) =>
  followLedger({
    source,
    to: url,
    name: 'copy',
    withKeys: true,
    once: true,
    signal: new AbortController().signal,
    clock: movingClock('2020-02-01T00:00:00Z'),
  });

const promote = (source: SourceConnection) =>
  promoteLedger({
    url,
    source,
    formerWriterIsStopped: false,
    acceptsLostTexts: false,
    clock: movingClock('2020-02-02T00:00:00Z'),
  });

/** The role of the copy's file and its events; `undefined` while nothing is stored in it. */
async function stateOfCopy() {
  const entry = currentDisk().entry(file);
  if (typeof entry !== 'number' || currentDisk().size(entry) === 0) return undefined;
  const store = openSqliteEventStore(file, { access: 'read' });
  try {
    const bodies: string[] = [];
    for await (const batch of store.readAll()) bodies.push(...batch.map(({ body }) => body));
    const custody = custodyOf(store);
    return { role: custody?.role, promoting: custody?.details['promoting'], bodies };
  } finally {
    await store.close();
  }
}

/** Opens the copy as a service does, which also mends read models that are not as written. */
async function openToWrite(): Promise<void> {
  const clock = movingClock('2020-02-03T00:00:00Z');
  const opened = await openLedger({ url, simulation: false, openedAt: clock.now(), clock });
  await opened.close();
}

async function checkPromoted(): Promise<void> {
  const { role, bodies } = (await stateOfCopy())!;
  expect(role).toBe('writer');
  expect(bodies.slice(0, -1)).toEqual(origin.bodies);
  expect(JSON.parse(bodies.at(-1)!)).toMatchObject({
    type: 'WriterPromoted',
    data: { term: 2, formerWriter: 'fenced' },
  });
  const files = origin.checkpoints.map(({ note }, index) => ({
    kind: 'checkpoint' as const,
    name: `checkpoint ${index}`,
    bytes: Buffer.from(note),
  }));
  const { checks } = await verifyLedger({ url, files });
  expect(checks.flatMap(({ damages }) => damages)).toEqual([]);
}

/** Checks that a state is a part of the origin, goes on from there, and is promoted once. */
async function check(image: DiskImage, before: readonly Operation[]): Promise<void> {
  useDisk(new SimulatedDisk(image, 100_000));
  const facts = before.flatMap((each) => (each.kind === 'acknowledged' ? [each.fact] : []));
  const held = Math.max(0, ...facts.map((fact) => Number(/^held (\d+)$/.exec(fact)?.[1] ?? 0)));
  const fencedBy = facts.map((fact) => /^fenced (.+)$/.exec(fact)?.[1]).find(Boolean);
  const all = origin.bodies.length;
  try {
    const { role, promoting, bodies = [] } = (await stateOfCopy()) ?? {};
    dropConnections();
    expect(bodies.length).toBeGreaterThanOrEqual(held);
    if (role === 'writer') {
      expect(fencedBy).toBeDefined();
      await openToWrite();
      dropConnections();
      await checkPromoted();
      return;
    }
    // The promotion's own event is behind everything that the origin had.
    expect(bodies.slice(0, all)).toEqual(origin.bodies.slice(0, bodies.length));
    expect(bodies.length <= all || promoting === 2).toBe(true);
    expect(facts).not.toContain('promoted');
    if (role === 'follower') {
      await expect(openToWrite()).rejects.toMatchObject({ code: 'follower' });
      dropConnections();
    }
    if (promoting === undefined) await follow(serviceOf(all, fencedBy));
    dropConnections();
    expect(await promote(serviceOf(all, fencedBy))).toMatchObject({ term: 2 });
    dropConnections();
    await checkPromoted();
  } finally {
    dropConnections();
  }
}

beforeAll(async () => {
  await loadSimulatedSqlite();
  useDisk(new SimulatedDisk());
  origin = await makeOrigin();
  dropConnections();
  const disk = new SimulatedDisk();
  useDisk(disk);
  await follow(serviceOf(origin.checkpoints[1]!.size));
  dropConnections();
  await follow(serviceOf(origin.bodies.length - 5));
  dropConnections();
  await promote(serviceOf(origin.bodies.length));
  disk.acknowledged('promoted');
  dropConnections();
  await checkPromoted();
  dropConnections();
  ({ journal } = disk);
});

it('a copy that loses its power holds what it said it holds, and is promoted once', async () => {
  const until = journal.findIndex(
    (each) => each.kind === 'acknowledged' && each.fact === 'promoted',
  );
  const fenced = journal.findIndex(
    (each) => each.kind === 'acknowledged' && each.fact.startsWith('fenced'),
  );
  for (let seed = firstSeed; seed < firstSeed + 60 * rounds; seed += 1) {
    const choices = new Choices(seed);
    // Every second state is one of the promotion, which is a small part of the journal.
    const from = seed % 2 === 0 ? fenced : 0;
    const before = journal.slice(0, from + choices.below(until + 2 - from));
    const isStop = seed % 6 < 2;
    const image = isStop
      ? afterStop(emptyImage, before)
      : afterPowerLoss(emptyImage, before, choices);
    try {
      await check(image, before);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }
});
