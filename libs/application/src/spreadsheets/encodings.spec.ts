import fc from 'fast-check';
import { decoded, findEncoding, type Encoding } from './encodings.js';
import { SheetFileError } from './sheet-file-error.js';

const gbk = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const beauty = gbk('c3c0 d7b1');
const food = gbk('cab3 c6b7');
const line = (...parts: (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Finds the encoding, and reads the text in it. */
function read(bytes: Uint8Array, named?: Encoding): string {
  const { encoding, markBytes } = findEncoding([bytes], named);
  return `${encoding}: ${[...decoded([bytes.subarray(markBytes)], encoding)].join('')}`;
}

function refusal(bytes: Uint8Array, named?: Encoding): string {
  try {
    return `read as ${read(bytes, named)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(SheetFileError);
    return `${(error as Error).message}; ${(error as SheetFileError).hint.en}`;
  }
}

it('finds UTF-8, UTF-16 and GB 18030, with their marks and without', () => {
  const text = 'a,b\nx,食品\n';
  for (const [bytes, encoding] of [
    [Buffer.from(text), 'utf-8'],
    [Buffer.from(`\ufeff${text}`), 'utf-8'],
    [Buffer.from(text, 'utf16le'), 'utf-16le'],
    [Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    [utf16be(text), 'utf-16be'],
    [utf16be(`\ufeff${text}`), 'utf-16be'],
    [line('a,b\nx,', beauty, '\n'), 'gb18030'],
  ] as const)
    expect(read(bytes)).toBe(
      `${encoding}: ${encoding === 'gb18030' ? text.replace('食品', '美妆') : text}`,
    );
  expect(read(Buffer.from('a,b\n1,2\n'))).toMatch(/^utf-8/);
});

it('reads 食品 of a GBK file as it was written, or refuses the file', () => {
  expect(read(line('h\n', beauty, '\n', food, '\n'))).toBe('gb18030: h\n美妆\n食品\n');
  expect(refusal(line('h\n', food, '\n'))).toMatch(
    /^the file may be UTF-8, which reads "ʳƷ" in line 2, or GB 18030, which reads "食品"; name/,
  );
  expect(read(line('h\n', food), 'gb18030')).toBe('gb18030: h\n食品');
  expect(read(line('h\n', food), 'utf-8')).toBe('utf-8: h\nʳƷ');
});

it('refuses a file in another encoding, and names the line', () => {
  const shiftJis = gbk('83 65 83 58 83 67');
  expect(refusal(line('h\nx\n', shiftJis))).toMatch(
    /^the file is not UTF-8: line 3 has bytes that are not text.*as GB 18030 it reads .*--encoding/,
  );
  expect(refusal(line('h\n', gbk('a4a4 a4e5 ff')))).toMatch(/^the file is not UTF-8: line 2/);
  expect(refusal(line('José'), 'gb18030')).toMatch(/^read as/);
  expect(refusal(line('a,\nb', gbk('e9')), 'gb18030')).toMatch(/^the file is not GB 18030: line 2/);
  expect(refusal(line('h\n', beauty), 'utf-8')).toMatch(/^the file is not UTF-8: line 2/);
  expect(refusal(line('\ufeffh\n', gbk('ff')))).toMatch(/^the file is not UTF-8: line 2/);
  expect(refusal(Buffer.from([0xff, 0xfe, 0x00, 0xd8]))).toMatch(/^the file is not UTF-16/);
  expect(refusal(Buffer.from('a\0b,c\0d'))).toMatch(/zero bytes/);
  expect(refusal(Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]))).toMatch(/zero bytes/);
});

it('refuses a file in two encodings, and a name that the file contradicts', () => {
  const two = /^the file is in two encodings: line 2 is UTF-8, and line 3 is not; save both parts/;
  expect(refusal(line('h\n食品\n', beauty, '\n'))).toMatch(two);
  expect(refusal(line('h\n食品\n', beauty, '\n'), 'gb18030')).toMatch(two);
  expect(refusal(line('h\n食品\n', food, '\n'))).toMatch(
    /^the file may be UTF-8, which reads "ʳƷ" in line 3, or GB 18030, which reads "食品"/,
  );
  expect(refusal(line('h\n食品\n', food, '\n'), 'gb18030')).toMatch(
    /^the file is not GB 18030: line 2 is UTF-8; name utf-8, or leave --encoding out/,
  );
  for (const mark of [line('\ufeffa\n'), Buffer.from('\ufeffa', 'utf16le'), utf16be('\ufeffa')])
    expect(refusal(mark, 'gb18030')).toMatch(/^the file has the byte order mark of UTF-.*GB 18030/);
  expect(refusal(line('José 美\n'), 'gb18030')).toMatch(/^the file is not GB 18030: line 1/);
  expect(read(line('h\n', beauty), 'gb18030')).toBe('gb18030: h\n美妆');
});

it('reads every text of UTF-8 and UTF-16 back, in any chunks', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', ',', '\n', '食', '品', '𠮷', '，') })
    .map((each) => `食,\n${each}`);
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (given, size) => {
      for (const bytes of [Buffer.from(given), Buffer.from(given, 'utf16le'), utf16be(given)]) {
        const chunks: Buffer[] = [];
        for (let from = 0; from < bytes.length; from += size)
          chunks.push(bytes.subarray(from, from + size));
        const { encoding } = findEncoding(chunks);
        expect([...decoded(chunks, encoding)].join('')).toBe(given);
      }
    }),
  );
});
