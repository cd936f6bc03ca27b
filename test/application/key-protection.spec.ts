import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyStore } from '@penalty-ledger/application/key-store';
import {
  secretIn,
  secretOfCommand,
  secretOfFile,
  type KeySecret,
} from '@penalty-ledger/application/key-secret';
import { signNote } from '@penalty-ledger/merkle-log';
import { crc32 } from 'node:zlib';
import { DatabaseSync } from '@photostructure/sqlite';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
let files = 0;

const newFile = (): string => join(folder, `${String((files += 1))}.keys.db`);

function secretOf(passphrase: string): KeySecret {
  const file = join(folder, `${passphrase.replaceAll(' ', '-')}.txt`);
  writeFileSync(file, `${passphrase}\n`);
  return secretOfFile('the test', file);
}

const right = secretOf('four words of nobody');
const wrong = secretOf('four other words');

/** Subjects whose rows fill several pages, so that growing them moves rows. */
const subjects = Array.from({ length: 400 }, (_, index) => `agency:a${String(index)}`);

/** A key file in plain text, and the bytes that must not be found in a protected one. */
function plainFile(): { readonly path: string; readonly keys: readonly Buffer[] } {
  const path = newFile();
  const store = KeyStore.open(path);
  for (const subject of subjects) store.findOrMake(subject);
  store.save();
  store.signer('penalty-ledger-test');
  const contents = store.contents();
  store.close();
  const [signing] = contents.signing;
  // The PEM's second line is the key.
  const pem = Buffer.from(signing!.privatePem.split('\n')[1]!.slice(-40));
  return { path, keys: [...contents.subjects.map(({ key }) => Buffer.from(key!)), pem] };
}

/** The number of keys that stand in plain text in a key file or its log. */
function plainKeysIn(path: string, keys: readonly Buffer[]): number {
  const bytes = Buffer.concat(
    [path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)),
  );
  return keys.filter((key) => bytes.includes(key)).length;
}

/** As the key file has it. */
const sumOf = (subject: string, stored: Uint8Array): number => crc32(stored, crc32(`${subject}\0`));

/** Contents are in order of their subjects. */
const keyIndex = (subject: string): number => [...subjects].sort().indexOf(subject);

const open = (path: string, secret?: KeySecret) => KeyStore.open(path, undefined, secret);

it('no key is left in plain text in the file or its log', () => {
  const { path, keys } = plainFile();
  expect(plainKeysIn(path, keys)).toBe(keys.length);
  const store = open(path);
  store.protect(right.read());
  expect(plainKeysIn(path, keys)).toBe(0);
  store.close();
  expect(plainKeysIn(path, keys)).toBe(0);
});

it('what another program keeps in the log is removed at a later opening', () => {
  const { path, keys } = plainFile();
  const reader = new DatabaseSync(path);
  const store = open(path);
  store.database.exec('PRAGMA busy_timeout = 50');
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM subjectKeys').get();
  expect(() => store.protect(right.read())).toThrow(/-wal" still has what was stored before/);
  expect(plainKeysIn(path, keys)).toBeGreaterThan(0);
  reader.exec('COMMIT');
  reader.close();
  // As after a kill: the first one closes nothing.
  const reopened = open(path, right);
  expect(plainKeysIn(path, keys)).toBe(0);
  reopened.close();
});

describe('a protected file', () => {
  const { path, keys } = plainFile();

  beforeAll(() => {
    const store = open(path);
    store.protect(right.read());
    store.close();
  });

  it('gives the same keys, signs with the same key, and seals new ones', () => {
    let store = open(path, right);
    expect(store.isProtected).toBe(true);
    const found = [...subjects].sort().map((subject) => Buffer.from(store.find(subject)!));
    expect(found).toEqual(keys.slice(0, -1));
    expect(signNote('x\n', [store.signer('penalty-ledger-test')])).toMatch(/^x\n\n— penalty/);
    const made = Buffer.from(store.findOrMake('creator:c1'));
    store.save();
    store.close();
    expect(plainKeysIn(path, [made])).toBe(0);
    store = open(path, right);
    expect(Buffer.from(store.find('creator:c1')!)).toEqual(made);
    store.destroy('creator:c1');
    expect(store.stateOf('creator:c1')).toBe('destroyed');
    store.close();
  });

  it('stays closed without its passphrase', () => {
    expect(() => open(path, wrong)).toThrow(`the passphrase from the test does not open "${path}"`);
    expect(() => open(path)).toThrow(`"${path}" is protected by a passphrase, and none is given`);
    open(path, right).close();
  });

  it('does not give one subject the key of another', () => {
    const changed = new DatabaseSync(path);
    const select = changed.prepare('SELECT key, sum FROM subjectKeys WHERE subject = ?');
    const before = select.get('agency:a1') as { key: Uint8Array; sum: number };
    const other = open(path, right);
    const { key } = select.get('agency:a2') as { key: Uint8Array };
    // With a sum that fits: only the seal tells.
    changed
      .prepare('UPDATE subjectKeys SET key = ?, sum = ? WHERE subject = ?')
      .run(key, sumOf('agency:a1', key), 'agency:a1');
    expect(() => other.find('agency:a1')).toThrow(/is not the one that was stored there$/);
    other.close();
    changed
      .prepare('UPDATE subjectKeys SET key = ?, sum = ? WHERE subject = ?')
      .run(before.key, before.sum, 'agency:a1');
    changed.close();
  });

  it('takes another passphrase, and then that one alone', () => {
    const store = open(path, right);
    store.changePassphrase(wrong.read());
    store.close();
    expect(() => open(path, right)).toThrow(/does not open/);
    const changed = open(path, wrong);
    expect(Buffer.from(changed.find('agency:a7')!)).toEqual(keys[keyIndex('agency:a7')]);
    changed.unprotect();
    changed.close();
    const plain = open(path);
    expect(plain.isProtected).toBe(false);
    expect(Buffer.from(plain.find('agency:a7')!)).toEqual(keys[keyIndex('agency:a7')]);
    plain.close();
  });
});

it('a program that had the file open in plain text neither reads nor writes in it', () => {
  const { path } = plainFile();
  const before = open(path);
  before.findOrMake('agency:new');
  const protecting = open(path);
  protecting.protect(right.read());
  protecting.close();
  const changed = `another program has changed the protection of "${path}"`;
  expect(() => before.find('agency:a3')).toThrow(changed);
  expect(() => before.save()).toThrow(changed);
  expect(() => before.signer('penalty-ledger-test')).toThrow(changed);
});

it('a new file is protected from its beginning', () => {
  const path = newFile();
  const store = open(path, right);
  const key = Buffer.from(store.findOrMake('agency:a1'));
  store.save();
  expect(plainKeysIn(path, [key])).toBe(0);
  store.close();
  expect(() => open(path)).toThrow(/is protected by a passphrase/);
});

describe('a passphrase from a program', () => {
  const program = (script: string): KeySecret =>
    secretOfCommand('LEDGER_KEYS_COMMAND', JSON.stringify([process.execPath, '-e', script]));

  it('is the one line that it prints', () => {
    expect(program('console.log("a b")').read()).toBe('a b');
    expect(secretOfCommand('x', 'echo four words').read()).toBe('four words');
  });

  it.each([
    [
      'it fails',
      'console.error("no \\u001b[31mcard"); process.exit(3)',
      /ended with 3; it says "no \\u001b\[31mcard"$/,
    ],
    ['it prints nothing', '', /must print one line with a passphrase$/],
    ['it prints two lines', 'console.log("a\\nb")', /must print one line with a passphrase$/],
    [
      'it prints without end',
      'for (;;) console.log("x".repeat(10000))',
      /prints more than 65536 bytes/,
    ],
  ])('is refused when %s', (_, script, message) => {
    expect(() => program(script).read()).toThrow(message);
  });

  it('is refused when there is no such program, without a shell', () => {
    expect(() => secretOfCommand('x', 'no-such-program; echo a').read()).toThrow(
      'x: "no-such-program;" cannot be run: ENOENT',
    );
    expect(() => secretOfCommand('x', '["a", 1]').read()).toThrow(/is not a list of texts/);
  });

  it('is named in one place', () => {
    expect(secretIn({})).toBeUndefined();
    const both = { LEDGER_KEYS_PASSPHRASE_FILE: 'a', LEDGER_KEYS_COMMAND: 'b' };
    expect(() => secretIn(both)).toThrow(/not both$/);
  });
});
