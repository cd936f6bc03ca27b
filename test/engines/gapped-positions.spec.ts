import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  IntegrityError,
  MemoryEventStore,
  MemoryLog,
  type EventStore,
} from '@penalty-ledger/event-store';
import { collect, eventStoreContract, sampleEvents } from '@penalty-ledger/event-store/contract';
import { instantOf } from '@penalty-ledger/ledger';
import {
  checkAbsence,
  checkConsistency,
  checkHead,
  checkReceipt,
  openCheckpoint,
} from '@penalty-ledger/merkle-log';
import { LogFile, NotYetSignedError, Sequencer } from '@penalty-ledger/sequencer';
import { DatabaseSync } from '@photostructure/sqlite';
import { GappedEventStore } from '../support/gapped-store.js';
import { testKey } from '../support/logged-ledger.js';

const signer = testKey('ledger.example/gapped');
const at = instantOf(Date.UTC(2031, 0, 1));

eventStoreContract('a store whose positions have gaps', async () => {
  const log = new MemoryLog();
  const store = new GappedEventStore(log);
  return {
    store,
    openReader: async () => new GappedEventStore(log),
    damage: (stream, revision, kind) =>
      log.damage(stream, revision, kind === 'missing' ? undefined : '{}'),
    release: () => store.close(),
  };
});

describe('a tree over positions that have gaps', () => {
  let folder: string;
  let file: string;
  let log: MemoryLog;
  let opened: Sequencer[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gapped-'));
    file = join(folder, 'ledger.log.db');
    log = new MemoryLog();
    opened = [];
  });

  afterEach(() => {
    closeAll();
    rmSync(folder, { recursive: true });
  });

  function closeAll(): void {
    for (const sequencer of opened.splice(0)) sequencer.close();
  }

  async function open(store: EventStore, path = file): Promise<Sequencer> {
    const sequencer = await Sequencer.open(path, store);
    opened.push(sequencer);
    return sequencer;
  }

  async function append(stream: string, count: number): Promise<void> {
    await new MemoryEventStore(log).append(stream, 'no_stream', sampleEvents(stream, count));
  }

  it('has the same checkpoint as the same events with counted positions', async () => {
    await append('agency-a1', 300);
    await append('agency-a2', 5);
    const gapped = await (await open(new GappedEventStore(log))).checkpoint(signer, at);
    const counted = await (
      await open(new MemoryEventStore(log), ':memory:')
    ).checkpoint(signer, at);
    expect(gapped).toBe(counted);
  });

  it('goes on in another process, and knows every leaf again', async () => {
    await append('agency-a1', 3);
    await (await open(new GappedEventStore(log))).checkpoint(signer, at);
    closeAll();
    await append('agency-a2', 700);
    const store = new GappedEventStore(log);
    const sequencer = await open(store);
    const note = await sequencer.checkpoint(signer, at);
    const [first] = sequencer.checkpoints;
    const proof = sequencer.consistencyProof(3, 703);
    checkConsistency(
      3,
      openCheckpoint(first!.note, [signer]).root,
      703,
      openCheckpoint(note, [signer]).root,
      proof,
    );
    for (const [index, event] of (await collect(store.readAll())).entries()) {
      if (index % 97 !== 0) continue;
      const { index: at, leafHash } = checkReceipt(await sequencer.receiptFor(event), [signer]);
      expect({ at, leafHash }).toEqual({ at: index, leafHash: event.leafHash });
    }
  });

  it('proves heads as of the checkpoint, however far it has grown since', async () => {
    await append('agency-a1', 3);
    const store = new GappedEventStore(log);
    const sequencer = await open(store);
    const { root } = openCheckpoint(await sequencer.checkpoint(signer, at), [signer]).streamHeads;
    await append('agency-a2', 2);
    await expect(sequencer.receiptFor({ stream: 'agency-a2', revision: 0 })).rejects.toThrow(
      NotYetSignedError,
    );
    await sequencer.catchUp();
    await expect(sequencer.receiptFor({ stream: 'agency-a2', revision: 0 })).rejects.toThrow(
      NotYetSignedError,
    );
    const { head, proof } = await sequencer.proveHead('agency-a1');
    checkHead('agency-a1', head, proof, root);
    checkAbsence('agency-a2', await sequencer.proveAbsence('agency-a2'), root);
  });

  it('grows once when two processes catch up at the same time', async () => {
    await append('agency-a1', 50);
    const [one, two] = [
      await open(new GappedEventStore(log)),
      await open(new GappedEventStore(log)),
    ];
    await Promise.all([one.catchUp(), two.catchUp()]);
    expect([one.size, two.size]).toEqual([50, 50]);
  });

  it('is refused when the tail of the store is gone, also when the tree is rebuilt', async () => {
    await append('agency-a1', 5);
    await append('agency-a2', 3);
    await (await open(new GappedEventStore(log))).checkpoint(signer, at);
    closeAll();
    log = new MemoryLog();
    await append('agency-a1', 5);
    await expect(open(new GappedEventStore(log))).rejects.toThrow('its tail is gone');
    await expect(Sequencer.openAnew(file, new GappedEventStore(log))).rejects.toThrow(
      'a checkpoint of 8 events was signed: its tail is gone',
    );
  });

  it('gives no receipt from a table of leaves that lost one', async () => {
    await append('agency-a1', 5);
    await (await open(new GappedEventStore(log))).checkpoint(signer, at);
    closeAll();
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM leaves WHERE leaf = 2');
    database.close();
    const sequencer = await open(new GappedEventStore(log));
    await expect(sequencer.receiptFor({ stream: 'agency-a1', revision: 2 })).rejects.toThrow(
      IntegrityError,
    );
    closeAll();
    const anew = await Sequencer.openAnew(file, new GappedEventStore(log));
    opened.push(anew);
    expect(await anew.receiptFor({ stream: 'agency-a1', revision: 2 })).toContain('index 2');
  });

  it('keeps no row for counted positions, and reads a file without its leaves table', async () => {
    await append('agency-a1', 4);
    const note = await (await open(new MemoryEventStore(log))).checkpoint(signer, at);
    closeAll();
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT count(*) AS rows FROM leaves').get()).toEqual({ rows: 0 });
    database.exec('DROP TABLE leaves');
    database.close();
    const reading = LogFile.open(file, 'read');
    expect(reading.leafAt('3')).toBe(2);
    expect(reading.positionOf(2)).toBe('3');
    reading.close();
    expect(await (await open(new MemoryEventStore(log))).checkpoint(signer, at)).toBe(note);
  });
});
