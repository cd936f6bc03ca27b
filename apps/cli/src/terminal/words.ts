import type { InBoth } from '@penalty-ledger/application/language';
import type { ExplainedDeduction, ShownText, Withheld } from '@penalty-ledger/application';
import {
  appealStateTerms,
  complaintStateTerms,
  nounFor,
  standingTerms,
  type AppealKind,
  type AssessmentAnswer,
  type AssessmentReason,
  type ComplainantKind,
  type MeasureKind,
  type Prospect,
  type SlotStatus,
} from '@penalty-ledger/ledger';
import { said, saidIn } from './language.js';

/** Terms of the rulebook as people read them, and numbers and instants. */

const appealKinds: Readonly<Record<AppealKind, InBoth>> = {
  ordinary: { en: 'ordinary', zh: '普通申诉' },
  last_chance: { en: 'last chance', zh: '最后一次申诉机会' },
};

const reasons: Readonly<Record<NonNullable<ExplainedDeduction['notCounted']>, InBoth>> = {
  revoked: { en: 'revoked', zh: '已撤销' },
  scheduled: { en: 'not in effect yet', zh: '尚未生效' },
  other_episode: { en: 'of another admission', zh: '属于另一入驻周期' },
  cleared_by_reset: { en: 'of another year, cleared by the reset', zh: '属于另一年度，已年度清零' },
  other_account: { en: 'of another account', zh: '属于另一计分账户' },
  not_yet_known: { en: 'recorded later', zh: '当时尚未记录' },
};

const measures: Readonly<Record<MeasureKind, InBoth>> = {
  warning: { en: 'warning', zh: '警示' },
  functions_restricted: { en: 'functions restricted', zh: '限制功能' },
  traffic_restricted: { en: 'traffic restricted', zh: '限制流量' },
  stream_suspended: { en: 'stream suspended', zh: '暂停直播' },
  streaming_banned_for_a_term: { en: 'streaming banned for a term', zh: '限期停播' },
  account_closed: { en: 'account closed', zh: '关闭账号' },
  registration_barred: { en: 'no new account', zh: '禁止重新注册账号' },
  blacklisted: { en: 'blacklisted', zh: '列入黑名单' },
};

const complainants: Readonly<Record<ComplainantKind, InBoth>> = {
  merchant: { en: 'merchant', zh: '商家' },
  creator: { en: 'creator', zh: '达人' },
  consumer: { en: 'consumer', zh: '消费者' },
  platform: { en: 'platform', zh: '平台' },
};

const verdicts: Readonly<Record<AssessmentAnswer['verdict'], InBoth>> = {
  passed: { en: 'passed', zh: '达标' },
  failed: { en: 'failed', zh: '未达标' },
  not_assessed: { en: 'not assessed', zh: '不考核' },
  not_computed: { en: 'not computed', zh: '未测算' },
};

const assessmentReasons: Readonly<Record<AssessmentReason, InBoth>> = {
  activity: { en: 'too few of its creators were active', zh: '活跃率不足' },
  headcount: { en: 'too few creators', zh: '达人人数不足' },
  newcomer: { en: 'the month begins within its newcomer days', zh: '该月始于新手期内' },
  not_active: {
    en: 'it was not in good standing at the end, or wrongly expelled in the month',
    zh: '月末不在册，或当月被错误清退',
  },
};

const slotStatuses: Readonly<Record<SlotStatus, InBoth>> = {
  vacant: { en: 'vacant', zh: '空缺' },
  allocated: { en: 'allocated', zh: '已分配' },
  assigned: { en: 'assigned', zh: '已安排' },
  waived: { en: 'waived', zh: '已放弃' },
  blackout: { en: 'blackout', zh: '停排' },
};

/** The name of a deadline, marked where the platform has not kept it. */
export function overdueWords(name: string, overdue: true | undefined): string {
  return overdue === undefined ? name : said(`${name} (overdue)`, `${name}（已逾期）`);
}

/** A term by its code; a code that a newer ledger knows stands for itself. */
function termIn(terms: Readonly<Record<string, InBoth>>, code: string): string {
  const term = terms[code];
  return term === undefined ? code : saidIn(term);
}

const prospects: Readonly<Record<Prospect, InBoth>> = {
  passing: { en: 'passing', zh: '达标' },
  within_reach: { en: 'within reach', zh: '可达标' },
  needs_creators: { en: 'needs creators', zh: '须增减达人' },
  out_of_reach: { en: 'out of reach', zh: '已无法达标' },
  not_assessed: { en: 'not assessed', zh: '不考核' },
};

export const prospectWords = (prospect: Prospect): string => saidIn(prospects[prospect]);
export const complaintStateWords = (state: string): string => termIn(complaintStateTerms, state);
export const complainantWords = (kind: string): string => termIn(complainants, kind);
export const verdictWords = (verdict: string): string => termIn(verdicts, verdict);
export const assessmentReasonWords = (reason: string): string => termIn(assessmentReasons, reason);
export const slotStatusWords = (status: string): string => termIn(slotStatuses, status);
export const standingWords = (standing: string): string => termIn(standingTerms, standing);
export const appealStateWords = (state: string): string => termIn(appealStateTerms, state);
export const measureWords = (kind: string): string => termIn(measures, kind);
export const appealKindWords = (kind: string): string => termIn(appealKinds, kind);
export const reasonWords = (reason: string): string => termIn(reasons, reason);

/** `1 line`, `1,200 lines`. */
export function count(number: number, one: string, many?: string): string {
  return `${figure(number)} ${nounFor(number, one, many)}`;
}

/** Names after one another: `d1, d2`. */
export function listed(names: readonly string[]): string {
  return names.join(said(', ', '、'));
}

/** A section of the rules: `rules §7`. */
export function sectionWords(section: string): string {
  return said(section, section.replace('rules', '规则'));
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

const withheldWords: Readonly<Record<Withheld['withheld'], InBoth>> = {
  erased: { en: '(erased)', zh: '（已删除）' },
  sealed: { en: '(sealed)', zh: '（已封存）' },
};

/**
 * A text that was sealed; says so when the key to it was destroyed, or is not here. A text that
 * reads as if it said so is quoted.
 */
export function inClear(text: ShownText): string {
  if (typeof text !== 'string') return saidIn(withheldWords[text.withheld]);
  const isWithheldWord = Object.values(withheldWords).some(({ en, zh }) =>
    [en, zh].includes(text.trim()),
  );
  return isWithheldWord ? `“${text}”` : text;
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
