import { sampleEvents } from '@penalty-ledger/event-store/contract';
import { ConflictError, type ExpectedRevision, IntegrityError } from '@penalty-ledger/event-store';
import { openOn } from './engine-under-test.js';
import { WireServer } from '../support/eventstoredb/index.js';

const stream = 'agency-a7';
const name = `main/${stream}`;
type State = 'empty' | 'existing' | 'soft-deleted' | 'tombstoned';
type Outcome = 'stored' | 'conflict' | 'alarm' | 'alarm, and stored';

/** Every expected state on a stream in every state; a stream that is not empty had two events. */
describe('engine rules 1, 8, 18: an append by a store that never saw the stream', () => {
  it.each<[State, ExpectedRevision, Outcome]>([
    ['empty', 'no_stream', 'stored'],
    ['empty', 0, 'conflict'],
    ['empty', 1, 'conflict'],
    ['existing', 'no_stream', 'conflict'],
    ['existing', 0, 'conflict'],
    ['existing', 1, 'stored'],
    ['existing', 5, 'conflict'],
    // The engine takes it: the revision in its answer is what tells.
    ['soft-deleted', 'no_stream', 'alarm, and stored'],
    ['soft-deleted', 0, 'conflict'],
    ['soft-deleted', 1, 'conflict'],
    ['tombstoned', 'no_stream', 'alarm'],
    ['tombstoned', 0, 'alarm'],
    ['tombstoned', 1, 'alarm'],
  ])('to one that is %s, after %s: %s', async (state, expected, outcome) => {
    const server = await WireServer.start();
    const writer = openOn(server);
    const store = openOn(server);
    try {
      const before = sampleEvents(stream, 2);
      if (state !== 'empty') await writer.append(stream, 'no_stream', before);
      if (state === 'soft-deleted') server.log.deleteStream(name, 'any');
      if (state === 'tombstoned') server.log.tombstone(name, 'any');
      const stored = server.log.events(name).length;
      const next =
        expected === 1
          ? sampleEvents(stream, 1, { after: before[1] })
          : sampleEvents(stream, 8, { writer: 'two' })
              .slice(expected === 'no_stream' ? 0 : expected + 1)
              .slice(0, 1);
      const append = store.append(stream, expected, next);
      if (outcome === 'stored') await append;
      else
        await expect(append).rejects.toBeInstanceOf(
          outcome === 'conflict' ? ConflictError : IntegrityError,
        );
      const added = outcome === 'stored' || outcome === 'alarm, and stored' ? 1 : 0;
      expect(server.log.events(name)).toHaveLength(stored + added);
    } finally {
      await store.close();
      await writer.close();
      await server.stop();
    }
  });
});
