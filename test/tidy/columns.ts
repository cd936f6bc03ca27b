import { problemAt, type TextFile } from './tree.js';

const widest = 100;

/** What is measured: prose and code, and not what a program printed or compares byte for byte. */
const measured = /\.(?:ts|js|mjs|cjs|css|html|md|py|yml)$|(?:^|\/)(?:Dockerfile|run)$/;

/** Finds lines of more than 100 characters; tables and links of Markdown may be longer. */
export function wideLines({ path, text }: TextFile): readonly string[] {
  if (!measured.test(path)) return [];
  const isProse = path.endsWith('.md');
  return text.split('\n').flatMap((line, index) => {
    const counted = isProse && isTableRow(line) ? '' : withoutAddresses(line, isProse);
    const width = Array.from(counted).length;
    if (width <= widest) return [];
    return [problemAt(path, index + 1, `${String(width)} columns; ${String(widest)} is the most`)];
  });
}

function isTableRow(line: string): boolean {
  return line.trimStart().startsWith('|');
}

/** An address cannot be broken: nothing of it counts, nor where a link of Markdown leads. */
function withoutAddresses(line: string, isProse: boolean): string {
  const withoutTargets = isProse ? line.replaceAll(/\]\([^()\s]*\)/g, ']') : line;
  return withoutTargets.replaceAll(/https?:\/\/[^\s'"`<>)]+/g, '');
}
