import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from './exit-codes.js';
import { writeOutput } from './output-file.js';

const folder = mkdtempSync(join(tmpdir(), 'output-'));
const file = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('replaces a file with its mode, through a link, and leaves nothing beside it', async () => {
  writeFileSync(file('old.zip'), 'old');
  chmodSync(file('old.zip'), 0o600);
  symlinkSync('old.zip', file('link.zip'));
  await writeOutput(file('link.zip'), 'new');
  expect(readFileSync(file('old.zip'), 'utf8')).toBe('new');
  expect(statSync(file('old.zip')).mode & 0o777).toBe(0o600);
  expect(lstatSync(file('link.zip')).isSymbolicLink()).toBe(true);
  await writeOutput(file('first.zip'), new Uint8Array([1]));
  expect(readdirSync(folder).sort()).toEqual(['first.zip', 'link.zip', 'old.zip']);
});

it('keeps the file that was there when the new one cannot be written', async () => {
  const content = { [Symbol.iterator]: 0 } as unknown as Uint8Array;
  await expect(writeOutput(file('old.zip'), content)).rejects.toThrow(UsageError);
  expect(readFileSync(file('old.zip'), 'utf8')).toBe('new');
  await expect(writeOutput(file('none/a.zip'), 'new')).rejects.toThrow(/cannot write/);
  expect(readdirSync(folder).sort()).toEqual(['first.zip', 'link.zip', 'old.zip']);
});
