import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { SpokenError } from '@penalty-ledger/ledger';
import { sampleEvents } from '../contract/index.js';
import { ConflictError, IntegrityError, StoreUnavailableError } from '../errors.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';
import { errorOf, sentErrorOf } from './writer-messages.js';

const text = { en: 'damaged', zh: '损坏' };
const hint = { en: 'restore it', zh: '请恢复' };
const cause = new Error('cause');

it.each<readonly [kind: string, error: Error]>([
  ['a conflict', new ConflictError('s', 1, 'no_stream', { en: 'another id', zh: '另一编号' })],
  ['damage', new IntegrityError(text, { stream: 's', revision: 3 }, { cause, hint })],
  ['a store that cannot be used', new StoreUnavailableError(text, { cause, hint })],
  ['an append out of range', new RangeError('an event twice')],
  ['another sentence', new SpokenError(text, { cause })],
  ['another error', new Error('something', { cause })],
])('%s is the same on the other side of a thread, in both languages', (_kind, error) => {
  const found = errorOf(structuredClone(sentErrorOf(error)));
  const partsOf = ({ name, message, code, hint: next, inBoth, place }: Partial<IntegrityError>) => {
    return { name, message, code, next, inBoth, place };
  };
  expect(partsOf(found)).toEqual(partsOf(error));
  expect(found.cause).toEqual(error.cause === undefined ? undefined : 'cause');
});

it.each([true, false])(
  'damage is told in both languages, in a thread or not: %s',
  async (thread) => {
    const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
    const file = join(folder, 'ledger.db');
    const store = openSqliteEventStore(file, { access: 'write', thread });
    // The thread has begun when it has answered.
    const events = sampleEvents('a', 2);
    await store.append('a', 'no_stream', events.slice(0, 1));
    const other = new DatabaseSync(file);
    other.exec('PRAGMA foreign_keys = OFF; DROP TABLE events');
    other.close();
    const error: unknown = await store
      .append('a', 0, events.slice(1))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IntegrityError);
    expect((error as IntegrityError).inBoth.zh).toContain('缺失部分表结构');
    await store.close();
    rmSync(folder, { recursive: true });
  },
);
