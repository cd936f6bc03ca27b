import {
  defaultLanguage,
  languageOfLocale,
  type InBoth,
  type Language,
} from '@penalty-ledger/application/language';

/** One process speaks one language: that of its reader. */
let spoken: Language = defaultLanguage;

/** Sets the language of everything that is said from now on. */
export function speak(language: Language): void {
  spoken = language;
}

/** Speaks to programs from now on: JSON is the same in every language. */
export function speakToPrograms(): void {
  speak(defaultLanguage);
}

/** Returns the language of this process, for texts that are kept elsewhere in both. */
export function language(): Language {
  return spoken;
}

/** Returns a text in the language of this process. */
export function said(en: string, zh: string): string {
  return spoken === 'zh' ? zh : en;
}

/** Returns a text that is kept in both languages. */
export function saidIn(text: InBoth): string {
  return text[spoken];
}

/** Returns what an error says, in the language of this process where it is kept in both. */
export function saidBy(error: Error): string {
  return 'inBoth' in error && isInBoth(error.inBoth) ? saidIn(error.inBoth) : error.message;
}

/** Tells whether a value is a text in both languages, as an error holds one. */
export function isInBoth(text: unknown): text is InBoth {
  if (typeof text !== 'object' || text === null || !('en' in text) || !('zh' in text)) return false;
  return typeof text.en === 'string' && typeof text.zh === 'string';
}

/**
 * Returns the language a command line asks for: by `--lang`, else by the locale of the environment
 * (POSIX: `LC_ALL`, `LC_MESSAGES`, `LANG`; an empty one is not set). Help is written before the
 * command line is parsed, so it is looked for here; what is wrong with it the parser says.
 */
export function languageAsked(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const end = args.indexOf('--');
  const before = end === -1 ? args : args.slice(0, end);
  const asked = before
    .map((arg, at) => (arg === '--lang' ? before[at + 1] : /^--lang=(.*)$/s.exec(arg)?.[1]))
    .findLast((value) => value === 'en' || value === 'zh');
  if (asked !== undefined) return asked;
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return languageOfLocale(locale);
}
