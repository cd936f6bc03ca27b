import type { SessionAnswer } from '@penalty-ledger/application';
import { sessionPage } from './page.js';

const session: SessionAnswer = {
  sessionId: 's1',
  agencyId: 'a1',
  creatorId: 'c1',
  startedAt: '2019-04-01T20:00:00.000+08:00',
  endedAt: '2019-04-01T20:45:00.000+08:00',
  corrections: 0,
  voided: false,
  effective: true,
  month: '2019-04',
  date: '2019-04-01',
  knownAt: '2019-05-01T09:00:00.000+08:00',
};
const pageOf = (answer: SessionAnswer): string =>
  sessionPage(answer, undefined, 'Asia/Shanghai').join('\n');

test('a void session is neither effective nor counted', () => {
  expect(pageOf(session)).toContain('effective 有效');
  expect(pageOf(session)).toContain('Counts for');
  const page = pageOf({ ...session, voided: true });
  expect(page).toContain('0:45:00, void, counts for nothing 已作废');
  expect(page).not.toContain('有效');
  expect(page).not.toContain('Counts for');
});
