import type { ComplaintWithTexts } from '@penalty-ledger/application';
import { field, heading } from '../terminal/layout.js';
import { said } from '../terminal/language.js';
import { table } from '../terminal/table.js';
import { complainantWords, complaintStateWords, inClear, named, time } from '../terminal/words.js';

/** A complaint, its outcome, and the violations and deductions that rest on it. */
export function complaintPage(complaint: ComplaintWithTexts, name: string | undefined): string[] {
  return [
    ...field('Complaint', complaint.complaintId),
    ...field('Agency', named(complaint.agencyId, name)),
    ...complaintFields(complaint, (label, text) => field(label, text)),
    ...field('Known at', time(complaint.knownAt)),
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
      'Filed',
      `${time(filedAt)} by a ${complainantWords(complainantKind)}, about ${time(occurredAt)}`,
    ),
    ...(creatorId === null
      ? []
      : line('Against', `creator ${creatorId}; the agency answers jointly 连带责任`)),
    ...line(said('Recorded by', '记录人'), filedBy),
    ...line('State', stateText(complaint)),
    ...(caseNo === null ? [] : line('Case', inClear(caseNo))),
    ...(subject === null ? [] : line('Subject', inClear(subject))),
    ...(closedBy === null ? [] : line(said('Closed by', '结案人'), closedBy)),
    ...(reason === null ? [] : line(said('Reason', '理由'), inClear(reason))),
    ...(mergedInto === null ? [] : line('Merged into', mergedInto)),
    ...(merged.length === 0 ? [] : line('Merged here', merged.join(', '))),
  ];
}

function stateText({ state, closedAt, mergedInto }: ComplaintWithTexts): string {
  if (closedAt !== null) return `${complaintStateWords(state)} since ${time(closedAt)}`;
  return mergedInto !== null && state !== 'open'
    ? `${complaintStateWords(state)}, as the one it is merged into`
    : complaintStateWords(state);
}

function deductionsSection({ complaintId, deductions }: ComplaintWithTexts): string[] {
  if (deductions.length === 0) return heading('No deduction rests on it 无扣分');
  const columns = [
    { title: 'Complaint', maxWidth: 24 },
    { title: 'Violation', maxWidth: 30 },
    { title: 'Occurred' },
    { title: 'Deduction', maxWidth: 24 },
    { title: 'Points', align: 'right' },
    { title: 'Counts', align: 'right' },
  ] as const;
  const rows = deductions.map((deduction) => [
    deduction.complaintId === complaintId ? complaintId : `${deduction.complaintId} (merged)`,
    deduction.clause,
    time(deduction.occurredAt),
    deduction.deductionId,
    String(deduction.points),
    String(deduction.counts),
  ]);
  return [...heading('Complaint, violation, deduction 投诉—违规—扣分'), ...table(columns, rows)];
}
