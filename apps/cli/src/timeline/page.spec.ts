import { eventTypesIn } from '@penalty-ledger/ledger';
import type { Act, Timeline } from '@penalty-ledger/application';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { speak } from '../terminal/language.js';
import { actTerms } from './act-terms.js';
import { timelinePage } from './page.js';

afterEach(() => speak('en'));

const recordedAt = '2019-11-01T02:00:00.000Z';
const act = (type: string, at: string, more: Partial<Act> = {}): Act =>
  ({
    ...{ at, id: 'x', type, stream: 'agency-a1', revision: 0, actor: 'officer-1', recordedAt },
    data: { deductionId: 'd1', points: 40 },
    ...more,
  }) as Act;

const pageOf = (...acts: readonly Act[]): string => {
  const timeline = { agencyId: 'a1', balance: 40, acts, effectiveAt: '', knownAt: '' } as unknown;
  const zone = { id: 'Asia/Shanghai', format: () => '2019-11-01T10:00:00.000+08:00' };
  return timelinePage(timeline as Timeline, undefined, zone).join('\n');
};

it('shows the recording beside the effect, with points, actor and texts', () => {
  const page = pageOf(
    act('DeductionImposed', '2019-03-01T10:00:00.000+08:00', {
      texts: { noticeText: '连带责任', statement: { facts: '事实一' } },
    }),
  );
  expect(page).toMatch(
    /2019-03-01 10:00:00 {2}2019-11-01 10:00:00 {2}deduction d1, 40 points +officer-1/,
  );
  expect(page).toMatch(/^Balance +40 points$/m);
  expect(page).toContain('notice: 连带责任');
  expect(page).toContain('facts: 事实一');
});

it('says in Chinese that texts are withheld', () => {
  speak('zh');
  const page = pageOf(
    act('DeductionRevoked', '2019-05-01T10:00:00.000+08:00', { texts: { withheld: 'erased' } }),
  );
  expect(page).toContain('撤销扣分 d1');
  expect(page).toMatch(/^累计扣分 +40 分$/m);
  expect(page).toContain('（已删除）');
});

it('names each act as the statement of a pack does', () => {
  const path = join(__dirname, '../../../../libs/evidence/page/words.json');
  const terms = JSON.parse(readFileSync(path, 'utf8')) as Record<string, [string, string]>;
  const types = eventTypesIn('agency');
  expect(Object.keys(actTerms).sort()).toEqual([...types].sort());
  const others = types.filter((type) => {
    const [zh, en] = terms[type] ?? [actTerms[type].zh, actTerms[type].en];
    return zh !== actTerms[type].zh || en !== actTerms[type].en;
  });
  expect(others).toEqual([]);
});
