import type { InBoth } from './in-both.js';

/** The nouns of the domain's things before an id: `deduction "d1"`, `扣分 "d1"`. */
export const nounTerms = {
  addition: { en: 'addition', zh: '加分' },
  agency: { en: 'agency', zh: '机构' },
  appeal: { en: 'appeal', zh: '申诉' },
  calendar: { en: 'calendar', zh: '节假日历' },
  command: { en: 'command', zh: '指令' },
  complaint: { en: 'complaint', zh: '投诉' },
  creator: { en: 'creator', zh: '达人' },
  deduction: { en: 'deduction', zh: '扣分' },
  evidence: { en: 'evidence', zh: '证据' },
  hold: { en: 'legal hold', zh: '法律保留' },
  measure: { en: 'measure', zh: '处置措施' },
  pack: { en: 'pack', zh: '证据包' },
  post: { en: 'post', zh: '成长分享' },
  proposal: { en: 'proposal', zh: '提案' },
  review: { en: 'review', zh: '人工判定' },
  rulebook: { en: 'rulebook', zh: '规则' },
  session: { en: 'session', zh: '直播场次' },
} as const satisfies Readonly<Record<string, InBoth>>;

export type NounKind = keyof typeof nounTerms;
