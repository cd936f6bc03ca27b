import type { Rulebook } from '../rulebook.js';

const described = 'agency rules of 2019-03-07 as an agency operator described them';
const assumedHere = 'no source answers; declared by the ledger';

function aliMcn(
  rulebookVersion: string,
  announcedAt: string,
  effectiveFrom: string,
  activityRate: number,
): Rulebook {
  return {
    id: 'ali-mcn',
    rulebookVersion,
    title: { en: 'Live-commerce agency rules', zh: '直播机构管理规则' },
    announcedAt,
    effectiveFrom,
    sources: [
      { title: 'Agency rules, announced 2019-02-28, in force 2019-03-07', locator: described },
    ],
    accounts: [
      {
        id: 'points',
        title: { en: 'Penalty points', zh: '累计扣分' },
        threshold: 120,
        nodes: [{ points: 120, measure: { en: 'Expulsion', zh: '清退' } }],
        carryOver: null,
      },
    ],
    clauses: [
      {
        id: 'operating-metric-missed',
        account: 'points',
        points: 40,
        title: { en: 'Monthly operating metric missed', zh: '运营指标不符' },
        text: {
          en:
            `In a month fewer than ${String(activityRate)}% of the agency's creators ` +
            'were active, or it had fewer than five: 40 points.',
          zh: `机构当月活跃达人占比低于${String(activityRate)}%，或绑定达人不足五人，扣40分。`,
        },
      },
      {
        id: 'newcomer-target-missed',
        account: 'points',
        points: 120,
        title: { en: 'Newcomer target missed', zh: '新手期指标不符' },
        text: {
          en: 'The newcomer target was missed: 120 points.',
          zh: '新手期考核未达标，扣120分。',
        },
      },
      {
        id: 'improper-operation',
        account: 'points',
        points: null,
        title: { en: 'Improper operation', zh: '运营不当' },
        text: {
          en: 'Improper operation by the agency: points by gravity.',
          zh: '机构运营不当，按情节扣分。',
        },
      },
      {
        id: 'creator-violation',
        account: 'points',
        points: null,
        title: { en: "A creator's violation", zh: '达人违规连带' },
        text: {
          en: 'The agency answers jointly for a violation of its creator: points by gravity.',
          zh: '机构对旗下达人违规承担连带责任，按情节扣分。',
        },
      },
    ],
    parameters: {
      attribution: { value: 'effectiveAt', source: assumedHere, assumed: true },
      minPoints: { value: 1, source: assumedHere, assumed: true },
      maxPoints: { value: 120, source: assumedHere, assumed: true },
      lastChanceDays: { value: 7, source: assumedHere, assumed: true },
      appealInitiateDays: { value: 5, source: assumedHere, assumed: true },
      appealEvidenceHours: { value: 72, source: described, assumed: false },
      appealDecideWorkingDays: { value: 2, source: assumedHere, assumed: true },
      banDays: { value: 180, source: described, assumed: false },
      banCount: { value: 'natural_days', source: assumedHere, assumed: true },
      activityRate: { value: activityRate, source: described, assumed: false },
      activityMinEffectiveSessions: { value: 10, source: assumedHere, assumed: true },
      effectiveSessionMinutes: { value: 30, source: described, assumed: false },
      headcountMin: { value: 5, source: described, assumed: false },
      newcomerDays: { value: 90, source: assumedHere, assumed: true },
    },
  };
}

/** Rate 60. Announcement unknown: taken as seven days before. */
export const aliMcn20180703 = aliMcn(
  '2018-07-03',
  '2018-06-26T00:00:00+08:00',
  '2018-07-03T00:00:00+08:00',
  60,
);

/** Rate 70; announced on 28 February 2019 with exactly seven days' notice (E-31). */
export const aliMcn20190307 = aliMcn(
  '2019-03-07',
  '2019-02-28T00:00:00+08:00',
  '2019-03-07T00:00:00+08:00',
  70,
);
