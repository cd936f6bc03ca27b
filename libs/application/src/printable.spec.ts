import { plain, plainLine, shown } from './printable.js';

/** Each would act on a terminal, turn the writing, or begin a line that nobody wrote. */
const hostile = [
  '\u001b[2J',
  '\u001b]0;title\u0007',
  '\u009b31m',
  '\u0000',
  '\u007f',
  '\b\b\b',
  '\r',
  '\u2028',
  '\u2029',
  '\u0085',
  '\u061c',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202e',
  '\u2066',
  '\u2069',
  '\ufff9',
  '\ud800',
  '\udfff',
];

it.each(hostile.map((text) => [JSON.stringify(text), text] as const))(
  '%s becomes U+FFFD, with and without lines',
  (_, text) => {
    for (const safe of [plain(`a${text}b`), plainLine(`a${text}b`)]) {
      expect(safe).not.toMatch(
        /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
      );
      expect(safe).toContain('\ufffd');
      expect(safe).toMatch(/^a.*b$/u);
    }
  },
);

it('names, tabs and emoji stay readable, and line breaks stay where they are wanted', () => {
  const text = '杭州\t云帆 👩‍💻 é';
  expect(plainLine(text)).toBe('杭州 云帆 👩‍💻 é');
  expect(plain(`${text}\r\nb\nc`)).toBe('杭州 云帆 👩‍💻 é\nb\nc');
  expect(plainLine('a\nerror: b')).toBe('a\ufffderror: b');
});

it('a line of JSON means the same, and stays JSON', () => {
  const line = JSON.stringify({ label: 'a"\\\u001b\n\u202e' });
  expect(JSON.parse(plain(line))).toEqual({ label: 'a"\\\u001b\n\ufffd' });
});

it.each([...hostile, '\u200b', '\ufeff'].map((text) => [JSON.stringify(text), text] as const))(
  '%s is quoted by its code, and reads back as it was',
  (_, text) => {
    const quoted = shown(`a${text}b`);
    expect(quoted).toMatch(/^"a[\x20-\x7e]+b"$/);
    expect(JSON.parse(quoted)).toBe(`a${text}b`);
  },
);

it('a long text is quoted by its beginning', () =>
  expect(shown('x'.repeat(200), 3)).toBe('"xxx…"'));
