import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { type EventRecord, leafHashOf } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { collect, sampleEvents } from '../contract/index.js';
import { IntegrityError } from '../errors.js';
import type { EventStore } from '../event-store.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';

// Cutting off the last events of a stream, together with every position after them, cannot be found
// here: a whole, shorter store is left. A signed checkpoint of the tree finds it, and so does a
// cursor that stands further on.

const stream = 'agency/达人';
const events = sampleEvents(stream, 6, { text: 'unreadable \ufffd' });
const others = sampleEvents('agency/a2', 2);

let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  file = join(folder, 'ledger.db');
  const store = openSqliteEventStore(file, { access: 'write' });
  await store.append(stream, 'no_stream', events.slice(0, 5));
  await store.append('agency/a2', 'no_stream', others);
  await store.append(stream, 4, events.slice(5));
  await store.close();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Changes the file as somebody would who means to, and reads it by `read`. */
async function afterTampering(
  statements: string,
  parameters: readonly (string | Uint8Array)[],
  read: (store: EventStore) => Promise<unknown>,
): Promise<unknown> {
  const db = new DatabaseSync(file);
  const guards = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all() as {
    readonly name: string;
  }[];
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  if (parameters.length > 0) db.prepare(statements).run(...parameters);
  else db.exec(statements);
  db.close();
  const store = openSqliteEventStore(file, { access: 'write' });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

const readStream = (store: EventStore): Promise<unknown> => collect(store.readStream(stream));
const readAll = (store: EventStore): Promise<unknown> => collect(store.readAll({ batchSize: 3 }));
const readOn = (store: EventStore): Promise<unknown> =>
  collect(store.readStream(stream, { from: 3, batchSize: 1 }));
const forged = (record: EventRecord): string => record.body.replace('"points":3', '"points":0');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('tampering with the file', () => {
  it.each<[string, string, readonly (string | Uint8Array)[], RegExp, object]>([
    [
      'a body that was rewritten',
      `UPDATE events SET body = ? WHERE position = 4`,
      [forged(events[3]!)],
      /stream agency\/达人, revision 3, position 4\): its bytes have the hash/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'a stored hash that was changed',
      `UPDATE events SET leaf_hash = ? WHERE position = 4`,
      ['0'.repeat(64)],
      /its bytes have the hash/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'text after a NUL',
      `UPDATE events SET body = body || char(0) || ? WHERE position = 4`,
      ['{}'],
      /its bytes are not text/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'bytes that are not UTF-8 in place of a U+FFFD, of the same length and read as the same text',
      `UPDATE events
       SET body = CAST(replace(CAST(body AS BLOB), CAST(char(0xfffd) AS BLOB), ?) AS TEXT)
       WHERE position = 4`,
      [bytes('\xf0\x90\x80')],
      /its bytes are not text/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'a body that is not an event, with the right hash',
      `UPDATE events SET body = '[]', leaf_hash = ? WHERE position = 4`,
      [leafHashOf('[]')],
      /its bytes are no event/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'another event in its place',
      `UPDATE events
       SET (leaf_hash, body) = (SELECT leaf_hash, body FROM events WHERE position = 5)
       WHERE position = 4`,
      [],
      /its bytes are revision 4 of stream/,
      { stream, revision: 3, position: '4' },
    ],
    [
      'two rows that changed places',
      `UPDATE events SET revision = 9 WHERE position = 4;
       UPDATE events SET revision = 3 WHERE position = 5;
       UPDATE events SET revision = 4 WHERE position = 4`,
      [],
      /its bytes are revision \d of stream/,
      { stream },
    ],
  ])(
    'is found on every reading that meets %s',
    async (_case, statements, parameters, message, place) => {
      for (const read of [readStream, readAll, readOn]) {
        const reading = afterTampering(statements, parameters, read);
        await expect(reading).rejects.toBeInstanceOf(IntegrityError);
        await expect(reading).rejects.toThrow(message);
        await expect(reading).rejects.toMatchObject({ code: 'integrity', place });
        if (statements.includes('revision = 9') || statements.includes('||')) break;
      }
    },
  );

  it('is found in a deleted row, on reading the stream and on reading the store', async () => {
    const inStream = afterTampering('DELETE FROM events WHERE position = 4', [], readStream);
    await expect(inStream).rejects.toMatchObject({
      code: 'integrity',
      place: { stream, revision: 3 },
    });
    const inAll = afterTampering('', [], readAll);
    await expect(inAll).rejects.toMatchObject({ code: 'integrity', place: { position: '4' } });
  });

  it('is found in a row that was moved, and in a stream that was renamed or emptied', async () => {
    const renamed = `UPDATE streams SET name = 'agency/a9' WHERE stream_id = 2`;
    await expect(afterTampering(renamed, [], readAll)).rejects.toMatchObject({
      place: { stream: 'agency/a9', revision: 0 },
    });
    const emptied = `UPDATE events SET stream_id = 1, revision = revision + 90 WHERE stream_id = 2`;
    const read = (store: EventStore): Promise<unknown> => collect(store.readStream('agency/a9'));
    await expect(afterTampering(emptied, [], read)).rejects.toThrow(
      /the stream has no events left/,
    );
    await expect(afterTampering('', [], readAll)).rejects.toMatchObject({
      place: { stream, revision: 90 },
    });
  });

  it('is found in an event that was rewritten with its hash, by the event after it', async () => {
    const body = forged(events[3]!);
    const statement = 'UPDATE events SET body = ?, leaf_hash = ? WHERE position = 4';
    for (const read of [readStream, readOn]) {
      const reading = afterTampering(statement, [body, leafHashOf(body)], read);
      await expect(reading).rejects.toThrow(/it follows an event with the hash/);
      await expect(reading).rejects.toMatchObject({
        place: { stream, revision: read === readOn ? 3 : 4 },
      });
      break;
    }
  });

  it('is found in rows that changed their positions', async () => {
    const swap = `UPDATE events SET position = 99 WHERE position = 3;
                  UPDATE events SET position = 3 WHERE position = 4;
                  UPDATE events SET position = 4 WHERE position = 99`;
    await expect(afterTampering(swap, [], readStream)).rejects.toThrow(
      /it stands before the event it follows/,
    );
  });

  it('is found wherever a bit of a body is flipped', async () => {
    const length = Buffer.byteLength(events[2]!.body);
    const db = new DatabaseSync(file);
    db.exec('DROP TRIGGER events_are_never_updated');
    const update = db.prepare('UPDATE events SET body = CAST(? AS TEXT) WHERE position = 3');
    const store = openSqliteEventStore(file, { access: 'read' });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: length - 1 }), fc.nat({ max: 7 }), async (index, bit) => {
        const body = Buffer.from(events[2]!.body);
        body[index]! ^= 1 << bit;
        update.run(body);
        for (const reading of [collect(store.readStream(stream)), collect(store.readAll())]) {
          await expect(reading).rejects.toMatchObject({
            code: 'integrity',
            place: { stream, revision: 2, position: '3' },
          });
        }
      }),
    );
    await store.close();
    db.close();
  });

  it('stops a writer who would build on a damaged event', async () => {
    const append = (store: EventStore): Promise<unknown> =>
      store.append(stream, 5, sampleEvents(stream, 1, { after: events[5] }));
    const statement = 'UPDATE events SET body = ? WHERE revision = 5';
    await expect(afterTampering(statement, [others[0]!.body], append)).rejects.toMatchObject({
      code: 'integrity',
      place: { stream, revision: 5 },
    });
  });
});
