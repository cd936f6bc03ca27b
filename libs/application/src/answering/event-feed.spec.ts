import { MemoryEventStore } from '@penalty-ledger/event-store';
import { recordEvents, type Instant, type StreamHead } from '@penalty-ledger/ledger';
import { EventFeed } from './event-feed.js';

/** Appends commands to a stream, each of as many events as it says. */
async function storeOf(counts: readonly number[]): Promise<MemoryEventStore> {
  const store = new MemoryEventStore();
  const stream = 'rulebooks';
  let head: StreamHead | undefined;
  for (const [number, count] of counts.entries()) {
    const recorded = recordEvents(
      Array.from({ length: count }, () => ({ type: 'SimulationClockAdvanced', data: {} }) as const),
      {
        ...{ ledgerId: 'test', stream, head, actor: 'import' },
        recordedAt: '2019-01-01T00:00:00.000Z' as Instant,
        causation: { command: 'Test', commandId: `c${number}`, fingerprint: '0'.repeat(64) },
      },
    );
    await store.append(
      stream,
      head?.revision ?? 'no_stream',
      recorded.map(({ record }) => record),
    );
    const { revision, leafHash } = recorded.at(-1)!.record;
    head = { revision, leafHash };
  }
  return store;
}

test.each([
  ['ends before a command that it would divide', [2, 3, 1], 4, 2],
  ['ends where a command ends', [2, 3, 1], 5, 5],
  ['is all of a command that is longer than it may be', [5, 1], 3, 3],
  ['ends with the last event', [2, 3], 5, 5],
])('a part of the ledger as it is stored %s', async (_, counts, limit, length) => {
  const feed = new EventFeed(await storeOf(counts));
  const wanted = { after: undefined, limit, byteLimit: 1_000_000 };
  expect(await feed.records(wanted)).toHaveLength(length);
});
