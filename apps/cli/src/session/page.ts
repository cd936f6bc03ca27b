import type { ChangedValue, SessionAnswer, SessionWithChanges } from '@penalty-ledger/application';
import { said, saidIn } from '../terminal/language.js';
import { field, heading } from '../terminal/layout.js';
import { byWhom, figure, inClear, named, time, withTimes, yuan } from '../terminal/words.js';

/** A session as it stands: its times, its agency and creator, and its results. */
export function sessionPage(
  session: SessionWithChanges,
  name: string | undefined,
  zone: string,
): string[] {
  const { sessionId, agencyId, creatorId, contentVertical, sales, newFollowers, views, voided } =
    session;
  return [
    ...field(
      said('Session', '直播场次'),
      voided ? said(`${sessionId}  VOID`, `${sessionId}  已作废`) : sessionId,
    ),
    ...field(said('Agency', '机构'), named(agencyId, name)),
    ...field(said('Creator', '达人'), creatorId),
    ...field(said('Streamed', '直播时间'), spanText(session)),
    ...(voided
      ? []
      : field(
          said('Counts for', '计入日期'),
          said(`${session.date}, the date of its start`, `${session.date}，开播当日`),
        )),
    ...(contentVertical === undefined ? [] : field(said('Content', '内容垂类'), contentVertical)),
    ...(sales ?? []).flatMap(({ vertical, amountFen }, index) =>
      field(
        index === 0 ? said('Sales', '销售额') : '',
        said(`${vertical} ${yuan(amountFen)} yuan`, `${vertical} ${yuan(amountFen)} 元`),
      ),
    ),
    ...(newFollowers === undefined
      ? []
      : field(said('New followers', '新增粉丝'), figure(newFollowers))),
    ...(views === undefined ? [] : field(said('Views', '观看次数'), figure(views))),
    ...field(said('Recorded', '记录'), byWhom(session.recordedAt, session.recordedBy)),
    ...(session.changes.length === 0
      ? field(said('Corrected', '更正'), said('never', '从未'))
      : []),
    ...field(said('Known at', '已知时点'), time(session.knownAt)),
    ...field(
      said('Time zone', '时区'),
      said(`${zone}; every time on this page is in it`, `${zone}；本页时间均为该时区`),
    ),
    ...changesSection(session),
    ...findingsSection(session),
  ];
}

/** Each correction: when, who, why, and every value before and after. */
function changesSection({ changes }: SessionWithChanges): string[] {
  if (changes.length === 0) return [];
  return [
    ...heading(said('Corrections', '更正记录')),
    ...changes.flatMap(({ kind, recordedAt, by, reason, changed }) => [
      ...field(
        kind === 'voided' ? said('Voided', '作废') : said('Corrected', '更正'),
        byWhom(recordedAt, by),
      ),
      ...(reason === null
        ? []
        : field('', said(`reason: ${inClear(reason)}`, `理由：${inClear(reason)}`))),
      ...changed.flatMap((each) => field('', changeText(each))),
    ]),
  ];
}

function findingsSection({ findings }: SessionWithChanges): string[] {
  if (findings.length === 0) return [];
  return [
    ...heading(said('Findings', '与规则不符之处')),
    ...findings.flatMap(({ code, severity, detail, recordedAt }) => [
      ...field(said('Finding', '发现的问题'), `${code} (${severity}), ${time(recordedAt)}`),
      ...field('', withTimes(saidIn(detail))),
    ]),
  ];
}

/** A corrected field before and after: `points: 40 → 30`. */
export function changeText({ field: name, old, new: now }: ChangedValue): string {
  return `${name}: ${valueText(old)} → ${valueText(now)}`;
}

/** A value of a session: an instant, a number, sales, or nothing. */
function valueText(value: ChangedValue['old']): string {
  if (value === null) return said('none', '无');
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'string') return withTimes(value);
  if (value.length === 0) return said('no sales', '无销售');
  return value
    .map(({ vertical, amountFen }) =>
      said(`${vertical} ${yuan(amountFen)} yuan`, `${vertical} ${yuan(amountFen)} 元`),
    )
    .join(said(', ', '、'));
}

/** `2019-04-10 20:00:00 to 2019-04-10 20:45:00: 0:45:00, effective 有效` */
export function spanText({ startedAt, endedAt, effective, voided }: SessionAnswer): string {
  const effect = effectText({ effective, voided });
  const duration = durationText(Date.parse(endedAt) - Date.parse(startedAt));
  return said(
    `${time(startedAt)} to ${time(endedAt)}: ${duration}, ${effect}`,
    `${time(startedAt)} 至 ${time(endedAt)}：${duration}，${effect}`,
  );
}

function effectText({ effective, voided }: Pick<SessionAnswer, 'effective' | 'voided'>): string {
  if (voided) return said('void, counts for nothing', '已作废，不计入');
  return effective ? said('effective', '有效开播') : said('too short to count', '时长不足，不计入');
}

/** `0:29:59.999`: to the millisecond, like the limit of half an hour (E-46). */
function durationText(ms: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${String(hours)}:${two(minutes)}:${two(seconds % 60)}${fraction}`;
}
