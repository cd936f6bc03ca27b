import { proseLines } from './markdown.js';
import { problemAt, type TextFile } from './tree.js';

const widest = 100;

/** What is measured: prose and code, and not what a program printed or compares byte for byte. */
const measured = /\.(?:ts|js|mjs|cjs|css|html|md|py|yml)$|(?:^|\/)(?:Dockerfile|run)$/;

/** Formats are shown to the byte: an example of one line is one line. */
const examples = /^docs\/spec\/.*\.md$/;

/**
 * Finds lines wider than 100 columns: a Chinese sign takes two. Wider may be tables and links of
 * Markdown, addresses, a line that is one word, and the examples of the formats.
 */
export function wideLines({ path, text }: TextFile): readonly string[] {
  if (!measured.test(path)) return [];
  const isProse = path.endsWith('.md');
  const lines = examples.test(path) ? proseLines(text) : text.split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*\S*$/.test(line) || (isProse && isTableRow(line))) return [];
    const shown = withoutAddresses(line, isProse);
    // The formats and the rules are kept as they were laid down.
    const width = examples.test(path) ? Array.from(shown).length : widthOf(shown);
    if (width <= widest) return [];
    return [problemAt(path, index + 1, `${String(width)} columns; ${String(widest)} is the most`)];
  });
}

/** Signs that take two columns: Chinese ones, and those in full width. */
const wide = /[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu;

function widthOf(line: string): number {
  return Array.from(line).length + (line.match(wide)?.length ?? 0);
}

function isTableRow(line: string): boolean {
  return line.trimStart().startsWith('|');
}

/** An address cannot be broken: nothing of it counts, nor where a link of Markdown leads. */
function withoutAddresses(line: string, isProse: boolean): string {
  const withoutTargets = isProse ? line.replaceAll(/\]\([^()\s]*\)/g, ']') : line;
  return withoutTargets.replaceAll(/https?:\/\/[^\s'"`<>)]+/g, '');
}
