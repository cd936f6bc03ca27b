import type { Law } from './law.js';
import { proseLines } from './markdown.js';
import type { TextFile } from './tree.js';

/** The section of `cases.md` that lists what no test names, each as `- E-54: why`. */
const heading = '### Cases without a test';

/** Returns what is listed as not tested, with the reason. */
export function listedWithoutTest(cases: string): ReadonlyMap<string, string> {
  const lines = proseLines(cases);
  const start = lines.indexOf(heading);
  if (start === -1) return new Map();
  const end = lines.findIndex((line, index) => index > start && line.startsWith('#'));
  return new Map(
    lines.slice(start, end).flatMap((line) => {
      const [, id, reason] = /^- ([EV]-\d+): (.+)$/.exec(line) ?? [];
      return id === undefined || reason === undefined ? [] : [[id, reason]];
    }),
  );
}

/** Finds cases and vectors that are neither named by a test nor listed, and those that are both. */
export function uncovered(
  { cases, vectors }: Pick<Law, 'cases' | 'vectors'>,
  listed: ReadonlyMap<string, string>,
  specs: readonly TextFile[],
): readonly string[] {
  const named = new Set(
    specs.flatMap(({ text }) => [...text.matchAll(/(?<![\w-])[EV]-\d+\b/g)].map(([id]) => id)),
  );
  const ids = [
    ...[...cases].map((id) => `E-${String(id)}`),
    ...[...vectors].map((id) => `V-${String(id)}`),
  ];
  return ids.flatMap((id) => {
    if (named.has(id))
      return listed.has(id) ? [`${id}: a test names it; take it off the list`] : [];
    return listed.has(id) ? [] : [`${id}: no test names it, and no reason is given`];
  });
}
