import { headingsOf, proseLines } from './markdown.js';

/** A section of a text of the law: the names of its parts, from headings and bold beginnings. */
interface Section {
  readonly parts: ReadonlySet<string>;
}

/** What a citation can name. */
export interface Law {
  readonly rules: ReadonlyMap<number, Section>;
  readonly interchange: ReadonlyMap<number, Section>;
  readonly cases: ReadonlySet<number>;
  readonly vectors: ReadonlySet<number>;
  readonly engineRules: ReadonlySet<number>;
  /** The oracle's own readings of the law, cited in its folder alone. */
  readonly readings: ReadonlySet<number>;
}

/** The texts that the law is read from, by their paths. */
export const lawPaths = {
  rules: 'docs/spec/rules.md',
  interchange: 'docs/spec/interchange.md',
  cases: 'docs/spec/cases.md',
  engineRules: 'docs/spec/engine-rules.md',
  readings: 'test/oracle/readings.md',
} as const;

/** Reads what can be cited. */
export function readLaw(textAt: (path: string) => string): Law {
  const cases = textAt(lawPaths.cases);
  return {
    rules: sectionsOf(textAt(lawPaths.rules)),
    interchange: sectionsOf(textAt(lawPaths.interchange)),
    cases: numbersIn(cases, /<a id="e-(\d+)"><\/a>/g),
    vectors: numbersIn(cases, /<a id="v-(\d+)"><\/a>/g),
    engineRules: numbersIn(textAt(lawPaths.engineRules), /<a id="rule-(\d+)"><\/a>/g),
    readings: numbersIn(textAt(lawPaths.readings), /^(\d+)\. /gm),
  };
}

/** Returns the sections `## 5. Standing`, each with its parts. */
function sectionsOf(text: string): ReadonlyMap<number, Section> {
  const lines = proseLines(text);
  const headings = headingsOf(text);
  const tops = headings.filter(({ level }) => level === 2);
  return new Map(
    tops.flatMap(({ line, title }, index) => {
      const [, number] = /^(\d+)\. /.exec(title) ?? [];
      if (number === undefined) return [];
      const end = tops[index + 1]?.line ?? lines.length + 1;
      const within = headings.filter((each) => each.line > line && each.line < end);
      const bold = lines
        .slice(line, end - 1)
        .flatMap((each) => [...each.matchAll(/^[-*] \*\*([^*]+)\*\*/g)].map(([, part]) => part));
      const parts = [...within.map((each) => each.title), ...bold].map((part) => firstWord(part));
      return [[Number(number), { parts: new Set(parts) }]];
    }),
  );
}

/** `Expulsion` of `Expulsion and return`: enough to find a part by. */
export function firstWord(title = ''): string {
  return /^[A-Za-z-]+/.exec(title)?.[0] ?? '';
}

function numbersIn(text: string, pattern: RegExp): ReadonlySet<number> {
  return new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)));
}
