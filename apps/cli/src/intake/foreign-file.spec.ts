import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openInput } from '../terminal/input.js';
import { refuseForeignFile } from './foreign-file.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'foreign-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const accepted = { en: 'give lines', zh: '请给出行' };

/** The content of a file as it is read after it was looked at. */
async function read(content: Uint8Array | string, format: 'csv' | 'ndjson'): Promise<Buffer> {
  const file = join(folder, 'file');
  writeFileSync(file, content);
  const { chunks } = await refuseForeignFile(file, await openInput(file), format, accepted);
  return buffer(chunks);
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

it.each([
  ['a PDF', '%PDF-1.7\n'],
  ['a PNG image', hex('89504e470d0a1a0a0000000d')],
  ['a JPEG image', hex('ffd8ffe000104a464946')],
  ['a GIF image', 'GIF87a...'],
  ['a GIF image', 'GIF89a...'],
  ['a SQLite database', 'SQLite format 3\0'],
  ['a gzip file', hex('1f8b0800')],
  ['a 7z archive', hex('377abcaf271c0004')],
  ['a RAR archive', 'Rar!\u001a\u0007\0'],
  ['an old Office document (.doc, .xls)', hex('d0cf11e0a1b11ae10000')],
  ['a ZIP archive or an Office document', 'PK\u0003\u0004'],
])('%s is refused in one sentence', async (kind, content) => {
  for (const format of ['csv', 'ndjson'] as const)
    await expect(read(content, format)).rejects.toMatchObject({
      message: `cannot read "${join(folder, 'file')}": it is ${kind}`,
      hint: 'give lines',
    });
});

it.each(['7z,场次ID\n', 'GIF87,a\n', 'GIF8\n', 'Rar!,b\n', 'PK,c\n', 'SQLite format 3,d\n', ''])(
  'text that begins like a signature is read whole: %j',
  async (text) => {
    expect((await read(text, 'csv')).toString()).toBe(text);
    expect((await read(text, 'ndjson')).toString()).toBe(text);
  },
);

it('a file of several chunks is read whole', async () => {
  const content = Buffer.alloc(1_300_000, 'a line of text\n');
  expect((await read(content, 'csv')).equals(content)).toBe(true);
});
