import {
  KeyStore,
  LedgerWriter,
  LedgerReader,
  simulationStart,
  systemClock,
} from '@penalty-ledger/application';
import { MemoryEventStore, MemoryLog, type EventStore } from '@penalty-ledger/event-store';
import {
  rulebooks,
  aliMcn20180703,
  aliMcn20190307,
  canonicalJson,
  type Instant,
  type EventEnvelope,
  type RecordedRulebookEvent,
  type Rulebook,
} from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { TestLedger } from '../support/test-ledger.js';

const openedAt = '2019-01-01T00:00:00.000Z' as Instant;
const settings = {
  ledgerId: 'l1',
  mode: 'observer',
  simulation: false,
  zone: 'Asia/Shanghai',
} as const;

const partsOf = (store: EventStore) => ({
  store,
  keys: KeyStore.open(':memory:'),
  readModels: ReadModels.open(':memory:'),
  zoneDataVersion: 'test',
});

async function bodiesIn(log: MemoryLog): Promise<string[]> {
  const bodies: string[] = [];
  for await (const batch of new MemoryEventStore(log).readAll())
    bodies.push(...batch.map(({ body }) => body));
  return bodies;
}

async function open(
  log: MemoryLog,
  store: EventStore = new MemoryEventStore(log),
  at = openedAt,
): Promise<LedgerWriter> {
  return (await LedgerWriter.open(partsOf(store), { settings, at, actor: 'import' }))!;
}

/** A store in which a ledger was opened, and the process died before its second append. */
async function interrupted(): Promise<MemoryLog> {
  const log = new MemoryLog();
  const store = new MemoryEventStore(log);
  const append = store.append.bind(store);
  store.append = (stream, expected, events) =>
    stream === 'rulebooks'
      ? Promise.reject(new Error('power cut'))
      : append(stream, expected, events);
  await expect(open(log, store)).rejects.toThrow('power cut');
  return log;
}

describe('a new ledger', () => {
  it('begins with how it was opened and with the rules it is shipped with', async () => {
    const log = new MemoryLog();
    const ledger = await open(log);
    const events = (await bodiesIn(log)).map(
      (body) => JSON.parse(body) as EventEnvelope<string, { document: Rulebook }>,
    );
    expect(events.map(({ stream, revision, type }) => [stream, revision, type])).toEqual([
      ['ledger', 0, 'LedgerOpened'],
      ['rulebooks', 0, 'RulebookShipped'],
      ['rulebooks', 1, 'RulebookShipped'],
    ]);
    expect(events.slice(1).map(({ data }) => canonicalJson(data.document))).toEqual(
      [aliMcn20180703, aliMcn20190307].map(canonicalJson),
    );
    for (const { recordedAt, actor, causation } of events) {
      expect({ recordedAt, actor, causation }).toEqual({
        recordedAt: openedAt,
        actor: 'import',
        causation: events[0]!.causation,
      });
    }
    expect(ledger.clock).toBe(openedAt);
    await ledger.close();
  });

  it('that was interrupted before its rules is completed by the next opening, once', async () => {
    const complete = new MemoryLog();
    await (await open(complete)).close();
    const log = await interrupted();
    expect(await bodiesIn(log)).toHaveLength(1);
    for (const at of ['2019-03-01T00:00:00.000Z', '2019-04-01T00:00:00.000Z'] as Instant[]) {
      await (await open(log, new MemoryEventStore(log), at)).close();
      expect(await bodiesIn(log)).toEqual(await bodiesIn(complete));
    }
  });

  it('is read by this program’s rules as long as its own are not there', async () => {
    const log = await interrupted();
    const reader = (await LedgerReader.open({
      ...partsOf(new MemoryEventStore(log)),
      clock: systemClock,
    }))!;
    expect(await reader.answer({ query: 'agencies' })).toEqual([]);
  });

  it('leaves a simulation’s clock at its start', async () => {
    const ledger = await TestLedger.open('observer');
    expect(ledger.ledger.clock).toBe(simulationStart);
    expect((await ledger.apply({ ...admit, at: '1992-01-01T00:00:00Z' })).status).toBe('accepted');
    await ledger.check();
    await ledger.close();
  });
});

const admit = {
  at: '2019-01-01T10:00:00+08:00',
  command: 'AdmitAgency',
  data: { agencyId: 'a1', name: '云帆' },
};

describe('the rules of a ledger', () => {
  const event = (type: RecordedRulebookEvent['type'], document: Rulebook, recordedAt: string) =>
    ({
      type,
      data: { document, sha256: '' },
      recordedAt: recordedAt as Instant,
    }) as RecordedRulebookEvent;
  const own = { ...aliMcn20180703, rulebookVersion: 'own' };
  const opened = rulebooks.evolve(rulebooks.empty, event('RulebookShipped', own, openedAt));
  const published = rulebooks.evolve(
    opened,
    event('RulebookPublished', aliMcn20190307, '2019-02-01T00:00:00.000Z'),
  );
  const versionsAt = (register: typeof opened, knownAt: string) =>
    rulebooks
      .rulebooksAt(register, knownAt as Instant)
      .all.map(({ reference }) => reference.rulebookVersion);

  it('are those it was shipped with, at every K, even one before it was opened', () => {
    expect(versionsAt(opened, openedAt)).toEqual(['own']);
    expect(versionsAt(opened, '1992-01-01T00:00:00.000Z')).toEqual(['own']);
  });

  it('are only the published ones from the first published on', () => {
    expect(versionsAt(published, '2019-01-31T23:59:59.999Z')).toEqual(['own']);
    expect(versionsAt(published, '2019-02-01T00:00:00.000Z')).toEqual(['2019-03-07']);
  });

  it('are this program’s where nothing is recorded', () => {
    expect(versionsAt(rulebooks.empty, openedAt)).toEqual(['2018-07-03', '2019-03-07']);
  });

  it('take no id by being shipped: the same version can be published once', async () => {
    const ledger = await TestLedger.open('observer');
    const publish = {
      at: '2019-01-01T10:00:00+08:00',
      command: 'PublishRulebook',
      data: { rulebook: aliMcn20190307 },
    };
    expect(await ledger.apply(publish)).toMatchObject({
      status: 'accepted',
      events: ['RulebookPublished'],
    });
    expect((await ledger.apply(publish)).status).toBe('duplicate');
    await ledger.apply(admit);
    const judged = { ...admit.data, at: '2019-01-02T10:00:00+08:00' };
    expect(await ledger.query({ query: 'balance', agencyId: judged.agencyId })).toMatchObject({
      rulebook: { rulebookVersion: '2019-03-07' },
    });
    await ledger.check();
    await ledger.close();
  });
});
