import { sentence, type Assumption } from '@penalty-ledger/ledger';
import { speak } from '../terminal/language.js';
import { assumptionText } from './assumption-text.js';

afterEach(() => speak('en'));

it.each<[Assumption, string, string]>([
  [
    'banDays=365',
    'an expelled agency stays out for 365 days (banDays=365)',
    '被清退的机构在 365 天内不得重新入驻（banDays=365）',
  ],
  [
    'sessions=oneAfterAnother',
    'sessions do not overlap: one comes after another (sessions=oneAfterAnother)',
    '直播场次一场接一场，互不重叠（sessions=oneAfterAnother）',
  ],
  [
    'mcn.v2.24.start=100',
    'the scale of mcn.v2.24 starts at 100 (mcn.v2.24.start=100)',
    '计分账户 mcn.v2.24 的分数从 100 分起算（mcn.v2.24.start=100）',
  ],
  [
    'mcn.v2.24.termDays=30',
    'the measure at 24 points of mcn.v2 ends after 30 days (mcn.v2.24.termDays=30)',
    '计分账户 mcn.v2 达到 24 分的处置期限为 30 天（mcn.v2.24.termDays=30）',
  ],
  [
    'health.expels=false',
    'no sum of health leads to an expulsion (health.expels=false)',
    '计分账户 health 的分数不导致清退（health.expels=false）',
  ],
  ['later=1', 'later=1', 'later=1'],
  [
    sentence({ en: 'no calendar for 2031', zh: '没有 2031 年的日历' }),
    'no calendar for 2031',
    '没有 2031 年的日历',
  ],
])('%s is printed with its meaning in both languages', (assumption, english, chinese) => {
  expect(assumptionText(assumption)).toBe(english);
  speak('zh');
  expect(assumptionText(assumption)).toBe(chinese);
});
