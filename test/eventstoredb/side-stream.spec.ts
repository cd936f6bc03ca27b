import { randomUUID } from 'node:crypto';
import { IntegrityError } from '@penalty-ledger/event-store';
import type { EventStoreDb, SideStream } from '@penalty-ledger/event-store/eventstoredb';
import { jsonProposal, WireServer } from '../support/eventstoredb/index.js';
import { openOn } from './engine-under-test.js';

const name = 'main:checkpoints';

let server: WireServer;
let store: EventStoreDb;
let side: SideStream;

beforeEach(async () => {
  server = await WireServer.start();
  store = openOn(server);
  side = store.side('checkpoints');
  for (let revision = 0; revision < 4; revision += 1)
    await side.append(revision === 0 ? 'no_stream' : revision - 1, {
      type: 'Noted',
      data: { revision },
    });
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

describe('a side stream', () => {
  it('gives its entries from any of them on', async () => {
    expect((await side.from(0)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    expect((await side.from(3)).map(({ data }) => data)).toEqual([{ revision: 3 }]);
    expect(await side.from(4)).toEqual([]);
  });

  it.each([
    ['$maxCount', { $maxCount: 2 }],
    ['$tb', { $tb: 2 }],
  ])(
    'engine rule 19: whose beginning is hidden by %s is an alarm, and not read for ever',
    async (_case, metadata) => {
      server.log.append(`$$${name}`, 'any', [jsonProposal(randomUUID(), '$metadata', metadata)]);
      await expect(side.from(0)).rejects.toBeInstanceOf(IntegrityError);
      await expect(side.from(0)).rejects.toMatchObject({ place: { stream: name, revision: 0 } });
      // What only needs its end, as a lease does, goes on.
      expect((await side.last())?.revision).toBe(3);
      expect(await side.append(3, { type: 'Noted', data: {} })).toBe(4);
    },
  );

  it('engine rule 8: that was deleted and keeps its numbers is an alarm', async () => {
    server.log.deleteStream(name, 'any');
    expect(await side.last()).toBeUndefined();
    const append = side.append('no_stream', { type: 'Noted', data: {} });
    await expect(append).rejects.toBeInstanceOf(IntegrityError);
    await expect(append).rejects.toThrow('was deleted');
  });

  it('engine rule 18: that was deleted for good is an alarm', async () => {
    server.log.tombstone(name, 'any');
    await expect(side.last()).rejects.toBeInstanceOf(IntegrityError);
    await expect(side.from(0)).rejects.toThrow('deleted for good');
  });
});
