import { DatabaseSync } from '@photostructure/sqlite';
import { join } from 'node:path';
import { temporaryFolder } from '../../../../test/support/folder.js';
import { sampleEvents } from '../contract/sample-events.js';
import { CustodyError, IntegrityError, StoreUnavailableError } from '../errors.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Custody } from './custody.js';
import { openSqliteEventStore } from './open-sqlite-event-store.js';
import { custodyOf, setCustody } from './sqlite-event-store.js';

const folder = temporaryFolder();
let count = 0;
let file: string;

beforeEach(() => {
  count += 1;
  file = join(folder, `${count}.db`);
});

const custody = (role: Custody['role']): Custody => ({
  role,
  other: 'https://other',
  details: { term: 2 },
});

async function opened(role: Custody['role'] | undefined): Promise<void> {
  const store = openSqliteEventStore(file, { access: 'write' });
  await store.append('a', 'no_stream', sampleEvents('a', 1));
  if (role !== undefined) setCustody(store, custody(role));
  await store.close();
}

async function openFor(as: 'writer' | 'follower'): Promise<string> {
  try {
    await openSqliteEventStore(file, { access: 'write', as }).close();
    return 'opens';
  } catch (error) {
    return error instanceof CustodyError ? error.code : String(error);
  }
}

describe('the custody of a store', () => {
  it.each([
    [undefined, 'opens', 'opens'],
    ['writer', 'opens', 'not_a_follower'],
    ['follower', 'follower', 'opens'],
    ['fenced', 'fenced', 'fenced'],
  ] as const)('%s: a writer %s, a follower %s', async (role, asWriter, asFollower) => {
    await opened(role);
    expect(await openFor('writer')).toBe(asWriter);
    expect(await openFor('follower')).toBe(asFollower);
    const reading = openSqliteEventStore(file, { access: 'read' });
    expect(custodyOf(reading)).toEqual(role === undefined ? undefined : custody(role));
    await reading.close();
  });

  it('refuses appends from the moment of the fence, and what came before is stored', async () => {
    const [first, second] = sampleEvents('a', 2);
    const store = openSqliteEventStore(file, { access: 'write', thread: true });
    const before = store.append('a', 'no_stream', [first!]);
    setCustody(store, custody('fenced'));
    await expect(store.append('a', 0, [second!])).rejects.toThrow(/took over from it/);
    await before;
    expect(await store.head()).toBe('1');
    await store.close();
    expect(await openFor('writer')).toBe('fenced');
  });

  it('raises the schema version, so that an earlier release refuses the file', async () => {
    await opened('fenced');
    const db = new DatabaseSync(file);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    expect(() => db.exec('DELETE FROM custody')).toThrow(/never deleted/);
    db.exec('DROP TABLE custody');
    db.close();
    expect(() => openSqliteEventStore(file, { access: 'write' })).toThrow(IntegrityError);
  });

  it('is set in a SQLite file that is open for writing', async () => {
    await opened(undefined);
    const reading = openSqliteEventStore(file, { access: 'read' });
    expect(() => setCustody(reading, custody('fenced'))).toThrow(StoreUnavailableError);
    await reading.close();
    const memory = new MemoryEventStore();
    expect(custodyOf(memory)).toBeUndefined();
    expect(() => setCustody(memory, custody('fenced'))).toThrow(/in a SQLite file/);
  });
});
