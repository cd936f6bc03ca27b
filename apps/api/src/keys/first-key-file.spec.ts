import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstKeyPath, writeFirstKey } from './first-key-file.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'first-key-'));
  path = firstKeyPath(join(folder, 'ledger.access.db'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('is beside the access file, and its owner alone may read it', () => {
  writeFirstKey(path, 'a token');
  expect(path).toBe(join(folder, 'ledger.access.first-key'));
  expect(readFileSync(path, 'utf8')).toBe('a token\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('replaces a file that others may read', () => {
  writeFileSync(path, 'an older token that was longer\n', { mode: 0o644 });
  writeFirstKey(path, 'a token');
  expect(readFileSync(path, 'utf8')).toBe('a token\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('does not write through a link', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'kept');
  symlinkSync(elsewhere, path);
  writeFirstKey(path, 'a token');
  expect(readFileSync(elsewhere, 'utf8')).toBe('kept');
  expect(readFileSync(path, 'utf8')).toBe('a token\n');
});
