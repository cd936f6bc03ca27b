import type { AppealAnswer } from '@penalty-ledger/ledger';
import { field } from '../terminal/layout.js';
import { appealKindWords, appealStateWords, deadline, named, time } from '../terminal/words.js';

/** An appeal on a page of its own. */
export function appealPage(appeal: AppealAnswer, name: string | undefined): string[] {
  return [
    ...field('Appeal', appeal.appealId),
    ...field('Agency', named(appeal.agencyId, name)),
    ...appealFields(appeal, 0),
    ...appeal.assumptions.flatMap((assumption, index) =>
      field(index === 0 ? 'Assumptions' : '', assumption),
    ),
    ...appeal.calendars.flatMap(({ id, calendarVersion, sha256 }) =>
      field('Calendar', `${id} ${calendarVersion}\nSHA-256 ${sha256}`),
    ),
    ...field('Known at', time(appeal.knownAt)),
  ];
}

/** An appeal: what it is against, its state, and every deadline. */
export function appealFields(appeal: AppealAnswer, at: number): string[] {
  const line = (label: string, text: string): string[] => field(label, text, { at });
  return [
    ...line('Kind', appealKindWords(appeal.kind)),
    ...line(
      'Against',
      appeal.expulsion ? 'the expulsion 清退决定' : appeal.deductionIds.join(', '),
    ),
    ...line('State', stateText(appeal)),
    ...line(
      'Initiated',
      `${time(appeal.initiatedAt)} (possible until ${deadline(appeal.initiateBy)})`,
    ),
    ...(appeal.recordedAt === appeal.initiatedAt ? [] : line('Recorded', time(appeal.recordedAt))),
    ...line('Evidence', evidenceText(appeal)),
    ...line('Decision', decisionText(appeal)),
    ...(appeal.findings.length === 0 ? [] : line('Findings', appeal.findings.join(', '))),
  ];
}

function stateText({ state, withdrawnAt }: AppealAnswer): string {
  return appealStateWords(state) + (withdrawnAt === null ? '' : `, ${time(withdrawnAt)}`);
}

function evidenceText({ evidenceSubmittedAt, evidenceBy, state }: AppealAnswer): string {
  if (evidenceSubmittedAt !== null)
    return `${time(evidenceSubmittedAt)} (possible until ${deadline(evidenceBy)})`;
  return state === 'initiated'
    ? `due before ${deadline(evidenceBy)}`
    : `none (possible until ${deadline(evidenceBy)})`;
}

function decisionText({ decidedAt, decideBy, overdue, state }: AppealAnswer): string {
  const due = decideBy === null ? '' : ` (due ${deadline(decideBy)})`;
  if (decidedAt !== null) return `${time(decidedAt)}${overdue === true ? ', late' : ''}${due}`;
  if (overdue === true) return `overdue${due}`;
  return state === 'evidence_submitted' ? `outstanding${due}` : 'none';
}
