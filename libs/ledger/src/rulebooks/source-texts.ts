import { sameInBoth, type InBoth } from '../in-both.js';

/**
 * The Chinese of what the rulebooks and the calendar of this program name as their sources. A
 * document has one text, because its hash covers it, and these were published in English.
 */
const inChinese: ReadonlyMap<string, string> = new Map([
  [
    'agency rules of 2019-03-07 as an agency operator described them',
    '机构运营者所述的 2019-03-07 机构管理规则',
  ],
  [
    'Agency rules, announced 2019-02-28, in force 2019-03-07',
    '机构管理规则，2019-02-28 公布，2019-03-07 施行',
  ],
  ['no source answers; declared by the ledger', '无出处可据，由账本声明'],
  ['no part of these rules; the value of ali-mcn', '不属于这些规则，取 ali-mcn 的值'],
  [
    'made for contrast, after marketplace rules with A, B and C points',
    '为对照而编，仿照分 A、B、C 类扣分的平台规则',
  ],
  ['Contrasting rulebook', '对照用规则'],
  ['2022年抖音直播机构管理条例, as reported', '《2022年抖音直播机构管理条例》，据报道'],
  ['抖音MCN机构信用分: scores and their measures', '抖音MCN机构信用分：分值与对应措施'],
  ['抖音MCN机构信用分: start and cap', '抖音MCN机构信用分：起始分与上限'],
  [
    'www.chinaz.com/2022/0424/1388376.shtml, of 2022-04-24',
    'www.chinaz.com/2022/0424/1388376.shtml，2022-04-24',
  ],
  ['m.gtc8.cn/news/i286037.html, of 2022-11-10', 'm.gtc8.cn/news/i286037.html，2022-11-10'],
  ['www.douyinkuaishou.cc/?id=39484, undated', 'www.douyinkuaishou.cc/?id=39484，无日期'],
  [
    'a guild starts at the cap; the cap is of ' +
      'www.chinaz.com/2022/0424/1388376.shtml, of 2022-04-24',
    '公会自上限起算；上限据 www.chinaz.com/2022/0424/1388376.shtml，2022-04-24',
  ],
  [
    'one month, of www.chinaz.com/2022/0424/1388376.shtml, of 2022-04-24, taken as 30 days',
    '一个月，据 www.chinaz.com/2022/0424/1388376.shtml，2022-04-24，按 30 天计',
  ],
  [
    'm.gtc8.cn/news/i286037.html, of 2022-11-10 names no score at which an agency is expelled',
    'm.gtc8.cn/news/i286037.html，2022-11-10，未写明清退的分值',
  ],
]);

/** A source of a rulebook as people read it; one that a publisher wrote stands as it is. */
export function sourceInBoth(text: string): InBoth {
  const zh = inChinese.get(text);
  return zh === undefined ? sameInBoth(text) : { en: text, zh };
}
