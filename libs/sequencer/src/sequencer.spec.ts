import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  IntegrityError,
  MemoryEventStore,
  openSqliteEventStore,
  type EventStore,
} from '@penalty-ledger/event-store';
import { collect, sampleEvents } from '@penalty-ledger/event-store/contract';
import { instantOf, type EventRecord } from '@penalty-ledger/ledger';
import {
  checkAbsence,
  checkConsistency,
  checkHead,
  checkReceipt,
  openCheckpoint,
  signerKey,
  treeRoot,
  VerificationError,
} from '@penalty-ledger/merkle-log';
import { DatabaseSync } from '@photostructure/sqlite';
import { NotYetSignedError, Sequencer } from './sequencer.js';

const signer = signerKey('ledger.example/l1', generateKeyPairSync('ed25519').privateKey);
const at = instantOf(Date.UTC(2031, 0, 1));

let folder: string;
let logFile: string;
let stores: EventStore[];
let logs: Sequencer[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sequencer-'));
  logFile = join(folder, 'ledger.log.db');
  stores = [];
  logs = [];
});

afterEach(async () => {
  for (const log of logs) log.close();
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
});

function memoryStore(): EventStore {
  const store = new MemoryEventStore();
  stores.push(store);
  return store;
}

async function open(store: EventStore, path = logFile): Promise<Sequencer> {
  const log = await Sequencer.open(path, store);
  logs.push(log);
  return log;
}

function closeAll(): void {
  for (const log of logs.splice(0)) log.close();
}

/** Appends a stream of the contract's sample events. */
async function append(
  store: EventStore,
  stream: string,
  count: number,
  options = {},
): Promise<readonly EventRecord[]> {
  const events = sampleEvents(stream, count, options);
  await store.append(stream, 'no_stream', events);
  return events;
}

async function leafHashes(store: EventStore): Promise<string[]> {
  return (await collect(store.readAll())).map(({ leafHash }) => leafHash);
}

function rootOf(note: string): string {
  return openCheckpoint(note, [signer]).root;
}

describe('the tree', () => {
  it('has every event as a leaf, in the order of the store', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 300);
    await append(store, 'agency-a2', 5);
    const log = await open(store);
    const checkpoint = openCheckpoint(await log.checkpoint(signer, at), [signer]);
    expect(checkpoint).toMatchObject({ origin: signer.name, size: 305, streamHeads: { count: 2 } });
    expect(checkpoint.root).toBe(treeRoot(await leafHashes(store)));
  });

  it('continues where it ended, also in another process, to the same roots', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 3);
    await (await open(store)).catchUp();
    closeAll();
    await append(store, 'agency-a2', 700);
    const done: number[] = [];
    const log = await open(store);
    await log.catchUp((events) => done.push(events));
    expect(done).toEqual([700]);
    const other = await open(store, ':memory:');
    expect(await other.checkpoint(signer, at)).toBe(await log.checkpoint(signer, at));
  });

  it('is signed without reading again what became leaves for this signature', async () => {
    const store = memoryStore();
    const read = jest.spyOn(store, 'readStream');
    for (const stream of ['agency-a1', 'agency-a2', 'agency-a3']) await append(store, stream, 2);
    const log = await open(store);
    await log.checkpoint(signer, at);
    expect(read.mock.calls).toEqual([]);
    await store.append('agency-a2', 1, sampleEvents('agency-a2', 3).slice(2));
    await log.checkpoint(signer, at);
    expect(read.mock.calls.map(([stream]) => stream).sort()).toEqual(['agency-a1', 'agency-a3']);
  });

  it('grows once when two processes catch up at the same time', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 50);
    const [one, two] = [await open(store), await open(store)];
    await Promise.all([one.catchUp(), two.catchUp()]);
    expect([one.size, two.size]).toEqual([50, 50]);
    expect(rootOf(await two.checkpoint(signer, at))).toBe(treeRoot(await leafHashes(store)));
  });

  it('can be made again from the events, and the checkpoints stay', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 600);
    const note = await (await open(store)).checkpoint(signer, at);
    closeAll();
    const db = new DatabaseSync(logFile);
    db.exec('UPDATE tiles SET hashes = zeroblob(length(hashes)); DELETE FROM heads');
    db.close();
    await expect(open(store)).rejects.toThrow(IntegrityError);
    const log = await Sequencer.openAnew(logFile, store);
    logs.push(log);
    expect(await log.checkpoint(signer, at)).toBe(note);
    expect(await log.receiptFor({ stream: 'agency-a1', revision: 599 })).toContain('index 599');
  });

  it('of version 1 is made again with a map of heads, and keeps its checkpoints', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 600);
    await append(store, 'agency-a2', 2);
    const note = await (await open(store)).checkpoint(signer, at);
    closeAll();
    const db = new DatabaseSync(logFile);
    db.exec(`
      DROP TABLE headPages; DROP TABLE movedHeads; DROP TABLE heads;
      ALTER TABLE progress DROP COLUMN streams;
      CREATE TABLE heads (
        stream TEXT PRIMARY KEY, revision INTEGER NOT NULL, leafHash TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      PRAGMA user_version = 1`);
    db.close();
    await append(store, 'agency-a3', 1);
    const log = await open(store);
    expect(log.checkpoints).toEqual([{ size: 602, note }]);
    const { streamHeads, root } = openCheckpoint(await log.checkpoint(signer, at), [signer]);
    const other = openCheckpoint(await (await open(store, ':memory:')).checkpoint(signer, at), [
      signer,
    ]);
    expect({ streamHeads, root }).toEqual({ streamHeads: other.streamHeads, root: other.root });
  });

  it('has the same map of stream heads however it grew', async () => {
    const store = memoryStore();
    const log = await open(store);
    for (let stream = 0; stream < 300; stream += 1) {
      await append(store, `session-${String(stream)}`, 1 + (stream % 3));
      if (stream % 70 === 0) await log.checkpoint(signer, at);
      if (stream % 45 === 0) await log.catchUp();
    }
    expect(await log.checkpoint(signer, at)).toBe(
      await (await open(store, ':memory:')).checkpoint(signer, at),
    );
  });

  it('is not made of events that do not follow one another', async () => {
    const file = join(folder, 'ledger.db');
    await damaged(file, 'UPDATE events SET position = 9 WHERE position = 3');
    const store = openSqliteEventStore(file, { access: 'read' });
    stores.push(store);
    await expect((await open(store)).catchUp()).rejects.toThrow(IntegrityError);
  });
});

describe('a checkpoint', () => {
  it('is kept, and given again until an event is added', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 2);
    const log = await open(store);
    const first = await log.checkpoint(signer, at);
    expect(await log.checkpoint(signer, instantOf(Date.UTC(2032, 0, 1)))).toBe(first);
    await append(store, 'agency-a2', 1);
    const second = await log.checkpoint(signer, instantOf(Date.UTC(2032, 0, 1)));
    expect(log.checkpoints).toEqual([
      { size: 2, note: first },
      { size: 3, note: second },
    ]);
    checkConsistency(2, rootOf(first), 3, rootOf(second), log.consistencyProof(2, 3));
  });

  it('says up to which position it holds every event', async () => {
    const store = memoryStore();
    const log = await open(store);
    expect(log.signedUpTo).toBeUndefined();
    await append(store, 'agency-a1', 2);
    const signed = await store.head();
    await log.checkpoint(signer, at);
    await append(store, 'agency-a2', 1);
    await log.catchUp();
    expect(log.signedUpTo).toBe(signed);
  });

  it('is never dated before an event it holds, nor before an earlier one', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 1);
    const log = await open(store);
    const long = instantOf(Date.UTC(2001, 0, 1));
    const first = openCheckpoint(await log.checkpoint(signer, long), [signer]);
    expect(first.signedAt > long).toBe(true);
    await append(store, 'agency-a2', 1);
    expect(openCheckpoint(await log.checkpoint(signer, at), [signer]).signedAt).toBe(at);
    await append(store, 'agency-a3', 1);
    expect(openCheckpoint(await log.checkpoint(signer, long), [signer]).signedAt).toBe(at);
  });

  it('ends where an append ends, also while another process makes leaves', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 2);
    const [log, other] = [await open(store), await open(store)];
    // Signing reads no head that it has just read.
    await log.catchUp();
    const readStream = store.readStream.bind(store);
    const readAll = store.readAll.bind(store);
    // Between its leaves and its signature, the other process is in the middle of an append.
    jest.spyOn(store, 'readStream').mockImplementationOnce(async function* (stream, options) {
      await append(store, 'agency-a2', 3);
      jest.spyOn(store, 'readAll').mockImplementationOnce(async function* (rest) {
        for await (const batch of readAll({ ...rest, batchSize: 1 })) {
          yield batch;
          throw new Error('it ends here');
        }
      });
      await expect(other.catchUp()).rejects.toThrow('it ends here');
      expect(other.size).toBe(3);
      yield* readStream(stream, options);
    });
    const checkpoint = openCheckpoint(await log.checkpoint(signer, at), [signer]);
    expect(checkpoint.size).toBe(5);
  });

  it('is not signed for an empty store', async () => {
    await expect((await open(memoryStore())).checkpoint(signer, at)).rejects.toThrow(RangeError);
  });

  it('can be neither altered nor removed by a statement that does not mean to', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 2);
    await (await open(store)).checkpoint(signer, at);
    closeAll();
    const db = new DatabaseSync(logFile);
    expect(() => db.exec("UPDATE checkpoints SET note = ''")).toThrow('append-only');
    expect(() => db.exec('DELETE FROM checkpoints')).toThrow('append-only');
    expect(() => db.exec("INSERT OR REPLACE INTO checkpoints VALUES (2, '')")).toThrow(
      'append-only',
    );
    expect(() => db.exec("INSERT INTO checkpoints VALUES (1, '')")).toThrow('append-only');
    db.close();
  });
});

describe('a proof', () => {
  it('leads from every event to the latest checkpoint, and a receipt holds it', async () => {
    const store = memoryStore();
    const events = [
      ...(await append(store, 'agency-a1', 4)),
      ...(await append(store, 'agency-a2', 3)),
    ];
    const log = await open(store);
    await log.checkpoint(signer, at);
    for (const [index, event] of events.entries()) {
      const { body, ...checked } = checkReceipt(await log.receiptFor(event), [signer]);
      expect(checked).toMatchObject({ index, leafHash: event.leafHash });
      expect(Buffer.from(body).toString()).toBe(event.body);
    }
  });

  it('waits for a checkpoint that is late enough', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 1);
    const log = await open(store);
    await expect(log.receiptFor({ stream: 'agency-a1', revision: 0 })).rejects.toThrow(
      NotYetSignedError,
    );
    await expect(log.proveAbsence('agency-a1')).rejects.toThrow(NotYetSignedError);
    await log.checkpoint(signer, at);
    await append(store, 'agency-a2', 1);
    await expect(log.receiptFor({ stream: 'agency-a2', revision: 0 })).rejects.toThrow(
      NotYetSignedError,
    );
    await expect(log.receiptFor({ stream: 'agency-a1', revision: 1 })).rejects.toThrow(RangeError);
  });

  it('of heads is for the checkpoint, however far the tree has grown since', async () => {
    const store = memoryStore();
    const [first, second, third] = sampleEvents('agency-a1', 3);
    await store.append('agency-a1', 'no_stream', [first!, second!]);
    await append(store, 'agency-a2', 2);
    const log = await open(store);
    const { root } = openCheckpoint(await log.checkpoint(signer, at), [signer]).streamHeads;
    await store.append('agency-a1', 1, [third!]);
    await append(store, 'agency-a3', 2);
    await log.catchUp();
    const { head, proof } = await log.proveHead('agency-a1');
    expect(head).toMatchObject({ revision: 1, leafHash: second!.leafHash });
    checkHead('agency-a1', head, proof, root);
    checkAbsence('agency-a3', await log.proveAbsence('agency-a3'), root);
    await expect(log.proveHead('agency-a3')).rejects.toThrow(RangeError);
    await expect(log.proveAbsence('agency-a2')).rejects.toThrow(RangeError);
    const later = openCheckpoint(await log.checkpoint(signer, at), [signer]).streamHeads.root;
    const now = await log.proveHead('agency-a1');
    checkHead('agency-a1', now.head, now.proof, later);
  });

  it('stands under an earlier checkpoint when that is asked for', async () => {
    const store = memoryStore();
    const [first, second] = sampleEvents('agency-a1', 2);
    await store.append('agency-a1', 'no_stream', [first!]);
    const log = await open(store);
    await log.checkpoint(signer, at);
    const earlier = log.latest!;
    await store.append('agency-a1', 0, [second!]);
    await append(store, 'agency-a2', 1);
    await log.checkpoint(signer, at);
    const { root } = earlier.checkpoint.streamHeads;
    const { head, proof } = await log.proveHead('agency-a1', earlier);
    checkHead('agency-a1', { revision: 0, leafHash: first!.leafHash }, proof, root);
    expect(head.revision).toBe(0);
    checkAbsence('agency-a2', await log.proveAbsence('agency-a2', earlier), root);
    expect(await log.inclusionProofOf('agency-a1', 0, earlier)).toMatchObject({
      proof: [],
      checkpoint: earlier.note,
    });
    await expect(log.inclusionProofOf('agency-a1', 1, earlier)).rejects.toThrow(NotYetSignedError);
  });

  it('of heads is tried again when another process makes leaves meanwhile', async () => {
    const store = memoryStore();
    const [first, second, third, fourth] = sampleEvents('agency-a1', 4);
    await store.append('agency-a1', 'no_stream', [first!, second!]);
    const log = await open(store);
    const { root } = openCheckpoint(await log.checkpoint(signer, at), [signer]).streamHeads;
    await store.append('agency-a1', 1, [third!]);
    await append(store, 'agency-a2', 1);
    await log.catchUp();
    const other = await open(store);
    const readAll = store.readAll.bind(store);
    jest.spyOn(store, 'readAll').mockImplementationOnce(async function* (options) {
      yield* readAll(options);
      await store.append('agency-a1', 2, [fourth!]);
      await append(store, 'agency-a3', 1);
      await other.catchUp();
    });
    const { head, proof } = await log.proveHead('agency-a1');
    expect(head).toMatchObject({ revision: 1, leafHash: second!.leafHash });
    checkHead('agency-a1', head, proof, root);
    checkAbsence('agency-a3', await log.proveAbsence('agency-a3'), root);
  });

  it('of heads is not made from a page that is not one', async () => {
    const store = memoryStore();
    for (let stream = 0; stream < 70; stream += 1)
      await append(store, `session-${String(stream)}`, 1);
    await (await open(store)).checkpoint(signer, at);
    closeAll();
    const db = new DatabaseSync(logFile);
    db.exec("UPDATE headPages SET page = x'00' WHERE prefix = ''");
    db.close();
    await expect((await open(store)).proveHead('session-7')).rejects.toThrow(IntegrityError);
  });

  it('is not made from tiles that were altered', async () => {
    const store = memoryStore();
    await append(store, 'agency-a1', 4);
    await (await open(store)).checkpoint(signer, at);
    closeAll();
    const db = new DatabaseSync(logFile);
    db.exec('UPDATE tiles SET hashes = zeroblob(length(hashes))');
    db.close();
    await expect(open(store)).rejects.toThrow(IntegrityError);
  });
});

describe('a store that contradicts what was signed', () => {
  const original = { 'agency-a1': 5, 'agency-a2': 3 };

  async function signed(): Promise<string> {
    const store = memoryStore();
    for (const [stream, count] of Object.entries(original)) await append(store, stream, count);
    const note = await (await open(store)).checkpoint(signer, at);
    closeAll();
    return note;
  }

  /** Another history, every hash and chain of it right. */
  async function history(
    streams: Readonly<Record<string, number>>,
    text = 'rewritten',
  ): Promise<EventStore> {
    const store = memoryStore();
    for (const [stream, count] of Object.entries(streams)) {
      await append(store, stream, count, stream === 'agency-a1' ? { text } : {});
    }
    return store;
  }

  it('because its tail was cut is not opened', async () => {
    await signed();
    const cut = memoryStore();
    await append(cut, 'agency-a1', 5);
    await expect(open(cut)).rejects.toThrow(
      'a checkpoint of 8 events was signed: its tail is gone',
    );
  });

  it('that was rewritten is not signed, although every hash in it is right', async () => {
    await signed();
    const log = await open(await history(original));
    await expect(log.checkpoint(signer, at)).rejects.toThrow('another history');
  });

  it('because it was written anew is found also when the tree is made again from it', async () => {
    await signed();
    await expect(Sequencer.openAnew(logFile, await history(original))).rejects.toThrow(
      'does not begin with the signed one of 8',
    );
    await expect(open(await history(original))).rejects.toThrow(IntegrityError);
  });

  it('because it went another way from some event on is not signed for', async () => {
    await signed();
    const forked = memoryStore();
    await append(forked, 'agency-a1', 5);
    await append(forked, 'agency-a9', 9);
    const log = await open(forked);
    await expect(log.checkpoint(signer, at)).rejects.toThrow(IntegrityError);
  });

  it('is found only by a checkpoint kept elsewhere when the log was removed too', async () => {
    const kept = openCheckpoint(await signed(), [signer]);
    rmSync(logFile);
    const log = await open(await history({ ...original, 'agency-a3': 2 }));
    const now = openCheckpoint(await log.checkpoint(signer, at), [signer]);
    const proof = log.consistencyProof(kept.size, now.size);
    expect(() => checkConsistency(kept.size, kept.root, now.size, now.root, proof)).toThrow(
      VerificationError,
    );
  });

  it('is not signed for when a kept checkpoint can no longer be read', async () => {
    await signed();
    const db = new DatabaseSync(logFile);
    db.exec(
      'DROP TRIGGER checkpoints_are_never_updated; ' +
        "UPDATE checkpoints SET note = replace(note, '8', '9')",
    );
    db.close();
    const store = memoryStore();
    for (const [stream, count] of Object.entries(original)) await append(store, stream, count);
    await expect(open(store)).rejects.toThrow(IntegrityError);
  });
});

/** A store in a file with a statement run on it as somebody would who means to. */
async function damaged(file: string, statement: string): Promise<void> {
  const store = openSqliteEventStore(file, { access: 'write' });
  await append(store, 'agency-a1', 4);
  await store.close();
  const db = new DatabaseSync(file);
  for (const { name } of db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    .all() as {
    name: string;
  }[])
    db.exec(`DROP TRIGGER ${name}`);
  db.exec(statement);
  db.close();
}
