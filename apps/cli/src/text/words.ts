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

export const standingWords = (standing: string): string => standings[standing] ?? standing;
export const appealStateWords = (state: string): string => appealStates[state] ?? state;
export const appealKindWords = (kind: string): string => appealKinds[kind] ?? kind;
export const reasonWords = (reason: string): string => reasons[reason]?.join(' ') ?? reason;
export const reasonEnglish = (reason: string): string => reasons[reason]?.[0] ?? reason;

/** `1 line`, `1,200 lines`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${figure(number)} ${number === 1 ? one : many}`;
}

/** A number with its thousands apart. */
export function figure(number: number): string {
  return number.toLocaleString('en');
}

/** An answer's instant without what every instant of the page shares: its offset, and milliseconds where there are none. */
export function time(instant: string): string {
  return instant
    .replace(/[+-]\d{2}:\d{2}$/, '')
    .replace(/\.000$/, '')
    .replace('T', ' ');
}

/** A text of the ledger's, with the instants in it as people read them. */
export function withTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d/g, time);
}

/** An instant up to which something is possible, exclusive: midnight is 24:00 of the day before. */
export function deadline(instant: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})T00:00:00\.000[+-]/.exec(instant);
  if (match === null) return time(instant);
  const dayBefore = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]) - 1));
  return `${dayBefore.toISOString().slice(0, 10)} 24:00:00`;
}
