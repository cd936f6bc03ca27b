import { posix } from 'node:path';
import { problemAt, type TextFile } from './tree.js';

/** A heading of a text: how deep it is, and its anchor. */
export interface Heading {
  readonly line: number;
  readonly level: number;
  readonly title: string;
  readonly anchor: string;
}

/** Returns the lines of a Markdown text, with those inside of fences empty. */
export function proseLines(text: string): readonly string[] {
  let fenced = false;
  return text.split('\n').map((line) => {
    const isFence = line.startsWith('```');
    if (isFence) fenced = !fenced;
    return isFence || fenced ? '' : line;
  });
}

/** Returns the headings of a Markdown text with the anchors that GitHub gives them. */
export function headingsOf(text: string): readonly Heading[] {
  const given = new Map<string, number>();
  return proseLines(text).flatMap((line, index) => {
    const [, marks, title] = /^(#{1,6}) (.+)$/.exec(line) ?? [];
    if (marks === undefined || title === undefined) return [];
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = given.get(slug) ?? 0;
    given.set(slug, before + 1);
    const anchor = before === 0 ? slug : `${slug}-${String(before)}`;
    return [{ line: index + 1, level: marks.length, title, anchor }];
  });
}

/** Returns every anchor of a Markdown text: of its headings, and those written as `<a id="…">`. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const written = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id ?? '');
  return new Set([...headingsOf(text).map(({ anchor }) => anchor), ...written]);
}

/** Finds anchors that a text gives twice, of which a link reaches only the first. */
export function repeatedAnchors({ path, text }: TextFile): readonly string[] {
  const seen = new Set<string>();
  return proseLines(text).flatMap((line, index) =>
    [...line.matchAll(/<a id="([^"]+)"><\/a>/g)].flatMap(([, id = '']) => {
      const isRepeated = seen.has(id);
      seen.add(id);
      return isRepeated ? [problemAt(path, index + 1, `the anchor "${id}" stands twice`)] : [];
    }),
  );
}

/**
 * Finds relative links that lead nowhere.
 *
 * @param exists whether a path of the checkout is there
 * @param anchorsAt the anchors of a Markdown text, by its path
 */
export function brokenLinks(
  { path, text }: TextFile,
  exists: (path: string) => boolean,
  anchorsAt: (path: string) => ReadonlySet<string>,
): readonly string[] {
  return proseLines(text).flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].flatMap(
      ([, target = '']) => {
        if (/^[a-z][a-z+.-]*:/.test(target)) return [];
        const [file = '', anchor] = target.split('#');
        const to = file === '' ? path : posix.join(posix.dirname(path), file);
        if (!exists(to)) return [problemAt(path, index + 1, `no file "${to}"`)];
        if (anchor === undefined || anchorsAt(to).has(anchor)) return [];
        return [problemAt(path, index + 1, `"${to}" has no anchor "${anchor}"`)];
      },
    ),
  );
}
