import { chineseDetail } from './chinese-detail.js';

it.each([
  [
    'evidence for appeal "p1" was due before 2026-02-10T10:00:00.000+08:00',
    '举证期限已过（申诉 "p1"、2026-02-10T10:00:00.000+08:00）',
  ],
  ['agency "a1" has no deduction "d9"', '举证期限已过（机构 "a1"、扣分 "d9"）'],
  ['data.from: "c1" is merged into "c2"; undo that first', '举证期限已过（data.from、"c1"、"c2"）'],
  ['no appeal "p9" was initiated', '举证期限已过（申诉 "p9"）'],
  [
    '2026-02 is not over before 2026-03-01T00:00:00.000+08:00',
    '举证期限已过（2026-02、2026-03-01T00:00:00.000+08:00）',
  ],
  ['deduction "d1" stands; revoke deduction "d1" first', '举证期限已过（扣分 "d1"）'],
  ['from, to: give two sizes of the tree, the smaller first', '举证期限已过（from, to）'],
  ['the platform is busy', '举证期限已过'],
  ['session "s1" overlaps post "g1"', '举证期限已过（直播场次 "s1"、成长分享 "g1"）'],
  ['constructor "c1" is no key "k1"', '举证期限已过（"c1"、密钥 "k1"）'],
])('of %j names what it names', (english, chinese) => {
  expect(chineseDetail('举证期限已过', english)).toBe(chinese);
});
