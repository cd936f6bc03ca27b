import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import {
  leafHashOf,
  placeAfter,
  placeDefects,
  readEnvelope,
  type EventEnvelope,
} from '@penalty-ledger/ledger';
import { assert, oneof, property } from 'fast-check';
import {
  alteredBody,
  alteredStream,
  anyEvent,
  bodyOf,
  type AnyRecord,
} from '../../../../test/support/any-event.js';
import { rounds } from '../../../../test/support/rounds.js';
import { appendRequestOf } from '../append-request.js';
import { envelopeOf } from '../envelope.js';
import { IntegrityError } from '../errors.js';
import { storedEventOf } from '../eventstoredb/wire-event.js';
import { EventRows } from './event-rows.js';
import { prepareSchema } from './schema.js';

// A store keeps events of later formats too. Of the rule it checks the hash of the bytes and the
// place in the stream; a verification checks the rest.

const runs = 100 * rounds;

const eventIn = ({ body }: AnyRecord): EventEnvelope => JSON.parse(body) as EventEnvelope;

/** Returns where a reader of the stream has to stop, by the rule. */
function refusalOf(
  stream: string,
  records: readonly AnyRecord[],
): { readonly revision: number; readonly problem: string } | undefined {
  let head: { revision: number; leafHash: string } | undefined;
  for (const [revision, record] of records.entries()) {
    const { body, leafHash } = record;
    const actual = leafHashOf(body);
    if (actual !== leafHash)
      return { revision, problem: `its bytes have the hash ${actual}, and ${leafHash} was stored` };
    const [defect] = placeDefects(eventIn(record), placeAfter(stream, head));
    if (defect !== undefined) return { revision, problem: defect.message.en };
    head = { revision, leafHash };
  }
  return undefined;
}

/** Returns where a reader of the stream stops. */
function stopOf(read: () => unknown): ReturnType<typeof refusalOf> {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    return { revision: error.place.revision!, problem: error.problem };
  }
}

/** Checks that a reader of altered streams stops where the rule does, and says the same. */
function expectToStop(read: (stream: string, records: readonly AnyRecord[]) => unknown): void {
  assert(
    property(alteredStream, ({ stream, records }) => {
      expect(stopOf(() => read(stream, records))).toEqual(refusalOf(stream, records));
    }),
    { numRuns: runs },
  );
}

describe('the rule of places and chains is what stops', () => {
  let db: DatabaseSyncInstance;

  beforeAll(() => {
    db = new DatabaseSync(':memory:');
    prepareSchema(db, 'empty');
    const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
    for (const { name } of triggers as { name: string }[]) db.exec(`DROP TRIGGER ${name}`);
  });

  afterAll(() => db.close());

  it('a reader of rows in SQLite', () => {
    const rows = new EventRows(db, ':memory:');
    const insert = db.prepare('INSERT INTO events VALUES (?, 1, ?, ?, ?)');
    expectToStop((stream, records) => {
      db.exec('DELETE FROM events');
      for (const [at, { body, leafHash }] of records.entries())
        insert.run(at + 1, at, leafHash, body);
      return rows.ofStream(stream, 1, 0, 100);
    });
  });

  it('a reader of records of EventStoreDB', () => {
    expectToStop((stream, records) => {
      let head: { revision: number; leafHash: string } | undefined;
      for (const [revision, record] of records.entries()) {
        const { id, type } = eventIn(record);
        const { body: data, leafHash } = record;
        const metadata = JSON.stringify({ leafHash, term: 0 });
        const wire = { stream: `l/${stream}`, revision, id, type, data, metadata, position: '1' };
        head = storedEventOf(wire, stream, placeAfter(stream, head).previous);
      }
    });
  });

  it('an append, which is refused as well when it holds an event twice', () => {
    assert(
      property(alteredStream, ({ stream, records }) => {
        const events = records.map((record, revision) => ({
          ...record,
          stream,
          revision,
          id: eventIn(record).id,
        }));
        const isTwice = new Set(events.map(({ id }) => id)).size < events.length;
        const append = () => appendRequestOf(stream, 'no_stream', events);
        if (refusalOf(stream, records) !== undefined || isTwice || events.length === 0)
          expect(append).toThrow(RangeError);
        else expect(append()).toMatchObject({ first: 0, events });
      }),
      { numRuns: runs },
    );
  });
});

it('the envelope read out of a body is the one by the rule, wherever there is one', () => {
  assert(
    property(oneof(anyEvent.map(bodyOf), alteredBody), (body) => {
      const event = readEnvelope(body);
      if ('problem' in event) return;
      const { id, previous, revision, stream, type } = event;
      expect(envelopeOf(body)).toEqual({ id, previous, revision, stream, type });
    }),
    { numRuns: 3 * runs },
  );
});
