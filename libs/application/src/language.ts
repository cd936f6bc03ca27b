import type { InBoth } from '@penalty-ledger/ledger/in-both';

export type { InBoth };

/** The languages of texts for people. Codes, names of fields and ids are the same in both. */
export type Language = keyof InBoth;

/** The language for a reader who states none, or none of ours. */
export const defaultLanguage: Language = 'en';

/**
 * Returns the language of a locale by its POSIX name, as in `zh_CN.UTF-8`: Chinese for every `zh`,
 * else {@link defaultLanguage}.
 */
export function languageOfLocale(locale: string | undefined): Language {
  return /^zh(?:[-_.@]|$)/i.test(locale ?? '') ? 'zh' : defaultLanguage;
}
