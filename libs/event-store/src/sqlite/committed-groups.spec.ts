import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommittedGroup } from '../committed-group.js';
import { sampleEvents } from '../contract/index.js';
import { ConflictError } from '../errors.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

describe.each([
  { writing: 'in its own thread', thread: true },
  { writing: 'in the thread of its callers', thread: false },
])('a store that writes $writing', ({ thread }) => {
  it('reports the appends, events and seconds of each group that it made durable', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
    const groups: CommittedGroup[] = [];
    const onCommitted = (group: CommittedGroup) => groups.push(group);
    const store = openSqliteEventStore(join(folder, 'ledger.db'), {
      access: 'write',
      thread,
      onCommitted,
    });
    const [a, b] = [sampleEvents('a', 3), sampleEvents('b', 2)];
    await Promise.all([
      store.append('a', 'no_stream', a.slice(0, 2)),
      store.append('a', 1, a.slice(2)),
      store.append('b', 'no_stream', b),
    ]);
    expect(groups).toEqual([{ appends: 3, events: 5, seconds: expect.any(Number) as number }]);
    expect(groups[0]!.seconds).toBeGreaterThan(0);
    // A repetition and a refused append add nothing: they are not groups.
    await store.append('b', 'no_stream', b);
    await expect(store.append('c', 4, sampleEvents('c', 6).slice(5))).rejects.toThrow(
      ConflictError,
    );
    await store.append('c', 'no_stream', sampleEvents('c', 1));
    expect(groups.slice(1)).toEqual([
      { appends: 1, events: 1, seconds: expect.any(Number) as number },
    ]);
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
