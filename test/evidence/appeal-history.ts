import { hash } from 'node:crypto';
import type { PackQuestion } from '@penalty-ledger/evidence';
import type { Instant } from '@penalty-ledger/ledger';
import {
  admit,
  appeal,
  closeComplaint,
  correct,
  decideAppeal,
  deduct,
  failMonth,
  fileComplaint,
  lastChance,
  on,
  withdraw,
} from '../support/lines.js';
import { LoggedLedger } from '../support/logged-ledger.js';
import type { Line } from '../support/given.js';
import { TestLedger } from '../support/test-ledger.js';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** Files that the history registers. */
export const screenshot = 'a screenshot of 31 March';
export const letter = 'the letter of a complainant';

/**
 * A year of one agency: points, a typing error, a complaint, an appeal decided in part, and the
 * threshold that is reached. Another agency has events of its own.
 */
export const appealHistory: readonly Line[] = [
  on('2019-01-05', admit()),
  on('2019-01-06', admit({ agencyId: 'a2', name: 'Agency Two' })),
  on(
    '2019-02-03',
    failMonth('d1', '2019-01', {
      notice: { text: '一月运营指标不符，扣40分。' },
      notifiedAt: '2019-02-03T10:00:00+08:00',
    }),
  ),
  on('2019-02-10', deduct('x1', 12, { agencyId: 'a2' })),
  on('2019-03-02', deduct('d2', 50, { notice: { text: '机构运营不当，扣50分。' } })),
  on('2019-03-03', correct('d2', { points: 30 })),
  on(
    '2019-03-20',
    fileComplaint('c1', '2019-03-19', {
      subject: 'goods < never > sent',
      complainant: { kind: 'merchant', id: 'm-1' },
    }),
  ),
  on('2019-03-21', register('e-letter', { kind: 'complaint', id: 'c1' }, letter)),
  on(
    '2019-03-25',
    deduct('d3', 20, {
      clause: 'creator-violation',
      basis: { kind: 'complaint', complaintId: 'c1' },
      notice: { text: '被投诉' },
      notifiedAt: '2019-03-25T11:00:00+08:00',
    }),
  ),
  on('2019-03-26', closeComplaint('c1', 'upheld')),
  on('2019-03-27', register('e1', { kind: 'deduction', id: 'd3' }, screenshot)),
  on('2019-03-28', appeal('p1', ['d3'])),
  on('2019-03-28 12:00', submitItems('p1', { e1: sha256(screenshot), e9: 'b'.repeat(64) })),
  on(
    '2019-03-30',
    decideAppeal('p1', 'partly_upheld', { adjustments: [{ deductionId: 'd3', points: 5 }] }),
  ),
  on('2019-06-02', failMonth('d4', '2019-05')),
  on('2019-07-02', failMonth('d5', '2019-06')),
  on('2019-07-03', lastChance('p2', ['d5'])),
  on('2019-07-04', withdraw('p2')),
  on('2019-12-20', deduct('d6', 7, { effectiveAt: '2020-01-10T00:00:00+08:00' })),
];

function register(evidenceId: string, subject: object, file: string) {
  return {
    command: 'RegisterEvidence',
    data: {
      evidenceId,
      subject,
      title: `file ${evidenceId}`,
      mediaType: 'image/png',
      sha256: sha256(file),
    },
  };
}

function submitItems(appealId: string, items: Readonly<Record<string, string>>) {
  const submitted = Object.entries(items).map(([evidenceId, hashed]) => ({
    evidenceId,
    title: 'screenshot',
    mediaType: 'image/png',
    sha256: hashed,
  }));
  return { command: 'SubmitEvidence', data: { appealId, items: submitted } };
}

/** Runs lines in a new ledger, each of which must be accepted, and gives the log over it. */
export async function logged(lines: readonly Line[]): Promise<LoggedLedger> {
  const ledger = await TestLedger.open('observer');
  for (const line of lines) {
    const { status, code } = await ledger.apply({ ...line, at: atOf(line) });
    if (status !== 'accepted') throw new Error(`${line.command} at ${line.at}: ${code ?? status}`);
  }
  await ledger.finish();
  const log = await LoggedLedger.of(ledger);
  await ledger.close();
  return log;
}

function atOf({ at }: Line): string {
  const [date = '', time = '10:00'] = at.split(' ');
  return `${date}T${time}:00+08:00`;
}

/** The instant at which the checkpoint of the tests is signed. */
export const signedAt = '2019-12-31T00:00:00.000Z' as Instant;

/** The question of the pack of the appeal `p1`: the answers when it was initiated, and now. */
export const appealQuestion: PackQuestion = {
  account: 'points',
  effectiveAt: '2019-03-28T02:00:00.000Z' as Instant,
  knownAt: '2019-03-28T02:00:00.000Z' as Instant,
  period: '2019',
  subject: { agencyId: 'a1', appealId: 'p1' },
};
