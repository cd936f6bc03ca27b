import { Sentence } from '@penalty-ledger/ledger';
import type { SessionWithChanges } from '@penalty-ledger/application';
import { sessionPage } from './page.js';

const session: SessionWithChanges = {
  sessionId: 's1',
  agencyId: 'a1',
  creatorId: 'c1',
  startedAt: '2019-04-01T20:00:00.000+08:00',
  endedAt: '2019-04-01T20:45:00.000+08:00',
  corrections: 0,
  recordedAt: '2019-04-02T09:00:00.000+08:00',
  recordedBy: 'desk',
  changes: [],
  findings: [],
  voided: false,
  effective: true,
  month: '2019-04',
  date: '2019-04-01',
  knownAt: '2019-05-01T09:00:00.000+08:00',
};
const pageOf = (answer: SessionWithChanges): string =>
  sessionPage(answer, undefined, 'Asia/Shanghai').join('\n');

test('a void session is neither effective nor counted', () => {
  expect(pageOf(session)).toContain('effective');
  expect(pageOf(session)).toContain('Counts for');
  const page = pageOf({ ...session, voided: true });
  expect(page).toContain('0:45:00, void, counts for nothing');
  expect(page).not.toContain('有效');
  expect(page).not.toContain('Counts for');
});

test('a reason that reads as a withheld one is told from it', () => {
  const reasonIn = (reason: SessionWithChanges['changes'][number]['reason']): string => {
    const at = '2019-04-03T10:00:00.000+08:00';
    const change = { kind: 'voided', recordedAt: at, by: 'desk', reason, changed: [] } as const;
    return /reason: (.*)/.exec(pageOf({ ...session, changes: [change] }))?.[1] ?? '';
  };
  expect(reasonIn({ withheld: 'sealed' })).toBe('(sealed)');
  expect(reasonIn('sealed')).toBe('sealed');
  expect(reasonIn('(sealed)')).toBe('“(sealed)”');
  expect(reasonIn('（已删除）')).toBe('“（已删除）”');
});

test('a correction shows when, who, why, and each value before and after', () => {
  const page = pageOf({
    ...session,
    corrections: 1,
    changes: [
      {
        kind: 'corrected',
        recordedAt: '2019-04-03T10:00:00.000+08:00',
        by: 'officer-2',
        reason: { withheld: 'erased' },
        changed: [
          { field: 'endedAt', old: '2019-04-01T20:29:00.000+08:00', new: session.endedAt },
          { field: 'sales', old: null, new: [{ vertical: '食品', amountFen: 1_234_550 }] },
        ],
      },
    ],
    findings: [
      {
        code: 'overlapping_sessions',
        severity: 'warning',
        detail: new Sentence({
          en: 'creator "c1" also streamed session "s2"',
          zh: '达人 "c1" 同时直播场次 "s2"',
        }),
        recordedAt: '2019-04-03T10:00:00.000+08:00',
      },
    ],
  });
  expect(page).toContain('2019-04-03 10:00:00 by officer-2');
  expect(page).toContain('reason: (erased)');
  expect(page).toContain('endedAt: 2019-04-01 20:29:00 → 2019-04-01 20:45:00');
  expect(page).toContain('sales: none → 食品 12,345.50 yuan');
  expect(page).toContain('overlapping_sessions (warning), 2019-04-03 10:00:00');
  expect(page).not.toContain('never');
});
