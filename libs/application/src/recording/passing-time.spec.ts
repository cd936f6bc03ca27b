import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import {
  agency,
  agencyStream,
  eventIn,
  readCommandLine,
  readEvent,
  type AgencyHistory,
  type Instant,
  type LedgerEvent,
} from '@penalty-ledger/ledger';
import { ReadModels } from '@penalty-ledger/projections';
import { KeyStore } from '../keys/key-store.js';
import { LedgerWriter } from './ledger-writer.js';
import { StateCache } from '../streams/state-cache.js';

const at = (text: string): Instant => new Date(text).toISOString() as Instant;

/** A real ledger, whose clock is set by the test. */
async function openLedger(store: MemoryEventStore): Promise<LedgerWriter> {
  const ledger = await LedgerWriter.open(
    {
      store,
      keys: KeyStore.open(':memory:'),
      readModels: ReadModels.open(':memory:'),
      zoneDataVersion: 'test',
    },
    {
      settings: { ledgerId: 'l1', mode: 'observer', simulation: false, zone: 'Asia/Shanghai' },
      at: at('2019-01-01T00:00:00Z'),
      actor: 'import',
    },
  );
  return ledger!;
}

async function handle(
  ledger: LedgerWriter,
  now: Instant,
  command: string,
  data: object,
): Promise<void> {
  const read = readCommandLine({ command, data });
  if (read.problems !== undefined) throw new Error(read.problems.map(({ en }) => en).join('; '));
  expect(await ledger.handle(read.line, now)).toMatchObject({ status: 'accepted' });
}

async function stored(store: MemoryEventStore, agencyId = 'a1'): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const batch of store.readStream(agencyStream(agencyId)))
    events.push(...batch.map((one) => readEvent(one)));
  return events;
}

describe('what falls due while a real ledger is not running', () => {
  const due = at('2019-04-01T00:00:00Z');
  const woken = at('2019-04-05T12:00:00Z');

  it('counts from its instant, is recorded on waking, and is in the stored history', async () => {
    const warm = jest.spyOn(StateCache.prototype, 'get');
    const store = new MemoryEventStore(new MemoryLog());
    const ledger = await openLedger(store);
    await handle(ledger, at('2019-02-01T00:00:00Z'), 'AdmitAgency', {
      agencyId: 'a1',
      name: '云帆',
    });
    await handle(ledger, at('2019-03-01T00:00:00Z'), 'RecordDeduction', {
      deductionId: 'd1',
      agencyId: 'a1',
      points: 120,
      clause: 'improper-operation',
      occurredAt: '2019-02-20T00:00:00Z',
      effectiveAt: due,
    });
    await ledger.advanceTo(woken);
    const events = await stored(store);
    expect(events.at(-1)).toMatchObject({
      type: 'PendingExpulsionOpened',
      actor: 'ledger/clock',
      effectiveAt: due,
      recordedAt: woken,
      causation: { command: 'ClockPassed', commandId: `clock/d1@${due}` },
    });
    await handle(ledger, woken, 'RecordRevocation', { deductionId: 'd1', reason: '申诉成立' });
    const states = await Promise.all(
      warm.mock.results.map(({ value }) => value as Promise<{ state?: AgencyHistory }>),
    );
    const history = states.findLast(({ state }) => state?.agencyId === 'a1')!.state!;
    const read = (await stored(store)).map((event) => eventIn('agency', event));
    expect(history).toEqual(read.reduce(agency.evolve, agency.emptyHistory()));
    expect(history.pendings).toMatchObject([
      { openedAt: due, recordedAt: woken, ended: { recordedAt: woken } },
    ]);
    await ledger.close();
    warm.mockRestore();
  });

  it('is recorded by the next process where an interrupted one did not reach', async () => {
    const log = new MemoryLog();
    const store = new MemoryEventStore(log);
    const ledger = await openLedger(store);
    for (const agencyId of ['a1', 'a2', 'a3']) {
      await handle(ledger, at('2019-02-01T00:00:00Z'), 'AdmitAgency', { agencyId, name: '云帆' });
      await handle(ledger, at('2019-03-01T00:00:00Z'), 'RecordDeduction', {
        deductionId: `d-${agencyId}`,
        agencyId,
        points: 120,
        clause: 'improper-operation',
        occurredAt: '2019-02-20T00:00:00Z',
        effectiveAt: due,
      });
    }
    const append = store.append.bind(store);
    jest.spyOn(store, 'append').mockImplementation((stream, ...rest) => {
      if (stream !== agencyStream('a1')) throw new Error('the process ends here');
      return append(stream, ...rest);
    });
    await expect(ledger.advanceTo(woken)).rejects.toThrow();
    await ledger.close().catch(() => undefined);

    const later = at('2019-04-06T00:00:00Z');
    const next = new MemoryEventStore(log);
    const reopened = await openLedger(next);
    await reopened.advanceTo(later);
    for (const [agencyId, recordedAt] of [
      ['a1', woken],
      ['a2', later],
      ['a3', later],
    ] as const) {
      const events = await stored(next, agencyId);
      const [opened] = events.filter(({ type }) => type === 'PendingExpulsionOpened');
      expect(opened).toMatchObject({
        effectiveAt: due,
        recordedAt,
        causation: { command: 'ClockPassed', commandId: `clock/d-${agencyId}@${due}` },
      });
      expect(events).toHaveLength(3);
    }
    await reopened.close();
  });
});
