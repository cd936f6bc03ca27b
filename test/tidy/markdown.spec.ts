import { anchorsOf, brokenLinks, headingsOf, repeatedAnchors } from './markdown.js';

it('a heading has the anchor that GitHub gives it', () => {
  const text = [
    '# Cases, golden vectors',
    '## 2. Command lines (NDJSON)',
    '### `disclosed.json`',
    '### Bytes',
    '### Bytes',
    '```',
    '## not a heading',
    '```',
    '## 申诉 and 2',
  ].join('\n');
  expect(headingsOf(text).map(({ anchor }) => anchor)).toEqual([
    'cases-golden-vectors',
    '2-command-lines-ndjson',
    'disclosedjson',
    'bytes',
    'bytes-1',
    '申诉-and-2',
  ]);
  expect(headingsOf(text)[1]).toMatchObject({ line: 2, level: 2 });
});

it('an anchor can be written', () => {
  expect([...anchorsOf('# A\n- <a id="e-1"></a>**E-1**\n')]).toEqual(['a', 'e-1']);
  expect(repeatedAnchors({ path: 'a.md', text: '<a id="x"></a>\n<a id="x"></a>' })).toEqual([
    'a.md:2: the anchor "x" stands twice',
  ]);
});

describe('a link', () => {
  const there = new Map([
    ['docs/a.md', new Set(['one'])],
    ['docs/b.md', new Set(['two'])],
    ['LICENSE', new Set<string>()],
  ]);
  const broken = (text: string): readonly string[] =>
    brokenLinks(
      { path: 'docs/a.md', text },
      (path) => there.has(path),
      (path) => there.get(path) ?? new Set(),
    );

  it.each([
    '[b](b.md)',
    '[two](b.md#two)',
    '[one](#one)',
    '[licence](../LICENSE)',
    '[out](https://example.org/none.md#x)',
    '[mail](mailto:a@example.org)',
    '`[code](none.md)`',
    '```\n[code](none.md)\n```',
  ])('%s leads somewhere', (text) => {
    expect(broken(text)).toEqual([]);
  });

  it.each([
    ['[c](c.md)', 'no file "docs/c.md"'],
    ['[b](../b.md)', 'no file "b.md"'],
    ['[one](b.md#one)', '"docs/b.md" has no anchor "one"'],
    ['[two](#two)', '"docs/a.md" has no anchor "two"'],
  ])('%s does not', (text, problem) => {
    expect(broken(`first\n${text}`)).toEqual([`docs/a.md:2: ${problem}`]);
  });
});
