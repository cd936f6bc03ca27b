import type { QueryError } from '@penalty-ledger/application';
import type { ErasureRefusal, RejectionCode } from '@penalty-ledger/ledger';
import type { TextWithoutRule } from './problem-text.js';

/** Every code the domain refuses a command, a query or an erasure with, besides breaches. */
export type DomainCode = RejectionCode | QueryError['error'] | ErasureRefusal;

/**
 * Every refusal of the domain in both languages. 400: malformed; 404: it refers to something that
 * does not exist; 409: it contradicts what was recorded; 422: its values break a rule. A code
 * without a text does not compile, nor a text without a code.
 */
export const rejectionTexts: Readonly<Record<DomainCode, TextWithoutRule>> = {
  invalid: {
    status: 400,
    title: { en: 'Malformed', zh: '请求格式有误' },
    hint: {
      en: 'Correct every place that is named, and send it again.',
      zh: '请更正列出的每一处后重新提交。',
    },
  },
  conflict: {
    status: 409,
    title: { en: 'The id is taken by something else', zh: '该编号已用于其他内容' },
    hint: {
      en:
        'The same id was sent before with other data. ' +
        'Send the same data again, or take a new id.',
      zh: '相同编号此前已随其他数据提交。请重发相同数据，或使用新的编号。',
    },
  },
  unknown_agency: {
    status: 404,
    title: { en: 'Unknown agency', zh: '机构不存在' },
    hint: {
      en: 'Check the agencyId, and whether the agency was recorded at knownAt.',
      zh: '请核对 agencyId，并确认该机构在 knownAt 时已入账。',
    },
  },
  time_order: {
    status: 409,
    title: { en: 'Before the last roster change', zh: '早于最近一次名册变更' },
    hint: {
      en: 'effectiveAt must not be before the last change of the same agency or creator.',
      zh: 'effectiveAt 不得早于同一机构或达人最近一次变更的时间。',
    },
  },
  already_bound: {
    status: 409,
    title: { en: 'The creator is bound already', zh: '达人已绑定机构' },
    hint: {
      en: 'Unbind the creator from its agency first.',
      zh: '请先将该达人与原机构解绑。',
    },
  },
  not_bound: {
    status: 409,
    title: { en: 'The creator was not bound then', zh: '达人当时未绑定机构' },
    hint: {
      en: 'Check the creator and the instant, or record the binding first.',
      zh: '请核对达人与时间，或先补录绑定关系。',
    },
  },
  unknown_session: {
    status: 404,
    title: { en: 'Unknown session', zh: '场次不存在' },
    hint: { en: 'Check the sessionId.', zh: '请核对 sessionId。' },
  },
  already_void: {
    status: 409,
    title: { en: 'The session is void already', zh: '该场次已作废' },
    hint: { en: 'There is nothing left to do.', zh: '无需再次操作。' },
  },
  month_not_over: {
    status: 409,
    title: { en: 'The month is not over', zh: '该月尚未结束' },
    hint: {
      en: 'A month is computed from 00:00 of the first day after it on, in the ledger’s zone.',
      zh: '考核须在账本时区该月结束后的次日零时起计算。',
    },
  },
  not_admitted: {
    status: 409,
    title: { en: 'The agency is not admitted then', zh: '机构当时未入驻' },
    hint: {
      en:
        'While an agency is expelled or has left nothing new is recorded for that time. ' +
        'Check the standing and the instants.',
      zh: '机构被清退或退出期间不得新增记录。请核对机构状态与时间。',
    },
  },
  unknown_clause: {
    status: 422,
    title: { en: 'The rulebook has no such clause', zh: '规则中无此条款' },
    hint: {
      en: 'Take a clause of the rulebook that was in force at occurredAt.',
      zh: '请使用 occurredAt 时生效的规则中的条款。',
    },
  },
  duplicate_assessment: {
    status: 409,
    title: { en: 'The month has its deduction already', zh: '该月考核已扣过分' },
    hint: {
      en: 'A failed month costs one deduction. Revoke the earlier one first if it was wrong.',
      zh: '一个月考核不合格只扣一次分。若前次有误，请先撤销。',
    },
  },
  unknown_deduction: {
    status: 404,
    title: { en: 'Unknown deduction', zh: '扣分记录不存在' },
    hint: {
      en:
        'Check the deductionId. It must be this agency’s, and in a decision one the appeal ' +
        'names.',
      zh: '请核对 deductionId：须属于该机构；裁定中须为申诉所列的扣分。',
    },
  },
  already_revoked: {
    status: 409,
    title: { en: 'The deduction counts nothing already', zh: '该扣分已被撤销' },
    hint: {
      en: 'Reinstate it first if it is to be decided again.',
      zh: '如需重新裁定，请先恢复该扣分。',
    },
  },
  not_lower: {
    status: 422,
    title: { en: 'The points are not lower', zh: '分值未降低' },
    hint: {
      en: 'Give fewer points than the deduction counts now; in a decision, other points.',
      zh: '请给出低于当前计分的分值；在裁定中须与当前计分不同。',
    },
  },
  not_higher: {
    status: 422,
    title: { en: 'The points are not higher', zh: '分值未提高' },
    hint: {
      en: 'A reinstatement gives more points than the deduction counts now.',
      zh: '恢复后的分值须高于当前计分。',
    },
  },
  exceeds_original: {
    status: 422,
    title: { en: 'More points than were imposed', zh: '超过原扣分值' },
    hint: {
      en: 'Give at most the points the deduction was imposed with.',
      zh: '分值不得超过最初的扣分。',
    },
  },
  no_pending_expulsion: {
    status: 409,
    title: { en: 'No expulsion is pending', zh: '机构不处于待清退状态' },
    hint: {
      en: 'A last-chance appeal needs a pending expulsion. Send an ordinary appeal instead.',
      zh: '最后一次申诉须在待清退期间提出。请改为普通申诉。',
    },
  },
  not_expelled: {
    status: 409,
    title: { en: 'The agency is not expelled', zh: '机构未被清退' },
    hint: { en: 'Look at the standing of the agency.', zh: '请查看机构状态。' },
  },
  already_expelled: {
    status: 409,
    title: { en: 'The agency is expelled already', zh: '机构已被清退' },
    hint: { en: 'There is nothing left to do.', zh: '无需再次操作。' },
  },
  already_appealed: {
    status: 409,
    title: { en: 'There was an appeal already', zh: '已申诉过' },
    hint: {
      en:
        'One appeal per deduction; a withdrawn, lapsed or late one uses it up. ' +
        'While an expulsion is pending, a last-chance appeal may name it again.',
      zh:
        '每笔扣分只能申诉一次，撤回、失效或逾期的申诉也计入。' +
        '待清退期间可在最后一次申诉中再次列入。',
    },
  },
  unknown_appeal: {
    status: 404,
    title: { en: 'Unknown appeal', zh: '申诉不存在' },
    hint: {
      en: 'Check the appealId, and whether the appeal was recorded at knownAt.',
      zh: '请核对 appealId，并确认该申诉在 knownAt 时已入账。',
    },
  },
  appeal_closed: {
    status: 409,
    title: { en: 'The appeal is closed', zh: '申诉已结束' },
    hint: {
      en:
        'It was decided, withdrawn or out of time. ' +
        'A decision is reversed with RecordReinstatement or RecordRevocation.',
      zh:
        '该申诉已裁定、撤回或逾期。如需更改裁定，请使用 RecordReinstatement 或 ' +
        'RecordRevocation。',
    },
  },
  evidence_already_submitted: {
    status: 409,
    title: { en: 'Evidence was submitted already', zh: '证据已提交过' },
    hint: {
      en: 'Evidence is submitted once, with no supplement.',
      zh: '证据只能提交一次，不得补充。',
    },
  },
  evidence_window_closed: {
    status: 409,
    title: { en: 'The evidence window is closed', zh: '举证期限已过' },
    hint: {
      en:
        'Evidence was due 72 hours after the initiation; see evidenceBy of the appeal. ' +
        'To enter evidence late in an observer’s ledger, state submittedAt.',
      zh:
        '证据须在发起申诉后 72 小时内提交，见申诉的 evidenceBy。' +
        '观察方账本补录证据时请填写 submittedAt。',
    },
  },
  unknown_complaint: {
    status: 404,
    title: { en: 'Unknown complaint', zh: '投诉不存在' },
    hint: { en: 'Check the complaintId.', zh: '请核对 complaintId。' },
  },
  complaint_closed: {
    status: 409,
    title: { en: 'The complaint is closed', zh: '投诉已结案' },
    hint: { en: 'A closed complaint stays as it ended.', zh: '已结案的投诉不再更改。' },
  },
  not_merged: {
    status: 409,
    title: { en: 'The complaint is not merged', zh: '该投诉未被合并' },
    hint: {
      en: 'Name the complaint that was merged into another one.',
      zh: '请填写被并入其他投诉的那一件。',
    },
  },
  unknown_measure: {
    status: 404,
    title: { en: 'Unknown measure', zh: '处置措施不存在' },
    hint: { en: 'Check the measureId.', zh: '请核对 measureId。' },
  },
  already_lifted: {
    status: 409,
    title: { en: 'Lifted already', zh: '已解除' },
    hint: { en: 'There is nothing left to lift.', zh: '无需再次解除。' },
  },
  unknown_review: {
    status: 404,
    title: { en: 'Unknown request for human review', zh: '人工判定请求不存在' },
    hint: { en: 'Check the reviewId.', zh: '请核对 reviewId。' },
  },
  review_closed: {
    status: 409,
    title: { en: 'The request for human review is answered', zh: '人工判定已答复' },
    hint: {
      en: 'A request is answered once. Ask again under another reviewId.',
      zh: '每项请求只答复一次。如需再次判定，请使用新的 reviewId。',
    },
  },
  unknown_addition: {
    status: 404,
    title: { en: 'Unknown addition', zh: '加分记录不存在' },
    hint: { en: 'Check the additionId.', zh: '请核对 additionId。' },
  },
  blackout_date: {
    status: 409,
    title: { en: 'A blackout date', zh: '该日不安排流量扶持' },
    hint: { en: 'Choose a date without a platform event.', zh: '请选择无平台活动的日期。' },
  },
  already_allocated: {
    status: 409,
    title: { en: 'The slots are allocated already', zh: '当日时段已分配' },
    hint: {
      en: 'Waive or assign the slots as they are allocated.',
      zh: '请在现有分配上放弃或指定。',
    },
  },
  no_slot: {
    status: 409,
    title: { en: 'The agency has no such slot', zh: '机构没有该时段' },
    hint: { en: 'Look at the slots of the date.', zh: '请查看当日时段安排。' },
  },
  too_few_creators: {
    status: 422,
    title: { en: 'Too few creators', zh: '达人人数不足' },
    hint: {
      en: 'Name at least five different creators of the agency, or waive the slot.',
      zh: '请至少指定该机构五名不同达人，或放弃该时段。',
    },
  },
  not_qualified: {
    status: 422,
    title: { en: 'Not a qualified creator', zh: '达人不符合条件' },
    hint: {
      en: 'Every creator must be bound to the agency with this main vertical.',
      zh: '每名达人均须绑定该机构且主营该垂类。',
    },
  },
  registration_closed: {
    status: 409,
    title: { en: 'Registration is not open', zh: '不在报名期内' },
    hint: {
      en: 'For month M+1 it is open from the 10th 00:00 to the 18th 24:00 of month M.',
      zh: '次月主题的报名时间为本月 10 日零时至 18 日 24 时。',
    },
  },
  unknown_proposal: {
    status: 404,
    title: { en: 'Unknown proposal', zh: '主题提案不存在' },
    hint: { en: 'Check the proposalId.', zh: '请核对 proposalId。' },
  },
  unknown_rulebook: {
    status: 404,
    title: { en: 'Unknown rulebook', zh: '规则不存在' },
    hint: {
      en: 'Name a published rulebook by its id and version, known at knownAt.',
      zh: '请用编号与版本指明在 knownAt 时已发布的规则。',
    },
  },
  unknown_subject: {
    status: 404,
    title: { en: 'Nothing is sealed for this subject', zh: '该主体无个人信息' },
    hint: { en: 'Check the subject’s id.', zh: '请核对主体编号。' },
  },
  already_erased: {
    status: 409,
    title: { en: 'Erased already', zh: '个人信息已删除' },
    hint: { en: 'There is nothing left to do.', zh: '无需再次操作。' },
  },
  unknown_hold: {
    status: 404,
    title: { en: 'Unknown legal hold', zh: '法律保留不存在' },
    hint: { en: 'Check the holdId.', zh: '请核对 holdId。' },
  },
  legal_hold: {
    status: 409,
    title: { en: 'The data are held', zh: '信息须保留' },
    hint: {
      en: 'Ask again when every hold has ended: GET /erasures lists what is due.',
      zh: '请在全部保留事由结束后再提出：GET /erasures 列出可删除的主体。',
    },
  },
};
