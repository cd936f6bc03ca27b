/** The domain's nouns before a name, by their English: `deduction "d1"`. */
export const nouns = {
  addition: '加分',
  agency: '机构',
  appeal: '申诉',
  calendar: '日历',
  complaint: '投诉',
  creator: '达人',
  deduction: '扣分',
  evidence: '证据',
  key: '密钥',
  measure: '处置措施',
  pack: '证据包',
  proposal: '提案',
  review: '人工判定',
  rulebook: '规则',
  session: '场次',
  webhook: '订阅',
} as const;

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
    return `${nounOf(noun)} "${id}"`.trim();
  });
  return named.length === 0 ? title : `${title}（${[...new Set(named)].join('、')}）`;
}

function nounOf(english: string): string {
  return (nouns as Readonly<Partial<Record<string, string>>>)[english] ?? '';
}
