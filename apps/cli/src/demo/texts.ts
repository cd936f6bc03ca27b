import type { Random } from './random.js';

const cities = [
  '杭州',
  '广州',
  '上海',
  '义乌',
  '成都',
  '深圳',
  '武汉',
  '长沙',
  '苏州',
  '临沂',
  '宁波',
  '厦门',
];
const firsts = ['云', '星', '青', '禾', '木', '南', '拾', '鹿', '澄', '知', '予', '朗'];
const seconds = ['屿', '野', '川', '舟', '汐', '榆', '岚', '序', '漫', '珂', '棠', '麓'];
const trades = ['文化传媒', '网络科技', '文化创意', '直播电商', '影视传媒'];

/** Invented company names, all different. */
export function agencyNames(random: Random, count: number): readonly string[] {
  const names = new Set<string>();
  while (names.size < count) {
    const brand = random.pick(firsts) + random.pick(seconds);
    if ([...names].some((name) => name.includes(brand))) continue;
    names.add(`${random.pick(cities)}${brand}${random.pick(trades)}有限公司`);
  }
  return [...names];
}

const creators = [
  '小满',
  '阿棠',
  '林间',
  '豆包妈',
  '周周',
  '十一',
  '老梁',
  '橙子',
  '可可',
  '大力',
  '安安',
  '木子',
  '七月',
  '丸子',
  '北北',
];

/** The invented name of the creator with this number. */
export function creatorName(number: number): string {
  return creators[number % creators.length] ?? '';
}

/** Violations of creators, and the points each usually costs. */
const violations = [
  { act: '使用“全网最低价”等绝对化用语', points: 2 },
  { act: '引导消费者站外交易', points: 5 },
  { act: '口播优惠与实际成交价不一致', points: 2 },
  { act: '商品描述与实物不符，消费者投诉属实', points: 3 },
  { act: '未获授权播放背景音乐', points: 1 },
  { act: '预告后未按时开播，空播四十分钟', points: 1 },
  { act: '冒用他人肖像制作直播封面', points: 4 },
  { act: '推广内容未显著标明“广告”', points: 2 },
  { act: '诱导消费者好评返现', points: 3 },
  { act: '展示未经备案的功效宣称', points: 3 },
] as const;

const omissions = [
  { act: '未按期更新达人绑定关系', points: 1 },
  { act: '新达人培训记录缺失', points: 1 },
  { act: '对商家投诉四十八小时未答复', points: 2 },
] as const;

export interface Violation {
  readonly clause: 'creator-violation' | 'improper-operation';
  readonly points: number;
  readonly text: string;
}

/** A small violation with the text of its notice. */
export function violationOn(random: Random, day: string): Violation {
  const date = `${String(Number(day.slice(5, 7)))}月${String(Number(day.slice(8, 10)))}日`;
  if (random.chance(0.15)) {
    const { act, points } = random.pick(omissions);
    return {
      clause: 'improper-operation',
      points,
      text: `经${date}核查，贵机构${act}，属运营不当，扣${String(points)}分。`,
    };
  }
  const { act, points } = random.pick(violations);
  const text =
    `旗下达人「${random.pick(creators)}」${date}直播中${act}，贵机构承担连带责任，` +
    `扣${String(points)}分。`;
  return { clause: 'creator-violation', points, text };
}

export const grounds = [
  '涉事口播为商家提供的统一话术，达人已当场更正，有回放为证。',
  '同一场次已由达人单独处罚，机构不应重复承担。',
  '回放显示该时段由其他机构达人连麦，责任主体有误。',
  '商品页面价格在开播后由商家调整，与达人口播无关。',
  '机构已于当日完成整改并提交说明，请求从轻。',
] as const;

export const evidenceTitles = [
  '直播回放片段',
  '后台价格变更记录',
  '达人绑定关系截图',
  '与商家沟通记录',
  '整改说明',
] as const;

export const decisionReasons = {
  upheld: '经复核，申诉理由成立，撤销该次扣分。',
  partly_upheld: '情节较轻且已整改，酌情减少扣分。',
  rejected: '证据不足以推翻原认定，维持原扣分。',
  inadmissible: '未在规定时间内举证，不予受理。',
} as const;

/**
 * The notice of a failed month. The required rate rose on 7 March 2019. March is assessed by the
 * rulebook of its start (rules §6), and its clause is that of its end, so the notice says which.
 */
export function assessmentNotice(month: string, share: number): string {
  const rate = month < '2019-04' ? 60 : 70;
  const which = month === '2019-03' ? '（按该月初施行的规则）' : '';
  const when = `${month.slice(0, 4)}年${String(Number(month.slice(5)))}月`;
  return (
    `${when}活跃达人占比为${String(share)}%，低于${String(rate)}%${which}，运营指标不符，扣40分。` +
    '如有异议，请于五日内发起申诉并举证。'
  );
}
