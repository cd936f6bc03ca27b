import { assumptionText } from '../rulebook/assumption-text.js';
import type { InBoth } from '@penalty-ledger/application/language';
import type { AppealWithTexts, ShownText } from '@penalty-ledger/application';
import { field } from '../terminal/layout.js';
import { said, saidIn } from '../terminal/language.js';
import {
  appealKindWords,
  appealStateWords,
  byWhom,
  count,
  deadline,
  inClear,
  listed,
  named,
  sectionWords,
  time,
} from '../terminal/words.js';

type Clock = AppealWithTexts['clocks'][number];

/** An appeal on a page of its own. */
export function appealPage(appeal: AppealWithTexts, name: string | undefined): string[] {
  return [
    ...field(said('Appeal', '申诉'), appeal.appealId),
    ...field(said('Agency', '机构'), named(appeal.agencyId, name)),
    ...appealFields(appeal, 0),
    ...appeal.assumptions.flatMap((assumption, index) =>
      field(index === 0 ? said('Assumptions', '假设') : '', assumptionText(assumption)),
    ),
    ...appeal.calendars.flatMap(({ id, calendarVersion, sha256 }) =>
      field(said('Calendar', '节假日历'), `${id} ${calendarVersion}\nSHA-256 ${sha256}`),
    ),
    ...field(said('Known at', '已知截至'), time(appeal.knownAt)),
  ];
}

/**
 * An appeal: what it is against, its state, its texts, and each step with the clock that it has. A
 * window that is closed stands only where it was missed.
 */
export function appealFields(appeal: AppealWithTexts, at: number): string[] {
  const line = (label: string, text: string): string[] => field(label, text, { at });
  const clockOf = (step: Clock['step']): Clock | undefined =>
    appeal.clocks.find((clock) => clock.step === step);
  const step = (label: string, of: Clock['step'], act: string): string[] => {
    const clock = clockOf(of);
    return line(label, clock === undefined ? act : `${act}\n${ruleText(clock)}`);
  };
  const { grounds, withdrawal, decision } = appeal;
  return [
    ...line(said('Kind', '类型'), appealKindWords(appeal.kind)),
    ...line(
      said('Against', '针对'),
      appeal.expulsion ? said('the expulsion', '清退决定') : listed(appeal.deductionIds),
    ),
    ...line(said('State', '状态'), appealStateWords(appeal.state)),
    ...(grounds === null ? [] : line(said('Grounds', '申诉理由'), inClear(grounds))),
    ...step(
      said('Initiated', '发起'),
      'initiation',
      actText(appeal.initiatedAt, appeal.initiatedBy, clockOf('initiation')),
    ),
    ...(appeal.recordedAt === appeal.initiatedAt
      ? []
      : line(said('Recorded', '记录'), time(appeal.recordedAt))),
    ...step(said('Evidence', '举证'), 'evidence', evidenceText(appeal, clockOf('evidence'))),
    ...appeal.items.flatMap(({ evidenceId, title, mediaType }) =>
      line('', `${evidenceId}  ${title === null ? '' : `${inClear(title)}  `}${mediaType}`),
    ),
    ...(withdrawal === null || appeal.withdrawnAt === null
      ? []
      : line(said('Withdrawn', '撤回'), byWhom(appeal.withdrawnAt, withdrawal.by))),
    ...reasonLines(line, withdrawal?.reason ?? null),
    ...step(said('Decision', '裁定'), 'decision', decisionText(appeal, clockOf('decision'))),
    ...(decision?.adjustments ?? []).flatMap(({ deductionId, was, points }) =>
      line(
        '',
        said(
          `${deductionId}: ${String(was)} → ${count(points, 'point')}`,
          `${deductionId}：${String(was)} 分 → ${String(points)} 分`,
        ),
      ),
    ),
    ...reasonLines(line, decision?.reason ?? null),
    ...(appeal.findings.length === 0
      ? []
      : line(said('Findings', '发现的问题'), listed(appeal.findings))),
  ];
}

function reasonLines(
  line: (label: string, text: string) => string[],
  reason: ShownText | null,
): string[] {
  return reason === null ? [] : line(said('Reason', '理由'), inClear(reason));
}

/** An act and whether its step was in time. */
function actText(at: string, by: string, clock: Clock | undefined): string {
  const late = clock?.state === 'missed' ? `; ${closedText(clock)}` : '';
  return byWhom(at, by) + late;
}

function closedText({ until }: Clock): string {
  return until === null
    ? ''
    : said(`too late: due before ${deadline(until)}`, `逾期：截止于 ${deadline(until)}`);
}

function evidenceText(
  { evidenceSubmittedAt, evidenceSubmittedBy }: AppealWithTexts,
  clock: Clock | undefined,
): string {
  if (evidenceSubmittedAt !== null) return byWhom(evidenceSubmittedAt, evidenceSubmittedBy ?? '');
  if (clock?.until === undefined || clock.until === null) return said('none', '无');
  if (clock.state === 'open') return dueText(clock.until);
  return clock.state === 'missed'
    ? said(`none came before ${deadline(clock.until)}`, `截至 ${deadline(clock.until)} 未举证`)
    : said('none', '无');
}

function dueText(until: string): string {
  return said(`due before ${deadline(until)}`, `须在 ${deadline(until)} 前提交`);
}

function decisionText({ decidedAt, decision }: AppealWithTexts, clock: Clock | undefined): string {
  if (decidedAt !== null && decision !== null) return actText(decidedAt, decision.by, clock);
  if (clock === undefined || clock.state === 'ended') return said('none', '无');
  if (clock.until === null) return said('outstanding', '待裁定');
  return clock.state === 'missed'
    ? said(
        `overdue: due before ${deadline(clock.until)}`,
        `已逾期：应于 ${deadline(clock.until)} 前答复`,
      )
    : said(
        `outstanding, due before ${deadline(clock.until)}`,
        `待裁定，应于 ${deadline(clock.until)} 前答复`,
      );
}

/** The term of a clock in words, and where it comes from. */
function ruleText({ rule: { name, section, assumed, value, from } }: Clock): string {
  const start = from === null ? '' : saidIn(starts[from]);
  const number = value ?? 0;
  const nextDay = said(`after ${start}, whose day is not counted`, `${start}次日起`);
  const terms: Readonly<Record<typeof name, string>> = {
    appealInitiateDays: said(
      `${count(number, 'natural day')} ${nextDay}`,
      `${nextDay} ${String(number)} 个自然日`,
    ),
    notice: said('the deadline that the notice states', '通知载明的申诉期限'),
    lastChanceDays: said(
      `${count(number, 'natural day')} ${nextDay}`,
      `${nextDay} ${String(number)} 个自然日`,
    ),
    appealEvidenceHours: said(
      `${count(number, 'hour')} after ${start}`,
      `${start}后 ${String(number)} 小时内`,
    ),
    appealDecideWorkingDays: said(
      `${count(number, 'working day')} ${nextDay}`,
      `${nextDay} ${String(number)} 个工作日`,
    ),
  };
  const rule = sectionWords(section);
  return assumed
    ? said(`${terms[name]} (${rule}, assumed)`, `${terms[name]}（${rule}，假设）`)
    : said(`${terms[name]} (${rule})`, `${terms[name]}（${rule}）`);
}

type From = NonNullable<Clock['rule']['from']>;

/** The instants from which clocks run. */
const starts: Readonly<Record<From, InBoth>> = {
  notice: { en: 'the notice', zh: '通知' },
  recording: { en: 'the recording', zh: '记录' },
  pending_expulsion: { en: 'the pending expulsion opened', zh: '待清退开始' },
  initiation: { en: 'the initiation', zh: '发起' },
  evidence: { en: 'the evidence', zh: '举证' },
};
