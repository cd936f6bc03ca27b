import { posix } from 'node:path';
import { firstWord, type Law } from './law.js';
import { problemAt, type TextFile } from './tree.js';

const number = '§\\d+(?:\\.\\d+)*';
/** `rules §5`, `rules §5, §7`, `RFC 9110 §15.5.6`; after it perhaps the part of a section. */
const section = new RegExp(
  // In a string of code a citation may follow upon the letters of a line break.
  `(?:\\b|(?<=\\\\n)|(?=规))` +
    `(rules|Rules|规则|interchange|RFC \\d{3,5}|APPNOTE [\\d.]+|W3C [\\w .]+?),? ` +
    `(${number}(?:(?:, | and | to )${number})*)(?:, ([A-Z][a-z]+))?`,
  'g',
);
/** A section of the rules by its number in words: they are cited in one way. */
const sectionInWords = /规则第[一二三四五六七八九十\d]+节/g;
const looseSection = /§ ?\d+(?:\.\d+)*/g;
const caseOrVector = /(?<![\w-])([EV])-(\d+)\b/g;
const engineRule = /\b([Ee]ngine )?[Rr]ules? (\d+(?:(?:, | and )\d+)*)(?![\d.:%])/g;
const reading = /(?<![\w-])R (\d+)\b/g;

/** Finds citations that name nothing: of the law, of its cases, or of the oracle's readings. */
export function unresolvedCitations(file: TextFile, law: Law): readonly string[] {
  const { text, lineAt } = flowing(file.text);
  const found: [number, string][] = [];
  let rest = text;
  const cited = (pattern: RegExp, problemOf: (match: RegExpExecArray) => string | undefined) => {
    for (const match of rest.matchAll(pattern)) {
      const problem = problemOf(match);
      if (problem !== undefined) found.push([match.index, problem]);
    }
    rest = rest.replaceAll(pattern, (match) => ' '.repeat(match.length));
  };
  cited(section, ([match, name = '', numbers = '', part]) =>
    sectionProblem(law, match, name, numbers, part),
  );
  cited(looseSection, ([match]) => `${match}: say of which text, as in "rules §5"`);
  cited(sectionInWords, ([match]) => `${match}: write it as in "规则 §5"`);
  cited(caseOrVector, ([match, kind, id]) =>
    (kind === 'E' ? law.cases : law.vectors).has(Number(id))
      ? undefined
      : `${match}: there is none`,
  );
  cited(engineRule, ([match, engine, numbers = '']) => {
    if (engine === undefined) return `${match}: say "engine ${match.toLowerCase()}"`;
    return allIn(law.engineRules, numbers) ? undefined : `${match}: there is none`;
  });
  if (file.path.startsWith('test/oracle/'))
    cited(reading, ([match, id]) =>
      law.readings.has(Number(id)) ? undefined : `${match}: there is none`,
    );
  return found
    .sort(([a], [b]) => a - b)
    .map(([index, problem]) => problemAt(file.path, lineAt(index), problem));
}

function sectionProblem(
  { rules, interchange }: Law,
  match: string,
  name: string,
  numbers: string,
  part: string | undefined,
): string | undefined {
  const text = { rules, 规则: rules, interchange }[name.toLowerCase()];
  if (text === undefined) return undefined;
  const cited = numbers.split(/, | and | to /).map((each) => text.get(Number(each.slice(1))));
  if (cited.includes(undefined)) return `${match}: there is no such section`;
  if (part === undefined || cited.at(-1)?.parts.has(firstWord(part)) === true) return undefined;
  return `${match}: the section has no part "${part}"`;
}

function allIn(known: ReadonlySet<number>, numbers: string): boolean {
  return numbers.split(/, | and /).every((each) => known.has(Number(each)));
}

/** Names of texts: `docs/spec/event.md#bytes`, `event.md`. */
const named = /(?<![\w./:-])\/?((?:[\w.-]+\/)*[\w-]+\.md)(?:#([\w-]+))?/g;

/**
 * Finds names of Markdown texts that are not there, and anchors that their text has not.
 *
 * @param exists whether a path of the checkout is there
 * @param anchorsAt the anchors of a Markdown text, by its path
 */
export function unknownTexts(
  file: TextFile,
  exists: (path: string) => boolean,
  anchorsAt: (path: string) => ReadonlySet<string>,
): readonly string[] {
  const { text, lineAt } = flowing(file.text);
  return [...text.matchAll(named)].flatMap(({ index, 0: match, 1: name = '', 2: anchor }) => {
    const path = placesOf(name, file.path).find(exists);
    if (path === undefined)
      return [problemAt(file.path, lineAt(index), `${match}: there is no such text`)];
    if (anchor === undefined || anchorsAt(path).has(anchor)) return [];
    return [problemAt(file.path, lineAt(index), `${match}: the text has no such anchor`)];
  });
}

/** Where a text that is named may stand: above the file that names it, or where texts are kept. */
function placesOf(name: string, from: string): readonly string[] {
  const names = from.split('/').slice(0, -1);
  const above = names.map((_, index) => names.slice(0, names.length - index).join('/'));
  const kept = ['', 'docs', 'docs/spec', 'docs/decisions', 'test/oracle'];
  return [...above, ...kept].map((folder) => posix.join(folder, name));
}

/** Joins the lines of a text, without comment marks: a citation may run over a line's end. */
function flowing(text: string): { readonly text: string; readonly lineAt: (at: number) => number } {
  const starts: number[] = [];
  let joined = '';
  for (const line of text.split('\n')) {
    starts.push(joined.length);
    joined += `${line.replace(/^\s*(?:\/?\*+(?!\*)|\/\/|#(?!#)|>)?\s*/, '')} `;
  }
  const lineAt = (at: number): number => starts.filter((start) => start <= at).length;
  return { text: joined, lineAt };
}
