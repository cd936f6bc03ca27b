import type {
  AppealableEntry,
  AppealEntry,
  ComplaintEntry,
  CreatorEntry,
  DeadlineEntry,
  DeductionEntry,
  EvidenceEntry,
  FindingEntry,
  OutlookEntry,
  RulebookEntry,
  SessionEntry,
  ShownText,
  WaitingErasure,
} from '@penalty-ledger/application';
import type { ListName } from '@penalty-ledger/application/list-texts';
import { agency, type AgencyEntry } from '@penalty-ledger/ledger';
import { said, saidIn } from '../terminal/language.js';
import type { Column } from '../terminal/table.js';
import {
  appealStateWords,
  complaintStateWords,
  deadline,
  inClear,
  figure,
  listed,
  overdueWords,
  prospectWords,
  reasonWords,
  standingWords,
  time,
} from '../terminal/words.js';

/** A column of a list's table. */
export interface ListColumn<Entry> extends Column {
  readonly cell: (entry: Entry) => string;
}

/** The entries of the lists. */
export interface Entries {
  agencies: AgencyEntry;
  appealable: AppealableEntry;
  appeals: AppealEntry;
  complaints: ComplaintEntry;
  creators: CreatorEntry;
  deadlines: DeadlineEntry;
  deductions: DeductionEntry;
  erasures: WaitingErasure;
  evidence: EvidenceEntry;
  findings: FindingEntry;
  outlooks: OutlookEntry;
  rulebooks: RulebookEntry;
  sessions: SessionEntry;
}

const idWidth = 24;

/** The columns of a list, in the language of this process. */
export function columnsOf<Name extends ListName>(name: Name): readonly ListColumn<Entries[Name]>[] {
  return columns[name]();
}

const columns: {
  readonly [Name in ListName]: () => readonly ListColumn<Entries[Name]>[];
} = {
  agencies: () => [
    agencyColumn(),
    { title: said('Balance', '累计扣分'), align: 'right', cell: ({ balance }) => String(balance) },
    { title: said('Standing', '身份'), cell: ({ standing }) => standingWords(standing) },
  ],
  appealable: () => [
    deductionColumn(),
    agencyColumn(),
    { title: said('Counts', '计入'), align: 'right', cell: ({ counts }) => String(counts) },
    {
      title: said('Appeal', '申诉'),
      cell: ({ status, appealId }) => appealableWords(status, appealId),
    },
    { title: said('Until', '申诉截止'), cell: ({ until }) => deadline(until) },
    {
      title: said('Balance', '累计扣分'),
      align: 'right',
      cell: ({ now }) => String(now.balance),
    },
    {
      title: said('If upheld', '申诉成立后'),
      align: 'right',
      cell: ({ ifUpheld }) => String(ifUpheld.balance),
    },
  ],
  appeals: () => [
    { title: said('Appeal', '申诉'), maxWidth: idWidth, cell: ({ appealId }) => appealId },
    agencyColumn(),
    { title: said('State', '状态'), cell: ({ state }) => appealStateWords(state) },
    { title: said('Initiated', '发起'), cell: ({ initiatedAt }) => time(initiatedAt) },
    {
      title: said('Due', '待办'),
      cell: ({ due }) =>
        due === null
          ? ''
          : `${due.what === 'evidence' ? said('evidence', '举证') : said('decision', '裁定')} ` +
            (due.at === null ? said('unknown', '未知') : deadline(due.at)),
    },
  ],
  complaints: () => [
    { title: said('Complaint', '投诉'), maxWidth: idWidth, cell: ({ complaintId }) => complaintId },
    agencyColumn(),
    { title: said('Creator', '达人'), maxWidth: idWidth, cell: ({ creatorId }) => creatorId ?? '' },
    { title: said('State', '状态'), cell: ({ state }) => complaintStateWords(state) },
    { title: said('Filed', '提交'), cell: ({ filedAt }) => time(filedAt) },
    {
      title: said('Merged into', '并入'),
      maxWidth: idWidth,
      cell: ({ mergedInto }) => mergedInto ?? '',
    },
  ],
  creators: () => [
    { title: said('Creator', '达人'), maxWidth: idWidth, cell: ({ creatorId }) => creatorId },
    { title: said('Name', '名称'), maxWidth: 24, cell: ({ name }) => textCell(name) },
    agencyColumn(),
    { title: said('Bound since', '绑定起'), cell: ({ from }) => time(from) },
    { title: said('Until', '至'), cell: ({ to }) => (to === null ? '' : time(to)) },
    {
      title: said('Exposure right', '浮现权'),
      cell: ({ exposureRight }) => (exposureRight ? said('yes', '有') : said('no', '无')),
    },
  ],
  deadlines: () => [
    {
      title: said('At', '期限'),
      cell: ({ at, kind }) => (kind === 'reentry' ? time(at) : deadline(at)),
    },
    agencyColumn(),
    {
      title: said('What', '事项'),
      cell: ({ kind, overdue }) => overdueWords(deadlineWords(kind), overdue),
    },
    { title: said('About', '对象'), maxWidth: idWidth, cell: ({ subjectId }) => subjectId },
  ],
  deductions: () => [
    deductionColumn(),
    agencyColumn(),
    { title: said('In effect from', '生效'), cell: ({ effectiveAt }) => time(effectiveAt) },
    { title: said('Clause', '条款'), maxWidth: 26, cell: ({ clause }) => clause },
    { title: said('Points', '扣分'), align: 'right', cell: ({ points }) => String(points) },
    { title: said('Counts', '计入'), align: 'right', cell: ({ counts }) => String(counts) },
    {
      title: said('Not counted', '不计入原因'),
      cell: ({ status }) => (status === 'counts' ? '' : reasonWords(status)),
    },
  ],
  erasures: () => [
    { title: said('Subject', '主体'), maxWidth: 40, cell: ({ subject }) => subject },
    { title: said('Asked for', '请求'), cell: ({ askedAt }) => time(askedAt) },
    { title: said('By', '请求人'), maxWidth: idWidth, cell: ({ by }) => by },
    {
      title: said('Reference', '请求编号'),
      maxWidth: idWidth,
      cell: ({ requestId }) => requestId ?? '',
    },
    { title: said('Due', '到期'), cell: (erasure) => dueWords(erasure) },
    { title: said('Held by', '保留事由'), cell: ({ holds }) => heldWords(holds) },
  ],
  evidence: () => [
    { title: said('Evidence', '证据'), maxWidth: idWidth, cell: ({ evidenceId }) => evidenceId },
    { title: said('About', '对象'), cell: ({ subject }) => `${subject.kind} ${subject.id}` },
    { title: said('Title', '标题'), maxWidth: 28, cell: ({ title }) => textCell(title) },
    { title: said('Recorded', '记录'), cell: ({ recordedAt }) => time(recordedAt) },
    { title: 'SHA-256', cell: ({ sha256 }) => `${sha256.slice(0, 12)}…` },
  ],
  findings: () => [
    { title: said('Recorded', '记录'), cell: ({ recordedAt }) => time(recordedAt) },
    agencyColumn(),
    { title: said('Finding', '问题'), cell: ({ code }) => code },
    { title: said('Severity', '级别'), cell: ({ severity }) => severity },
    { title: said('Detail', '详情'), maxWidth: 48, cell: ({ detail }) => saidIn(detail) },
  ],
  outlooks: () => [
    agencyColumn(),
    { title: said('Month', '本月'), cell: ({ prospect }) => prospectWords(prospect) },
    {
      title: said('Active', '活跃'),
      align: 'right',
      cell: ({ active, base }) => `${String(active)}/${String(base)}`,
    },
    {
      title: said('Act before', '最迟须早于'),
      cell: ({ actBefore }) => (actBefore === null ? '' : deadline(actBefore)),
    },
    { title: said('Left', '距清退线'), align: 'right', cell: ({ left }) => String(left) },
  ],
  rulebooks: () => [
    {
      title: said('Rulebook', '规则'),
      cell: ({ id, rulebookVersion }) => `${id} ${rulebookVersion}`,
    },
    { title: said('In force from', '生效'), cell: ({ effectiveFrom }) => time(effectiveFrom) },
    {
      title: said('In force', '适用'),
      cell: ({ inForce }) => (inForce ? said('yes', '是') : ''),
    },
    {
      title: said('Published', '发布'),
      cell: ({ recordedAt }) =>
        recordedAt === null ? said('with the ledger', '随账本') : time(recordedAt),
    },
    {
      title: said('Threshold', '清退线'),
      align: 'right',
      cell: ({ threshold }) => String(threshold),
    },
    { title: said('Findings', '发现的问题'), cell: ({ findings }) => listed(findings) },
  ],
  sessions: () => [
    { title: said('Session', '场次'), maxWidth: idWidth, cell: ({ sessionId }) => sessionId },
    agencyColumn(),
    { title: said('Creator', '达人'), maxWidth: idWidth, cell: ({ creatorId }) => creatorId },
    { title: said('Started', '开播'), cell: ({ startedAt }) => time(startedAt) },
    { title: said('Ended', '结束'), cell: ({ endedAt }) => time(endedAt) },
    {
      title: said('Effective', '有效开播'),
      cell: ({ effective, voided }) =>
        voided ? said('void', '已作废') : effective ? said('yes', '是') : said('no', '否'),
    },
  ],
};

function agencyColumn(): ListColumn<{ readonly agencyId: string | null }> {
  return {
    title: said('Agency', '机构'),
    maxWidth: idWidth,
    cell: ({ agencyId }) => agencyId ?? '',
  };
}

function textCell(text: ShownText | null): string {
  return text === null ? '' : inClear(text);
}

function deductionColumn(): ListColumn<{ readonly deductionId: string }> {
  return {
    title: said('Deduction', '扣分'),
    maxWidth: idWidth,
    cell: ({ deductionId }) => deductionId,
  };
}

function appealableWords(status: AppealableEntry['status'], appealId: string | null): string {
  switch (status) {
    case 'open':
      return said('possible', '可申诉');
    case 'already_appealed':
      return said(`appealed: ${appealId ?? ''}`, `已申诉：${appealId ?? ''}`);
    case 'already_revoked':
      return said('revoked', '已撤销');
    case 'window_closed':
      return said('too late', '已过期');
  }
}

function dueWords({ due, dueFrom }: WaitingErasure): string {
  if (due) return said('now', '已到期');
  return dueFrom === null ? said('no set end', '未定期限') : time(dueFrom);
}

/** Names the hold that ends last, and the number of the others. */
function heldWords([first, ...others]: WaitingErasure['holds']): string {
  if (first === undefined) return '';
  const last = `${saidIn(agency.holdGroundTerms[first.ground])} ${first.id}`;
  if (others.length === 0) return last;
  const more = figure(others.length);
  return said(`${last}, and ${more} more`, `${last}，另有 ${more} 项`);
}

function deadlineWords(kind: DeadlineEntry['kind']): string {
  switch (kind) {
    case 'appeal_deduction':
      return said('appeal of a deduction', '对扣分发起申诉');
    case 'appeal_expulsion':
      return said('appeal of the expulsion', '对清退发起申诉');
    case 'submit_evidence':
      return said('evidence of an appeal', '申诉举证');
    case 'last_chance':
      return said('last chance', '最后一次申诉机会');
    case 'reentry':
      return said('re-entry possible', '可重新入驻');
    case 'decide_appeal':
      return said('decision on an appeal', '申诉裁定');
    case 'answer_review':
      return said('answer to a human review', '人工判定答复');
  }
}
