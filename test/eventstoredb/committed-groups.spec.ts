import { ConflictError, type CommittedGroup } from '@penalty-ledger/event-store';
import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { WireServer } from '../support/eventstoredb/index.js';
import { openOn } from './engine-under-test.js';

describe('a store on an engine', () => {
  it('reports appends that were in flight together as one group, and no repetition', async () => {
    const server = await WireServer.start();
    const groups: Omit<CommittedGroup, 'seconds'>[] = [];
    const seconds: number[] = [];
    const store = openOn(server, {
      onCommitted: ({ seconds: took, ...group }) => {
        groups.push(group);
        seconds.push(took);
      },
    });
    try {
      await store.append('first', 'no_stream', sampleEvents('first', 1));
      const together = { group: {}, reads: [] };
      const streams = ['a', 'b', 'c'];
      await Promise.all(
        streams.map((stream) =>
          store.append(stream, 'no_stream', sampleEvents(stream, 2), together),
        ),
      );
      await store.append('a', 'no_stream', sampleEvents('a', 2));
      await expect(store.append('d', 4, sampleEvents('d', 6).slice(5))).rejects.toThrow(
        ConflictError,
      );
      await store.append('e', 'no_stream', sampleEvents('e', 1));
      expect(groups).toEqual([
        { appends: 1, events: 1 },
        { appends: 3, events: 6 },
        { appends: 1, events: 1 },
      ]);
      expect(Math.min(...seconds)).toBeGreaterThan(0);
    } finally {
      await store.close();
      await server.stop();
    }
  });
});
