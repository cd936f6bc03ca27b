import { IntegrityError, MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import {
  agency,
  agencyStream,
  eventIn,
  readEvent,
  recordEvents,
  type AgencyHistory,
  type Instant,
  type NewEvent,
  type StreamHead,
} from '@penalty-ledger/ledger';
import { PackedHistories } from './packed-histories.js';

const stream = agencyStream('a1');
const at = '2019-04-01T02:00:00.000Z' as Instant;

/** A store with one agency, and the revisions from which its stream was read. */
function ledgerOf(deductions: number) {
  const log = new MemoryLog();
  const store = new MemoryEventStore(log);
  let head: StreamHead | undefined;
  const append = async (...events: NewEvent[]): Promise<void> => {
    const causation = { command: 'Test', commandId: `c${String(head?.revision ?? -1)}` };
    const recorded = recordEvents(events, {
      ...{ ledgerId: 'l1', stream, head, recordedAt: at, actor: 'officer' },
      causation: { ...causation, fingerprint: '0'.repeat(64) },
    }).map(({ record }) => record);
    await store.append(stream, head?.revision ?? 'no_stream', recorded);
    head = recorded.at(-1);
  };
  const impose = (count: number): Promise<void> =>
    append(
      ...Array.from({ length: count }, (_, index) => imposed(`d${String(index)}-${String(count)}`)),
    );
  const from = jest.spyOn(store, 'readStream');
  const reads = (): readonly (number | undefined)[] => {
    const found = from.mock.calls.map(([, options]) => options?.from);
    from.mockClear();
    return found;
  };
  const folded = async (): Promise<AgencyHistory> => {
    const history = agency.emptyHistory();
    for await (const batch of new MemoryEventStore(log).readStream(stream))
      for (const record of batch) agency.evolve(history, eventIn('agency', readEvent(record)));
    return history;
  };
  const begun = (async () => {
    await append({ type: 'AgencyAdmitted', data: { agencyId: 'a1' }, effectiveAt: at });
    await impose(deductions);
  })();
  return { begun, folded, impose, log, reads, store };
}

const imposed = (deductionId: string): NewEvent => ({
  type: 'DeductionImposed',
  data: {
    ...{ account: 'points', agencyId: 'a1', clause: 'improper-operation', deductionId },
    ...{ period: '2019', periodStated: false, points: 1 },
  },
  effectiveAt: at,
  occurredAt: at,
});

it('reads a stream once, and then from the event that the packed ones end with', async () => {
  const { begun, folded, impose, reads, store } = ledgerOf(3);
  await begun;
  const histories = new PackedHistories(store);
  expect((await histories.read('a1')).history).toEqual(await folded());
  await impose(2);
  for (let again = 0; again < 2; again += 1) {
    const { history, head } = await histories.read('a1');
    expect(history).toEqual(await folded());
    expect(head?.revision).toBe(5);
  }
  expect(reads()).toEqual([0, 3, 3]);
});

it('packs anew what many events have followed, and forgets when asked', async () => {
  const { begun, folded, impose, reads, store } = ledgerOf(3);
  await begun;
  const histories = new PackedHistories(store);
  await histories.read('a1');
  await impose(40);
  await histories.read('a1');
  expect((await histories.read('a1')).history).toEqual(await folded());
  histories.forget('a1');
  await histories.read('a1');
  expect(reads()).toEqual([0, 3, 43, 0]);
});

it('reads a stream anew that does not hold the event they end with', async () => {
  const [long, short, other] = [ledgerOf(5), ledgerOf(2), ledgerOf(6)];
  await Promise.all([long.begun, short.begun, other.begun]);
  const histories = new PackedHistories(long.store);
  await histories.read('a1');
  // Another file was put in the place of the first.
  for (const { folded, store } of [short, other, long]) {
    Object.assign(histories, { store });
    expect((await histories.read('a1')).history).toEqual(await folded());
  }
});

it('meets damage of the events since', async () => {
  const { begun, impose, log, store } = ledgerOf(3);
  await begun;
  const histories = new PackedHistories(store);
  await histories.read('a1');
  await impose(2);
  log.damage(stream, 5, '{}');
  await expect(histories.read('a1')).rejects.toThrow(IntegrityError);
});

it('knows an agency without events', async () => {
  const { begun, reads, store } = ledgerOf(1);
  await begun;
  const { head, history } = await new PackedHistories(store).read('a9');
  expect([head, history]).toEqual([undefined, agency.emptyHistory()]);
  expect(reads()).toEqual([0]);
});
