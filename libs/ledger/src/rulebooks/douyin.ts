import type { Rulebook } from '../rulebook.js';

const ledgers = 'no source answers; declared by the ledger';
const elsewhere = 'no part of these rules; the value of ali-mcn';

const assumed = <Value>(value: Value, source = ledgers) => ({ value, source, assumed: true });
const stated = <Value>(value: Value, source: string) => ({ value, source, assumed: false });

/** The clocks and the assessment, which these sources do not describe. */
const undescribed = {
  attribution: assumed('effectiveAt' as const),
  lastChanceDays: assumed(7),
  appealInitiateDays: assumed(5),
  appealEvidenceHours: assumed(72),
  appealDecideWorkingDays: assumed(2),
  banDays: assumed(180),
  banCount: assumed('natural_days' as const),
  activityRate: assumed(70, elsewhere),
  activityMinEffectiveSessions: assumed(10, elsewhere),
  effectiveSessionMinutes: assumed(30, elsewhere),
  headcountMin: assumed(5, elsewhere),
  newcomerDays: assumed(90, elsewhere),
};

const report = 'www.chinaz.com/2022/0424/1388376.shtml, of 2022-04-24';
const atOrBelow = (value: number) => ({ value, bound: 'at_or_below' as const });

/**
 * Douyin's health points of live guilds (公会健康分) as reported in April 2022: 100 points that
 * fall. Not current. The report gives no day of effect: its own day stands for it, and seven days
 * before for the announcement.
 */
export const douyinGuildHealth2022: Rulebook = {
  id: 'douyin-guild-health',
  rulebookVersion: '2022-04-24',
  title: {
    en: 'Douyin live guilds: health points (2022, not current)',
    zh: '抖音直播公会健康分（2022年，非现行）',
  },
  announcedAt: '2022-04-17T00:00:00+08:00',
  effectiveFrom: '2022-04-24T00:00:00+08:00',
  sources: [{ title: '2022年抖音直播机构管理条例, as reported', locator: report }],
  accounts: [
    {
      id: 'health',
      title: { en: 'Health points', zh: '健康分' },
      threshold: 50,
      scale: {
        start: assumed(100, `a guild starts at the cap; the cap is of ${report}`),
        cap: stated(100, report),
        reset: assumed('yearly'),
      },
      nodes: [
        {
          points: 20,
          score: atOrBelow(80),
          measure: { en: 'Warning, talk and correction', zh: '公会警告，约谈整改' },
        },
        {
          points: 30,
          score: atOrBelow(70),
          measure: {
            en: 'Settlement suspended for a month, made public',
            zh: '暂停结算权限一个月，公示通报',
          },
          termDays: assumed(30, `one month, of ${report}, taken as 30 days`),
        },
        {
          points: 40,
          score: atOrBelow(60),
          measure: {
            en: "All of the month's guild income deducted, made public",
            zh: '扣除当月公会收益的100%，公示通报',
          },
        },
        {
          points: 50,
          score: atOrBelow(50),
          measure: { en: 'Expulsion, made public', zh: '清退，公示通报' },
        },
      ],
      carryOver: null,
    },
  ],
  clauses: [
    {
      id: 'grave-violation',
      account: 'health',
      points: 10,
      title: { en: 'Grave violation', zh: '严重违规' },
      text: {
        en:
          'The guild is responsible for harm to minors, vulgarity, fraud, induced overspending, ' +
          'black-market dealing, faked data, gambling or bribery: 10 points each time.',
        zh:
          '侵害未成年人、低俗、诈骗、诱导过度消费、黑产、数据造假、赌博、行贿，' +
          '公会有主体责任的，每次扣10分。',
      },
    },
    {
      id: 'grave-circumstances',
      account: 'health',
      points: null,
      title: { en: 'Grave circumstances', zh: '情节严重' },
      text: {
        en:
          'Several grave violations, streamers violating in groups, many confirmed complaints, ' +
          'public outcry, or great loss: 10 to 50 points.',
        zh: '多种严重违规、主播批量违规、多次投诉属实、负面舆论或较高损失等，扣10至50分。',
      },
    },
  ],
  parameters: { ...undescribed, minPoints: stated(10, report), maxPoints: stated(50, report) },
};

const news = 'm.gtc8.cn/news/i286037.html, of 2022-11-10';
const digest = 'www.douyinkuaishou.cc/?id=39484, undated';
const below = (value: number) => ({ value, bound: 'below' as const });
const noNewCreators = { en: 'No new creators may be bound', zh: '禁止新增绑定达人' };

/**
 * Douyin's credit points of MCN agencies (机构信用分) as reported in November 2022. Not current.
 * The reports name no score at which an agency is expelled, and no tariffs. They give no day of
 * effect either: the day of the report stands for it, and seven days before for the announcement.
 */
export const douyinMcnCredit2022: Rulebook = {
  id: 'douyin-mcn-credit',
  rulebookVersion: '2022-11-10',
  title: {
    en: 'Douyin MCN agencies: credit points (2022, not current)',
    zh: '抖音MCN机构信用分（2022年，非现行）',
  },
  announcedAt: '2022-11-03T00:00:00+08:00',
  effectiveFrom: '2022-11-10T00:00:00+08:00',
  sources: [
    { title: '抖音MCN机构信用分: scores and their measures', locator: news },
    { title: '抖音MCN机构信用分: start and cap', locator: digest },
  ],
  accounts: [
    {
      id: 'credit',
      title: { en: 'Credit points', zh: '信用分' },
      threshold: 81,
      expels: assumed(false, `${news} names no score at which an agency is expelled`),
      scale: {
        start: stated(120, digest),
        cap: stated(150, digest),
        reset: assumed('yearly'),
      },
      nodes: [
        {
          points: 41,
          score: below(80),
          measure: noNewCreators,
          termDays: stated(30, news),
        },
        {
          points: 81,
          score: below(40),
          measure: noNewCreators,
          termDays: stated(60, news),
        },
      ],
      carryOver: null,
    },
  ],
  clauses: [
    {
      id: 'agency-violation',
      account: 'credit',
      points: null,
      title: { en: 'Violation by the agency', zh: '机构违规' },
      text: {
        en: 'A violation by the agency costs points by gravity.',
        zh: '机构违规，按情节严重程度扣除信用分。',
      },
    },
  ],
  parameters: { ...undescribed, minPoints: assumed(1), maxPoints: assumed(120) },
};
