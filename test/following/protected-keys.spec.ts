import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReader } from '@penalty-ledger/application';
import { promoteLedger, SourceConnection } from '@penalty-ledger/application/following';
import { KeyStore } from '@penalty-ledger/application/key-store';
import { TestService } from '../api/service.js';
import { temporaryFolder } from '../support/folder.js';
import { admit, followOnce } from './copies.js';

jest.setTimeout(60_000);

let service: TestService;

// Hooks run in the order they are declared, and a service is closed before its folder goes.
afterAll(async () => {
  await service.serving.close();
  delete process.env['LEDGER_KEYS_PASSPHRASE_FILE'];
});

const folder = temporaryFolder();
const one = join(folder, 'one');
const keysOfOne = join(one, 'ledger.keys.db');
const to = `sqlite:${join(folder, 'two', 'ledger.db')}`;
const keysOfTwo = join(folder, 'two', 'ledger.keys.db');

beforeAll(async () => {
  const file = join(folder, 'phrase.txt');
  writeFileSync(file, 'four words of nobody\n');
  process.env['LEDGER_KEYS_PASSPHRASE_FILE'] = file;
  service = await TestService.start(one, undefined, { LEDGER_SHARE_KEYS: '1' });
  await admit(service, 'a1');
});

/** The keys in a file, opened as the programs do. */
function keysIn(path: string): { readonly isProtected: boolean; readonly keys: readonly Buffer[] } {
  const store = KeyStore.open(path);
  const { isProtected } = store;
  const keys = store.contents().subjects.map(({ key }) => Buffer.from(key!));
  store.close();
  return { isProtected, keys };
}

const bytesOf = (path: string): Buffer =>
  Buffer.concat(['', '-wal'].map((ending) => readFileSync(`${path}${ending}`, { flag: 'a+' })));

it('a service on a new ledger keeps its keys sealed, and signs', async () => {
  const { isProtected, keys } = keysIn(keysOfOne);
  expect(isProtected).toBe(true);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => bytesOf(keysOfOne).includes(key))).toEqual([]);
  expect(service.serving.verifierKey).toMatch(/^penalty-ledger-/);
});

it('a copy that follows with keys seals them too, opens names, and is promoted', async () => {
  const token = service.tokens['administrator']!;
  await followOnce(service.serving.url, to, { token, withKeys: true });
  const source = new SourceConnection({ url: service.serving.url, token });
  await promoteLedger({ url: to, source, formerWriterIsStopped: false, acceptsLostTexts: false });
  source.close();
  const { isProtected, keys } = keysIn(keysOfTwo);
  expect(isProtected).toBe(true);
  expect(keys.filter((key) => bytesOf(keysOfTwo).includes(key))).toEqual([]);
  const { reader, close } = await openReader(to);
  expect(await reader.nameOf('a1')).toBe('机构 a1');
  await close();
});
