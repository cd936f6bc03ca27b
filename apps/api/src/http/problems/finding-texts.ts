import type { FindingCode } from '@penalty-ledger/ledger';
import type { InBoth } from '../language.js';

/** The name of a finding, and what to do about it. */
export interface FindingText {
  readonly title: InBoth;
  readonly hint: InBoth;
}

/**
 * Every finding in both languages. A code without a text does not compile, nor a text without a
 * code.
 */
export const findingTexts: Readonly<Record<FindingCode, FindingText>> = {
  overlapping_sessions: {
    title: { en: 'A creator was live twice at once', zh: '同一达人的直播场次时间重叠' },
    hint: {
      en:
        'Both sessions count. ' +
        'Correct the times of one, or void it, if they are one session recorded twice.',
      zh: '两场均计入。若为同一场次重复录入，请更正其中一场的时间或将其作废。',
    },
  },
  tariff_mismatch: {
    title: { en: 'Points differ from the tariff', zh: '扣分与条款规定的分值不符' },
    hint: {
      en:
        'The clause fixes its points. ' +
        'Compare the notice with the clause in the rulebook in force when it occurred.',
      zh: '该条款规定了固定分值。请将通知与违规发生时生效的规则条款核对。',
    },
  },
  assessment_disagrees: {
    title: { en: 'Our computation of the month says passed', zh: '我方对该月考核的计算结果为通过' },
    hint: {
      en:
        'Look at the assessment of that month: its sessions may differ from those the platform ' +
        'counted.',
      zh: '请查看该月的考核结果：其场次可能与平台统计的不同。',
    },
  },
  possible_duplicate: {
    title: { en: 'Possibly the same deduction twice', zh: '可能为重复扣分' },
    hint: {
      en:
        'Another deduction has the same agency, clause, instant and points. ' +
        'Revoke one of them if they are one fact.',
      zh: '另有一笔扣分的机构、条款、发生时间和分值均相同。若为同一事实，请撤销其中一笔。',
    },
  },
  retroactive_threshold: {
    title: { en: 'An earlier period reaches the threshold', zh: '补录使以往周期达到清退线' },
    hint: {
      en:
        'A late entry never opens a pending expulsion for a period that is over. ' +
        'Whether to act is for people to decide.',
      zh: '补录不会为已结束的周期开启待清退状态，是否处理由人工决定。',
    },
  },
  appeal_late: {
    title: { en: 'The appeal came after its window', zh: '申诉已超过期限' },
    hint: {
      en:
        'It is recorded as out of time and changes no points. ' +
        'Compare initiateBy with the notice. ' +
        'To enter an appeal late in an observer’s ledger, state initiatedAt.',
      zh:
        '该申诉记为逾期，不影响分数。请将 initiateBy 与通知核对。' +
        '观察方账本补录申诉时请填写 initiatedAt。',
    },
  },
  appeal_worsened: {
    title: { en: 'The decision raised the points', zh: '申诉裁定加重了扣分' },
    hint: {
      en: 'An appeal should not leave the agency worse off. Check the adjustments of the decision.',
      zh: '申诉不应使机构处境更差。请核对裁定中的分值调整。',
    },
  },
  same_actor: {
    title: { en: 'The same person imposed and decided', zh: '扣分与裁定为同一经办人' },
    hint: {
      en: 'Let somebody decide who did not record the deduction.',
      zh: '请由未经办该扣分的人员作出裁定。',
    },
  },
  no_last_chance: {
    title: {
      en: 'Expelled before the last chance was over',
      zh: '最后一次申诉机会尚未结束即被清退',
    },
    hint: {
      en: 'Wait until the window has closed, or until the last-chance appeal is decided.',
      zh: '请等待最后机会期限届满，或最后一次申诉作出裁定。',
    },
  },
  below_threshold: {
    title: { en: 'Expelled below the threshold', zh: '未达清退线即被清退' },
    hint: {
      en:
        'The sum of the period, as known now, is under the threshold. ' +
        'Look at the balance with its lines.',
      zh: '按目前所知，该周期累计分数低于清退线。请查看分数明细。',
    },
  },
  reentry_early: {
    title: { en: 'Readmitted before the ban ended', zh: '禁入期未满即重新入驻' },
    hint: {
      en: 'The first instant of re-entry stands in the balance as reentryFrom.',
      zh: '最早可再入驻的时间见分数查询结果中的 reentryFrom。',
    },
  },
  balance_mismatch: {
    title: { en: 'The platform shows another balance', zh: '平台显示的分数与账本不符' },
    hint: {
      en:
        'A deduction or a decision may be missing on one side. ' +
        'Compare the lines of the balance with the platform.',
      zh: '可能有一方缺少扣分或裁定记录。请将分数明细与平台逐条核对。',
    },
  },
  short_notice: {
    title: { en: 'Announced less than seven days ahead', zh: '规则公示不足七日即生效' },
    hint: {
      en: 'Compare announcedAt and effectiveFrom of the rulebook with its source.',
      zh: '请将规则的 announcedAt 与 effectiveFrom 同其来源核对。',
    },
  },
};
