import { wideLines } from './columns.js';

const word = 'x'.repeat(101);
const wide = `y ${'x'.repeat(99)}`;
const hundred = 'x'.repeat(100);

it.each([
  ['a.ts', hundred],
  ['a.ts', '申'.repeat(100)],
  ['a.md', `| ${wide} |`],
  ['a.md', `${'x'.repeat(90)} [link](https://example.org/${word})`],
  ['a.md', `${'x'.repeat(90)} [link](../${word}.md)`],
  ['a.ts', `// https://example.org/${word}`],
  ['a.ts', `  ${word}`],
  ['docs/spec/a.md', `\`\`\`\n${wide}\n\`\`\``],
  ['a.txt', wide],
  ['a.snap', wide],
])('%s may have the line %s', (path, text) => {
  expect(wideLines({ path, text })).toEqual([]);
});

it.each([
  ['a.ts', wide],
  ['a.ts', `| ${wide} |`],
  ['a.ts', `${'x'.repeat(90)} [link](../${word}.md)`],
  ['a.md', wide],
  ['a.md', `[${wide}](b.md)`],
  ['docs/a.md', `\`\`\`\n${wide}\n\`\`\``],
  ['docker/Dockerfile', `# ${wide}`],
])('%s may not have the line %s', (path, text) => {
  expect(wideLines({ path, text: `\n${text}` })).toEqual([
    expect.stringMatching(new RegExp(`^${path}:[23]: \\d+ columns; 100 is the most$`)),
  ]);
});
