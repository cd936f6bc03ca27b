import { nounFor } from '@penalty-ledger/ledger';
import { said } from './language.js';

/** Terms of the rulebook in both languages, and numbers and instants as people read them. */

const standings: Readonly<Record<string, string>> = {
  not_admitted: 'not admitted 未入驻',
  active: 'active 正常',
  pending_expulsion: 'pending expulsion 待清退',
  expelled: 'expelled 已清退',
  exited: 'exited 已退出',
};

const appealStates: Readonly<Record<string, string>> = {
  initiated: 'initiated, evidence outstanding 已发起',
  evidence_submitted: 'evidence submitted, decision outstanding 已举证',
  lapsed: 'lapsed: no evidence in time 逾期未举证',
  out_of_time: 'out of time: initiated too late 逾期申诉',
  withdrawn: 'withdrawn 已撤回',
  upheld: 'upheld 申诉成立',
  partly_upheld: 'partly upheld 部分成立',
  rejected: 'rejected 申诉驳回',
  inadmissible: 'inadmissible 不予受理',
};

const appealKinds: Readonly<Record<string, string>> = {
  ordinary: 'ordinary 普通申诉',
  last_chance: 'last chance 最后一次申诉',
};

const reasons: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  revoked: ['revoked', '已撤销'],
  scheduled: ['not in effect yet', '未生效'],
  other_episode: ['of another admission', '另一入驻期'],
  cleared_by_reset: ['of another year, cleared by the reset', '年度清零'],
  other_account: ['of another account', '另一账户'],
  not_yet_known: ['recorded later', '当时未录入'],
};

const measures: Readonly<Record<string, string>> = {
  warning: 'warning 警示',
  functions_restricted: 'functions restricted 限制功能',
  traffic_restricted: 'traffic restricted 限制流量',
  stream_suspended: 'stream suspended 暂停直播',
  streaming_banned_for_a_term: 'streaming banned for a term 限期停播',
  account_closed: 'account closed 关闭账号',
  registration_barred: 'no new account 禁止重新注册账号',
  blacklisted: 'blacklisted 列入黑名单',
};

const complaintStates: Readonly<Record<string, string>> = {
  open: 'open 处理中',
  upheld: 'upheld 成立',
  dismissed: 'dismissed 不成立',
  withdrawn: 'withdrawn 已撤诉',
};

const complainants: Readonly<Record<string, string>> = {
  merchant: 'merchant 商家',
  creator: 'creator 达人',
  consumer: 'consumer 消费者',
  platform: 'platform 平台',
};

const verdicts: Readonly<Record<string, string>> = {
  passed: 'passed 达标',
  failed: 'failed 未达标',
  not_assessed: 'not assessed 不考核',
  not_computed: 'not computed 未测算',
};

const assessmentReasons: Readonly<Record<string, string>> = {
  activity: 'too few of its creators were active 活跃率不足',
  headcount: 'too few creators 达人人数不足',
  newcomer: 'the month begins within its newcomer days 新手期',
  not_active: 'it was not in good standing at the end, or wrongly expelled in the month 非在册',
};

const slotStatuses: Readonly<Record<string, string>> = {
  vacant: 'vacant 空缺',
  allocated: 'allocated 已分配',
  assigned: 'assigned 已安排',
  waived: 'waived 已放弃',
  blackout: 'blackout 停排',
};

export const complaintStateWords = (state: string): string => complaintStates[state] ?? state;
export const complainantWords = (kind: string): string => complainants[kind] ?? kind;
export const verdictWords = (verdict: string): string => verdicts[verdict] ?? verdict;
export const assessmentReasonWords = (reason: string): string =>
  assessmentReasons[reason] ?? reason;
export const slotStatusWords = (status: string): string => slotStatuses[status] ?? status;
export const standingWords = (standing: string): string => standings[standing] ?? standing;
export const appealStateWords = (state: string): string => appealStates[state] ?? state;
export const measureWords = (kind: string): string => measures[kind] ?? kind;
export const appealKindWords = (kind: string): string => appealKinds[kind] ?? kind;
export const reasonWords = (reason: string): string => reasons[reason]?.join(' ') ?? reason;
export const reasonEnglish = (reason: string): string => reasons[reason]?.[0] ?? reason;

/** `1 line`, `1,200 lines`. */
export function count(number: number, one: string, many?: string): string {
  return `${figure(number)} ${nounFor(number, one, many)}`;
}

/** A number with a comma after each thousand. */
export function figure(number: number): string {
  return number.toLocaleString('en');
}

/** Fen as yuan: `1,234.50`. A sum beyond the safe integers comes as text, and is read exactly. */
export function yuan(fen: number | string): string {
  const digits = BigInt(fen).toString().padStart(3, '0');
  return `${BigInt(digits.slice(0, -2)).toLocaleString('en')}.${digits.slice(-2)}`;
}

/** An answer's instant without its offset, which the page shares, and without `.000`. */
export function time(instant: string): string {
  return instant
    .replace(/[+-]\d{2}:\d{2}$/, '')
    .replace(/\.000$/, '')
    .replace('T', ' ');
}

/** A text of the ledger, with its instants as people read them. */
export function withTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d/g, time);
}

/** A text that was sealed; says so when the key to it was destroyed. */
export function inClear(text: string): string {
  return text === 'erased' ? said('(erased)', '（已删除）') : text;
}

/** An instant of an act, and who recorded it. */
export function byWhom(at: string, by: string): string {
  return said(`${time(at)} by ${by}`, `${time(at)}，由 ${by} 记录`);
}

/** An agency or a creator, with its name if it has one. */
export function named(id: string, name: string | undefined): string {
  return name === undefined ? id : `${id}  ${name}`;
}

/** A deadline, which is exclusive: midnight is 24:00 of the day before. */
export function deadline(instant: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})T00:00:00\.000[+-]/.exec(instant);
  if (match === null) return time(instant);
  const dayBefore = new Date(
    Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]) - 1),
  );
  return `${dayBefore.toISOString().slice(0, 10)} 24:00:00`;
}
