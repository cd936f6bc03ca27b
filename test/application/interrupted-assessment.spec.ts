import { KeyStore, LedgerWriter, type Outcome } from '@penalty-ledger/application';
import {
  MemoryEventStore,
  MemoryLog,
  StoreUnavailableError,
  type Appended,
  type EventStore,
  type ExpectedRevision,
} from '@penalty-ledger/event-store';
import { readCommandLine, type EventRecord, type Instant } from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';

const may = '2019-05-01T00:00:00.000Z' as Instant;
const log = new MemoryLog();

const keys = KeyStore.open(':memory:');

/** A real ledger on `log`, on a store that fails to append to the stream `failing`. */
async function openLedger(failing?: string): Promise<LedgerWriter> {
  const store: EventStore = new MemoryEventStore(log);
  const append = store.append.bind(store);
  store.append = (
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
  ): Promise<Appended> =>
    stream === failing
      ? Promise.reject(new StoreUnavailableError({ en: 'pulled', zh: '已拔出' }))
      : append(stream, expected, events);
  const ledger = await LedgerWriter.open(
    { store, keys, readModels: ReadModels.open(':memory:'), zoneDataVersion: 'test' },
    {
      settings: { ledgerId: 'l1', mode: 'observer', simulation: false, zone: 'Asia/Shanghai' },
      at: may,
      actor: 'test',
    },
  );
  return ledger!;
}

function handle(ledger: LedgerWriter, now: Instant, value: object): Promise<Outcome> {
  const read = readCommandLine(value);
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  return ledger.handle(read.line, now);
}

const admission = (agencyId: string): object => ({
  command: 'AdmitAgency',
  data: { agencyId, name: agencyId, effectiveAt: '2018-01-01T00:00:00+08:00' },
});

const april = { command: 'ComputeAssessment', commandId: 'april', data: { month: '2019-04' } };

const computedStreams = (): string[] =>
  log.slots
    .map(({ event }) => event)
    .filter(({ body }) => body.includes('"type":"AssessmentComputed"'))
    .map(({ stream }) => stream);

describe('a ComputeAssessment for all agencies that was interrupted between two of them', () => {
  it('is completed when it is repeated, and a duplicate from then on', async () => {
    const first = await openLedger();
    for (const agencyId of ['a1', 'a2', 'a3', 'a4']) await handle(first, may, admission(agencyId));
    await expect(handle(await openLedger('agency-a3'), may, april)).rejects.toThrow('pulled');
    expect(computedStreams()).not.toContain('agency-a3');

    const again = await openLedger();
    expect(await handle(again, may, april)).toMatchObject({
      status: 'accepted',
      events: ['AssessmentComputed'],
    });
    expect(computedStreams().sort()).toEqual(['agency-a1', 'agency-a2', 'agency-a3', 'agency-a4']);
    expect(await handle(again, may, april)).toMatchObject({ status: 'duplicate', events: [] });
    await again.settle();
    expect(await handle(again, may, april)).toMatchObject({ status: 'duplicate', events: [] });
  });

  it('does not take in an agency that was admitted since', async () => {
    const ledger = await openLedger();
    await handle(ledger, '2019-05-02T00:00:00.000Z' as Instant, admission('a9'));
    expect(await handle(ledger, may, april)).toMatchObject({ status: 'duplicate', events: [] });
  });

  it('is a conflict with other data', async () => {
    const march = { ...april, data: { month: '2019-03' } };
    expect(await handle(await openLedger(), may, march)).toMatchObject({
      status: 'rejected',
      code: 'conflict',
    });
  });
});
