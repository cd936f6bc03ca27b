import { problemAt, type TextFile } from './tree.js';

/** A name that the glossary does not choose, and what it chooses. */
export interface Word {
  /** Matches a whole identifier. */
  readonly name: RegExp;
  readonly instead: string;
}

/** Finds identifiers of TypeScript that have another name in the glossary. */
export function unchosenNames({ path, text }: TextFile, words: readonly Word[]): readonly string[] {
  if (!path.endsWith('.ts')) return [];
  return codeOf(text)
    .split('\n')
    .flatMap((line, index) =>
      [...new Set(line.match(/[A-Za-z_$][\w$]*/g))].flatMap((name) =>
        words
          .filter((word) => word.name.test(name))
          .map(({ instead }) =>
            problemAt(path, index + 1, `"${name}": the glossary has ${instead}`),
          ),
      ),
    );
}

/** A comment, a string or what stands between: the first of them that begins at a place. */
const parts = /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** A text's code: comments and plain strings give way to spaces, so that lines stay where they are. */
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
