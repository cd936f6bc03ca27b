import type { ComplaintWithTexts } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { said } from '../terminal/language.js';
import { table } from '../terminal/table.js';
import {
  complainantWords,
  complaintStateWords,
  inClear,
  listed,
  named,
  time,
} from '../terminal/words.js';

/** A complaint, its outcome, and the violations and deductions that rest on it. */
export function complaintPage(complaint: ComplaintWithTexts, name: string | undefined): string[] {
  return [
    ...field(said('Complaint', '投诉'), complaint.complaintId),
    ...field(said('Agency', '机构'), named(complaint.agencyId, name)),
    ...complaintFields(complaint, (label, text) => field(label, text)),
    ...field(said('Known at', '已知时点'), time(complaint.knownAt)),
    ...deductionsSection(complaint),
  ];
}

/** The fields of a complaint, also under a deduction that rests on it. */
export function complaintFields(
  complaint: ComplaintWithTexts,
  line: (label: string, text: string) => string[],
): string[] {
  const { complainantKind, creatorId, caseNo, subject, occurredAt, filedAt } = complaint;
  const { mergedInto, merged, filedBy, closedBy, reason } = complaint;
  return [
    ...line(
      said('Filed', '提起'),
      said(
        `${time(filedAt)} by a ${complainantWords(complainantKind)}, about ${time(occurredAt)}`,
        `由${complainantWords(complainantKind)}于 ${time(filedAt)} 提起，` +
          `所涉时间 ${time(occurredAt)}`,
      ),
    ),
    ...(creatorId === null
      ? []
      : line(
          said('Against', '针对'),
          said(
            `creator ${creatorId}; the agency answers jointly`,
            `达人 ${creatorId}；机构承担连带责任`,
          ),
        )),
    ...line(said('Recorded by', '记录人'), filedBy),
    ...line(said('State', '状态'), stateText(complaint)),
    ...(caseNo === null ? [] : line(said('Case', '案号'), inClear(caseNo))),
    ...(subject === null ? [] : line(said('Subject', '事由'), inClear(subject))),
    ...(closedBy === null ? [] : line(said('Closed by', '结案人'), closedBy)),
    ...(reason === null ? [] : line(said('Reason', '理由'), inClear(reason))),
    ...(mergedInto === null ? [] : line(said('Merged into', '并入'), mergedInto)),
    ...(merged.length === 0 ? [] : line(said('Merged here', '并案'), listed(merged))),
  ];
}

function stateText({ state, closedAt, mergedInto }: ComplaintWithTexts): string {
  if (closedAt !== null)
    return said(
      `${complaintStateWords(state)} since ${time(closedAt)}`,
      `${complaintStateWords(state)}，自 ${time(closedAt)} 起`,
    );
  return mergedInto !== null && state !== 'open'
    ? said(
        `${complaintStateWords(state)}, as the one it is merged into`,
        `${complaintStateWords(state)}，同所并入的投诉`,
      )
    : complaintStateWords(state);
}

function deductionsSection({ complaintId, deductions }: ComplaintWithTexts): string[] {
  if (deductions.length === 0)
    return heading(said('No deduction rests on it', '没有以此为依据的扣分'));
  const columns = [
    { title: said('Complaint', '投诉'), maxWidth: 24 },
    { title: said('Violation', '违规'), maxWidth: 30 },
    { title: said('Occurred', '发生') },
    { title: said('Deduction', '扣分'), maxWidth: 24 },
    { title: said('Points', '分值'), align: 'right' },
    { title: said('Counts', '计入'), align: 'right' },
  ] as const;
  const rows = deductions.map((deduction) => [
    deduction.complaintId === complaintId
      ? complaintId
      : said(`${deduction.complaintId} (merged)`, `${deduction.complaintId}（并案）`),
    deduction.clause,
    time(deduction.occurredAt),
    deduction.deductionId,
    String(deduction.points),
    String(deduction.counts),
  ]);
  return [
    ...heading(said('Complaint, violation, deduction', '投诉—违规—扣分')),
    ...table(columns, rows),
  ];
}
