import type { SessionAnswer } from '@penalty-ledger/application';
import { field } from '../terminal/layout.js';
import { count, figure, named, time, yuan } from '../terminal/words.js';

/** A session as it stands: its times, its agency and creator, and its results. */
export function sessionPage(
  session: SessionAnswer,
  name: string | undefined,
  zone: string,
): string[] {
  const {
    sessionId,
    agencyId,
    creatorId,
    contentVertical,
    sales,
    newFollowers,
    views,
    corrections,
    voided,
  } = session;
  return [
    ...field('Session', voided ? `${sessionId}  VOID 已作废` : sessionId),
    ...field('Agency', named(agencyId, name)),
    ...field('Creator', creatorId),
    ...field('Streamed', spanText(session)),
    ...(voided ? [] : field('Counts for', `${session.date}, the date of its start`)),
    ...(contentVertical === undefined ? [] : field('Content', contentVertical)),
    ...(sales ?? []).flatMap(({ vertical, amountFen }, index) =>
      field(index === 0 ? 'Sales' : '', `${vertical} ${yuan(amountFen)} yuan`),
    ),
    ...(newFollowers === undefined ? [] : field('New followers', figure(newFollowers))),
    ...(views === undefined ? [] : field('Views', figure(views))),
    ...field('Corrected', corrections === 0 ? 'never' : count(corrections, 'time')),
    ...field('Known at', time(session.knownAt)),
    ...field('Time zone', `${zone}; every time on this page is in it`),
  ];
}

/** `2019-04-10 20:00:00 to 2019-04-10 20:45:00: 0:45:00, effective 有效` */
export function spanText({ startedAt, endedAt, effective, voided }: SessionAnswer): string {
  const effect = effectText({ effective, voided });
  const duration = durationText(Date.parse(endedAt) - Date.parse(startedAt));
  return `${time(startedAt)} to ${time(endedAt)}: ${duration}, ${effect}`;
}

function effectText({ effective, voided }: Pick<SessionAnswer, 'effective' | 'voided'>): string {
  if (voided) return 'void, counts for nothing 已作废';
  return effective ? 'effective 有效' : 'too short to count 无效';
}

/** `0:29:59.999`: to the millisecond, like the limit of half an hour (E-46). */
function durationText(ms: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${String(hours)}:${two(minutes)}:${two(seconds % 60)}${fraction}`;
}
