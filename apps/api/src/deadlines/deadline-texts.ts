import type { DeadlineKind } from '@penalty-ledger/application';
import type { Language } from '../http/language.js';

/** The kinds of entries in a calendar: deadlines, and a month that can still pass. */
export type CalendarKind = DeadlineKind | 'assessment_month';

/** A deadline's title in a calendar, and the rule it follows from. */
export interface DeadlineText {
  readonly summary: (agencyId: string, subjectId: string) => string;
  /** Says what to do until then, or from then on. */
  readonly description: string;
  readonly rule: string;
}

/**
 * The deadlines in each language, with ids and without names: a calendar lies on strangers'
 * servers.
 */
export const deadlineTexts: Readonly<
  Record<Language, Readonly<Record<CalendarKind, DeadlineText>>>
> = {
  en: {
    appeal_deduction: {
      summary: (agencyId, subjectId) => `${agencyId}: last moment to appeal deduction ${subjectId}`,
      description: 'An appeal initiated later is out of time and changes no points.',
      rule: 'rules §7',
    },
    appeal_expulsion: {
      summary: (agencyId) => `${agencyId}: last moment to appeal the expulsion`,
      description: 'An appeal initiated later is out of time and has no effect.',
      rule: 'rules §7',
    },
    submit_evidence: {
      summary: (agencyId, subjectId) => `${agencyId}: evidence for appeal ${subjectId} due`,
      description: 'Evidence is submitted once, with no supplement. Without it the appeal lapses.',
      rule: 'rules §7',
    },
    last_chance: {
      summary: (agencyId) => `${agencyId}: last chance to appeal before expulsion`,
      description:
        'One appeal of kind last_chance, which may name deductions that were appealed before.',
      rule: 'rules §5',
    },
    reentry: {
      summary: (agencyId) => `${agencyId}: may apply for re-entry`,
      description: 'The ban ends. An application before this is inadmissible.',
      rule: 'rules §5',
    },
    decide_appeal: {
      summary: (agencyId, subjectId) => `${agencyId}: decision on appeal ${subjectId} due`,
      description: 'The platform decides within the term. A later decision counts all the same.',
      rule: 'rules §7',
    },
    answer_review: {
      summary: (agencyId, subjectId) => `${agencyId}: answer to review ${subjectId} due`,
      description: 'The platform answers the request for human review. The term is assumed.',
      rule: 'rules §7',
    },
    assessment_month: {
      summary: (agencyId, month) => `${agencyId}: last moment to act for the month ${month}`,
      description:
        'The month does not pass as it stands. Enough creators have to stream from here on at ' +
        'the latest; the outlook says who.',
      rule: 'rules §6',
    },
  },
  zh: {
    appeal_deduction: {
      summary: (agencyId, subjectId) => `${agencyId}：扣分 ${subjectId} 申诉截止`,
      description: '逾期发起的申诉不影响分数。',
      rule: '规则 §7',
    },
    appeal_expulsion: {
      summary: (agencyId) => `${agencyId}：清退申诉截止`,
      description: '逾期发起的申诉无效。',
      rule: '规则 §7',
    },
    submit_evidence: {
      summary: (agencyId, subjectId) => `${agencyId}：申诉 ${subjectId} 举证截止`,
      description: '证据只能提交一次，不得补充；未举证的申诉失效。',
      rule: '规则 §7',
    },
    last_chance: {
      summary: (agencyId) => `${agencyId}：清退前最后一次申诉机会截止`,
      description: '可发起一次 last_chance 申诉，可列入此前已申诉过的扣分。',
      rule: '规则 §5',
    },
    reentry: {
      summary: (agencyId) => `${agencyId}：可申请再入驻`,
      description: '禁入期结束。在此之前的申请不予受理。',
      rule: '规则 §5',
    },
    decide_appeal: {
      summary: (agencyId, subjectId) => `${agencyId}：申诉 ${subjectId} 裁定截止`,
      description: '平台应在期限内裁定；逾期作出的裁定仍然有效。',
      rule: '规则 §7',
    },
    answer_review: {
      summary: (agencyId, subjectId) => `${agencyId}：人工判定 ${subjectId} 答复截止`,
      description: '平台应答复人工判定请求；期限为假设值。',
      rule: '规则 §7',
    },
    assessment_month: {
      summary: (agencyId, month) => `${agencyId}：${month} 考核最后补救时刻`,
      description: '按现状本月考核不达标。最迟须从此刻起有足够的达人开播；名单见考核前景。',
      rule: '规则 §6',
    },
  },
};
