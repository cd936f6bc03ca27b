import { nounTerms } from '@penalty-ledger/ledger';

/** The nouns before a name, by their English: `deduction "d1"`. Two are of the service alone. */
const nouns: ReadonlyMap<string, string> = new Map([
  ...Object.values(nounTerms).map(({ en, zh }) => [en, zh] as const),
  ['key', '密钥'],
  ['webhook', '订阅'],
]);

/** A field at the beginning; a thing by its id; an instant, a date or a month. */
const facts = new RegExp(
  [
    String.raw`^(?<field>[A-Za-z][\w.[\]-]*(?:, [a-z]\w*)*): `,
    String.raw`(?:\b(?<noun>[a-z]+) )?"(?<id>[^"]{1,64})"`,
    String.raw`(?<when>\b\d{4}-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)?(?![\w-]))`,
  ].join('|'),
  'g',
);

/**
 * A sentence in Chinese for a refusal that was written in English: the title of its code, and in
 * brackets the fields, ids and instants of the English sentence, in its order. It says no more than
 * that sentence, which stays beside it.
 *
 * @param title of the code, in Chinese
 * @param english `appeal "p1" already named deduction "d1"`
 * @returns `已申诉过（申诉 "p1"、扣分 "d1"）`
 */
export function chineseDetail(title: string, english: string): string {
  const named = [...english.matchAll(facts)].map(({ groups = {} }) => {
    const { field, noun = '', id, when } = groups;
    if (id === undefined) return field ?? when ?? '';
    return `${nouns.get(noun) ?? ''} "${id}"`.trim();
  });
  return named.length === 0 ? title : `${title}（${[...new Set(named)].join('、')}）`;
}
