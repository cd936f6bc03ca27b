import { wideLines } from './columns.js';

const wide = 'x'.repeat(101);
const hundred = 'x'.repeat(100);

it.each([
  ['a.ts', hundred],
  ['a.ts', '申'.repeat(100)],
  ['a.md', `| ${wide} |`],
  ['a.md', `${'x'.repeat(90)} [link](https://example.org/${wide})`],
  ['a.md', `${'x'.repeat(90)} [link](../${wide}.md)`],
  ['a.ts', `// https://example.org/${wide}`],
  ['a.txt', wide],
  ['a.snap', wide],
])('%s may have the line %s', (path, text) => {
  expect(wideLines({ path, text })).toEqual([]);
});

it.each([
  ['a.ts', wide],
  ['a.ts', `| ${wide} |`],
  ['a.ts', `${'x'.repeat(90)} [link](../${wide}.md)`],
  ['a.md', wide],
  ['a.md', `[${wide}](b.md)`],
  ['docker/Dockerfile', `# ${wide}`],
])('%s may not have the line %s', (path, text) => {
  expect(wideLines({ path, text: `\n${text}` })).toEqual([
    expect.stringMatching(new RegExp(`^${path}:2: \\d+ columns; 100 is the most$`)),
  ]);
});
