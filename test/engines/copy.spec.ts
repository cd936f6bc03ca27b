import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  copyEvents,
  CopyRefusedError,
  compareStores,
  copyLedger,
} from '@penalty-ledger/application/copying';
import {
  applyLines,
  locationOf,
  openLedger,
  openReader,
  readLines,
  simulationRules,
  simulationStart,
} from '@penalty-ledger/application';
import { openLog } from '@penalty-ledger/application/open-log';
import { verifyLedger } from '@penalty-ledger/application/verification';
import { MemoryEventStore, MemoryLog, type EventStore } from '@penalty-ledger/event-store';
import { collect, sampleEvents } from '@penalty-ledger/event-store/contract';
import { WireServer } from '../support/eventstoredb/index.js';
import { GappedEventStore } from '../support/gapped-store.js';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => {
    const id = `a${from + index}`;
    const [admit, deduct] = ['2019-01-02T09:00:00+08:00', '2019-02-01T10:00:00+08:00'];
    return [
      { at: admit, command: 'AdmitAgency', data: { agencyId: id, name: `机构${id}` } },
      {
        at: admit,
        command: 'RecordDeduction',
        data: {
          deductionId: `d-${id}`,
          agencyId: id,
          points: 40,
          clause: 'operating-metric-missed',
          occurredAt: admit,
          effectiveAt: deduct,
        },
      },
    ].map((line) => JSON.stringify(line));
  })
    .flat()
    .join('\n');

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

let folder: string;
let servers: WireServer[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'copy-'));
  servers = [];
  process.env['LEDGER_DATA'] = join(folder, 'local');
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
});

afterEach(async () => {
  for (const server of servers) await server.stop();
  delete process.env['LEDGER_DATA'];
  delete process.env['LEDGER_ALLOW_INSECURE'];
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => `sqlite:${join(folder, name, 'ledger.db')}`;

async function wireUrl(): Promise<string> {
  const server = await WireServer.start();
  servers.push(server);
  return server.url;
}

async function simulate(url: string, text: string): Promise<void> {
  const opened = await openLedger({ url, simulation: true, openedAt: simulationStart });
  try {
    const rules = simulationRules(opened.ledger.clock);
    const { send } = opened;
    for await (const batch of applyLines(readLines(bytesOf(text)), rules, { send }))
      for (const { outcome } of batch) expect(outcome.status).toBe('accepted');
  } finally {
    await opened.close();
  }
}

async function checkpointsOf(url: string): Promise<readonly string[]> {
  const opened = await openLog(url);
  try {
    return opened.sequencer.checkpoints.map(({ note }) => note);
  } finally {
    await opened.close();
  }
}

describe('a copy of a ledger', () => {
  it('in another file has the same events, checkpoints and names, and verifies', async () => {
    await simulate(file('one'), lines(0, 20));
    const copied = await copyLedger({ from: file('one'), to: file('two'), keys: true });
    expect(copied).toMatchObject({
      already: 0,
      events: 43,
      copied: 43,
      agencies: 20,
      checkpoints: 1,
      keys: 20,
    });
    expect(await checkpointsOf(file('two'))).toEqual(await checkpointsOf(file('one')));
    expect(await verifyLedger({ url: file('two') })).toMatchObject({
      holds: true,
      reading: 'file',
    });
    const opened = await openReader(file('two'));
    expect(await opened.reader.nameOf('a3')).toBe('机构a3');
    await opened.close();
  });

  it('on another engine and back is the same to the byte, and each verifies', async () => {
    const url = await wireUrl();
    await simulate(file('one'), lines(0, 12));
    const there = await copyLedger({ from: file('one'), to: url, keys: true });
    expect(await verifyLedger({ url })).toMatchObject({ holds: true, reading: 'adapter' });
    const back = await copyLedger({ from: url, to: file('back'), keys: true });
    expect([there.root, there.digest, there.checkpoints]).toEqual([
      back.root,
      back.digest,
      back.checkpoints,
    ]);
    expect(await checkpointsOf(url)).toEqual(await checkpointsOf(file('one')));
    expect(await verifyLedger({ url: file('back') })).toMatchObject({ holds: true });
  });

  it('takes later events of the source, and is refused when it has events of its own', async () => {
    await simulate(file('one'), lines(0, 3));
    await copyLedger({ from: file('one'), to: file('two'), keys: true });
    await simulate(file('one'), lines(3, 5));
    expect(await copyLedger({ from: file('one'), to: file('two'), keys: true })).toMatchObject({
      already: 9,
      copied: 4,
    });
    await simulate(file('two'), lines(5, 6));
    await expect(copyLedger({ from: file('one'), to: file('two'), keys: true })).rejects.toThrow(
      'gone on by itself',
    );
  });

  it('is refused where another ledger lies, and leaves its keys alone', async () => {
    await simulate(file('one'), lines(0, 2));
    await simulate(file('two'), lines(0, 2));
    await expect(copyLedger({ from: file('one'), to: file('two'), keys: true })).rejects.toThrow(
      CopyRefusedError,
    );
    await expect(copyLedger({ from: file('one'), to: file('one'), keys: true })).rejects.toThrow(
      'the same ledger',
    );
    expect(await verifyLedger({ url: file('two') })).toMatchObject({ holds: true });
  });

  it('without keys has every balance and no name', async () => {
    await simulate(file('one'), lines(0, 2));
    expect(await copyLedger({ from: file('one'), to: file('two'), keys: false })).toMatchObject({
      agencies: 2,
    });
    expect(existsSync(locationOf(file('two')).keys)).toBe(false);
  });
});

describe('events', () => {
  const silent = () => undefined;

  async function sample(): Promise<EventStore> {
    const store = new MemoryEventStore(new MemoryLog());
    const streams = [
      sampleEvents('agency-a1', 6),
      sampleEvents('agency-a2', 6),
      sampleEvents('agency-a3', 6),
    ];
    for (let index = 0; index < 6; index += 2) {
      for (const events of streams)
        await store.append(
          events[0]!.stream,
          index === 0 ? 'no_stream' : index - 1,
          events.slice(index, index + 2),
        );
    }
    return store;
  }

  it('go on after every place where a copy can be cut off, in the same order', async () => {
    const source = await sample();
    for (let cut = 0; cut <= 9; cut += 1) {
      const log = new MemoryLog();
      const target = new GappedEventStore(log);
      let left = cut;
      const failing = new GappedEventStore(log);
      const append = failing.append.bind(failing);
      failing.append = (...given) =>
        (left -= 1) < 0 ? Promise.reject(new Error('killed')) : append(...given);
      const first = copyEvents(source, failing, { window: 1, onProgress: silent });
      if (cut < 9) await expect(first).rejects.toThrow('killed');
      else await first;
      expect(await copyEvents(source, target, { window: 1, onProgress: silent })).toEqual({
        already: cut * 2,
        copied: 18 - cut * 2,
      });
      expect(await compareStores(source, target, silent)).toMatchObject({ events: 18, streams: 3 });
    }
  });

  it('are found to differ when one is missing, or stands elsewhere', async () => {
    const source = await sample();
    const short = new MemoryEventStore(new MemoryLog());
    for (const event of (await collect(source.readAll())).slice(0, 17))
      await short.append(event.stream, event.revision === 0 ? 'no_stream' : event.revision - 1, [
        event,
      ]);
    await expect(compareStores(source, short, silent)).rejects.toThrow(
      'it is missing in the target',
    );
    await expect(compareStores(short, source, silent)).rejects.toThrow('beyond its end');
    const ordered = new MemoryEventStore(new MemoryLog());
    for (const stream of ['agency-a1', 'agency-a2', 'agency-a3'])
      await ordered.append(stream, 'no_stream', await collect(source.readStream(stream)));
    await expect(compareStores(source, ordered, silent)).rejects.toThrow(
      'the copy is not the source: stream agency-a2',
    );
  });
});
