import { MemoryEventStore, MemoryLog } from '@penalty-ledger/event-store';
import { rulebooks, recordEvents, rulebooksStream, type Instant } from '@penalty-ledger/ledger';
import { WriterStates } from './writer-states.js';

it('a stream with appends in flight is read after they have arrived in the store', async () => {
  const store = new MemoryEventStore(new MemoryLog());
  const published = recordEvents(rulebooks.shippedRulebooks(), {
    ledgerId: 'l1',
    stream: rulebooksStream,
    head: undefined,
    recordedAt: '2019-03-01T00:00:00.000Z' as Instant,
    actor: 'test',
    causation: { command: 'OpenLedger', commandId: 'ledger/l1', fingerprint: '0'.repeat(64) },
  }).map(({ record }) => record);
  let isInFlight = true;
  const states = new WriterStates(store, {
    has: (stream) => stream === rulebooksStream && isInFlight,
    settle: async () => {
      isInFlight = false;
      await store.append(rulebooksStream, 'no_stream', published);
    },
  });
  expect((await states.places.get('alarms')).head).toBeUndefined();
  expect(isInFlight).toBe(true);
  expect((await states.places.get(rulebooksStream)).head?.revision).toBe(published.length - 1);
});
