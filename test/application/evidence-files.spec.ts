import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EvidenceFiles } from '@penalty-ledger/application/evidence-files';
import { temporaryFolder } from '../support/folder.js';

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
const chunks = (...texts: readonly string[]): AsyncIterable<Uint8Array> =>
  Readable.from(texts.map((text) => Buffer.from(text)));
const text = 'a screenshot';
const sha256 = sha256Of(text);

const folders = temporaryFolder();
let made = 0;
let folder: string;
beforeEach(() => {
  folder = join(folders, `${String((made += 1))}.evidence`);
});

it('keeps a file under its hash, once, and gives it back', async () => {
  const files = new EvidenceFiles(folder);
  expect(await files.read(sha256)).toBeUndefined();
  for (let times = 0; times < 2; times += 1)
    expect(await files.keep(chunks('a scr', 'eenshot'), sha256)).toEqual({ sha256, bytes: 12 });
  expect(readdirSync(folder)).toEqual([sha256.slice(0, 2)]);
  expect(Buffer.from((await files.read(sha256))!).toString()).toBe(text);
});

it('refuses another hash and a file beyond the limit, and leaves nothing of them', async () => {
  const files = new EvidenceFiles(folder, 12);
  await expect(files.keep(chunks(text), sha256Of('another'))).rejects.toMatchObject({
    problem: 'other_hash',
    message: expect.stringContaining(sha256) as string,
  });
  await expect(files.keep(chunks(text, '!'))).rejects.toMatchObject({ problem: 'too_large' });
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves nothing of a file that was cut off', async () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('a scr'));
    throw new Error('the sender went away');
  }
  await expect(new EvidenceFiles(folder).keep(cut())).rejects.toThrow('the sender went away');
  expect(readdirSync(folder)).toEqual([]);
});

it('finds a byte that changed, and keeps the original in its place again', async () => {
  const files = new EvidenceFiles(folder);
  await files.keep(chunks(text));
  writeFileSync(join(folder, sha256.slice(0, 2), sha256), 'a screenshoT');
  await expect(files.read(sha256)).rejects.toMatchObject({ problem: 'damaged' });
  await files.keep(chunks(text));
  expect(Buffer.from((await files.read(sha256))!).toString()).toBe(text);
});

it('says that its folder cannot be written', async () => {
  writeFileSync(folder, 'a file where the folder would be');
  await expect(new EvidenceFiles(folder).keep(chunks(text))).rejects.toMatchObject({
    problem: 'unwritable',
    hint: { en: expect.stringContaining('LEDGER_EVIDENCE') as string },
  });
});

it.each(['..', '../../etc/passwd', sha256.toUpperCase(), `${sha256}/x`, ''])(
  'knows no file by the name %p',
  async (name) => {
    mkdirSync(folder);
    expect(await new EvidenceFiles(folder).read(name)).toBeUndefined();
  },
);

it('an engine without a folder says what to set', async () => {
  const files = new EvidenceFiles(undefined);
  await expect(files.keep(chunks(text))).rejects.toMatchObject({ problem: 'no_folder' });
  await expect(files.read(sha256)).rejects.toMatchObject({ problem: 'no_folder' });
});
