/** One text in both languages of the product. */
export type InBoth = Readonly<Record<'en' | 'zh', string>>;

/**
 * A sentence of the ledger in an answer or an outcome. In JSON it is its English half: JSON is the
 * same for every reader (docs/decisions/languages.md).
 */
export class Sentence implements InBoth {
  readonly en: string;
  readonly zh: string;

  constructor({ en, zh }: InBoth) {
    this.en = en;
    this.zh = zh;
  }

  toJSON(): string {
    return this.en;
  }
}

/** A text that is the same in both languages: an id, a code. */
export function sameInBoth(text: string): InBoth {
  return { en: text, zh: text };
}

/** Makes a sentence; one that is made already is kept. */
export function sentence(text: InBoth): Sentence {
  return text instanceof Sentence ? text : new Sentence(text);
}

/** Changes both halves in the same way, as by a place before them: `data.points: …`. */
export function inEach(text: InBoth, change: (half: string) => string): Sentence {
  return new Sentence({ en: change(text.en), zh: change(text.zh) });
}

/** A place of a command or a file, and what is wrong there. */
export function placed(place: string, problem: InBoth): Sentence {
  return new Sentence({ en: `${place}: ${problem.en}`, zh: `${place}：${problem.zh}` });
}

/** Takes a place and what is wrong there apart: what {@link placed} joined. */
export function placeAndProblem({ en, zh }: InBoth): {
  readonly place: string;
  readonly what: InBoth;
} {
  const [inEnglish, inChinese] = [en.indexOf(':'), zh.indexOf('：')];
  return {
    place: en.slice(0, inEnglish),
    what: { en: en.slice(inEnglish + 2), zh: zh.slice(inChinese + 1) },
  };
}

/** Gives what an error says: in both languages where it holds both, else its message for both. */
export function errorInBoth(error: unknown): InBoth {
  if (!(error instanceof Error)) return sameInBoth(String(error));
  const { inBoth } = error as Partial<Pick<SpokenError, 'inBoth'>>;
  return inBoth ?? sameInBoth(error.message);
}

/** Joins sentences into one. */
export function joined(sentences: readonly InBoth[]): Sentence {
  return new Sentence({
    en: sentences.map(({ en }) => en).join('; '),
    zh: sentences.map(({ zh }) => zh).join('；'),
  });
}

/**
 * An error that a person can cause and read. Its message is English, for logs; `inBoth` is what a
 * reader gets.
 */
export class SpokenError extends Error {
  constructor(
    readonly inBoth: InBoth,
    options?: ErrorOptions,
  ) {
    super(inBoth.en, options);
  }
}
