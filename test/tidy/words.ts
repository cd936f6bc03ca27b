import { problemAt, type TextFile } from './tree.js';

/** A word that the glossary does not choose, and what it chooses. */
export interface Word {
  readonly word: string;
  /** No part of a name may be the word; otherwise no whole name. */
  readonly inParts: boolean;
  readonly instead: string;
}

const row = /^\| ([^|]+) \((in names|as a name)\) \| ([^|]+) \|$/gm;

/** Reads the words that names do not use from the glossary's last table. */
export function unusedWords(glossary: string): readonly Word[] {
  return [...glossary.matchAll(row)].flatMap(([, not = '', where, instead = '']) =>
    not.split(', ').map((word) => ({ word, inParts: where === 'in names', instead })),
  );
}

const chineseRow = /^\| (\p{Script=Han}[^|]*) \| ([^|]+) \|$/gmu;

/** Reads the words that Chinese texts do not use from the glossary: rows that begin with one. */
export function unusedChinese(glossary: string): readonly Omit<Word, 'inParts'>[] {
  return [...glossary.matchAll(chineseRow)].flatMap(([, not = '', instead = '']) =>
    not.split('、').map((word) => ({ word, instead })),
  );
}

/** Finds Chinese words that have another one in the glossary, which names them. */
export function unchosenChinese(
  { path, text }: TextFile,
  words: readonly Omit<Word, 'inParts'>[],
): readonly string[] {
  if (path === 'docs/glossary.md') return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      words
        .filter(({ word }) => line.includes(word))
        .map(({ word, instead }) =>
          problemAt(path, index + 1, `"${word}": the glossary has ${instead}`),
        ),
    );
}

/** Names of other programs: the wire format of an engine's ids. */
const given = new Set(['getMostSignificantBits', 'setMostSignificantBits']);

/** Finds identifiers of TypeScript that have another name in the glossary. */
export function unchosenNames({ path, text }: TextFile, words: readonly Word[]): readonly string[] {
  if (!path.endsWith('.ts')) return [];
  return codeOf(text)
    .split('\n')
    .flatMap((line, index) =>
      [...new Set(line.match(/[A-Za-z_$][\w$]*/g))].flatMap((name) => {
        if (given.has(name)) return [];
        const parts = name.split(/(?=[A-Z])/).map((part) => part.toLowerCase());
        return words
          .filter(({ word, inParts }) => (inParts ? parts.includes(word) : name === word))
          .map(({ word, instead }) =>
            problemAt(path, index + 1, `"${name}": the glossary has ${instead} for "${word}"`),
          );
      }),
    );
}

/** A comment, a string or what stands between: the first of them that begins at a place. */
const parts = /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** A text's code: comments and plain strings give way to spaces, so that lines stay in place. */
function codeOf(text: string): string {
  return text.replaceAll(parts, (part) => part.replaceAll(/[^\n]/g, ' '));
}

/** Words that begin a clause and no sentence: a doc comment says what a thing is or does. */
const clause = /^(?:What|Whether|Of|Where|When|How|Why|Which|Who|Whose)\b/;

/** Finds doc comments of TypeScript that begin with neither a noun nor a verb. */
export function clauseComments({ path, text }: TextFile): readonly string[] {
  if (!path.endsWith('.ts')) return [];
  return [...text.matchAll(/\/\*\*[\s*]*([^]*?)\*\//g)].flatMap(({ index, 1: said = '' }) => {
    const [begins] = clause.exec(said) ?? [];
    if (begins === undefined) return [];
    const line = text.slice(0, index).split('\n').length;
    return [
      problemAt(
        path,
        line,
        `a doc comment begins with "${begins}"; name the thing or say what it does`,
      ),
    ];
  });
}
