import type { Rulebook } from '../rulebook.js';

const own = 'made for contrast, after marketplace rules with A, B and C points';

const nodes = (...points: number[]): Rulebook['accounts'][number]['nodes'] =>
  points.map((at, index) => ({
    points: at,
    measure:
      index === points.length - 1
        ? { en: 'Expulsion', zh: '清退' }
        : { en: `Node ${String(at)}`, zh: `${String(at)}分节点` },
  }));

/**
 * An invented rulebook that differs from `ali-mcn` in everything a rulebook can express, run by the
 * same code. It has three accounts whose points are never added, and nodes at 12, 24, 36 and 48. A
 * grave account carries 24 points into the next year.
 */
export const abcPoints: Rulebook = {
  id: 'abc-points',
  rulebookVersion: '2019-01-01',
  title: { en: 'A/B/C points with nodes and carry-over', zh: 'A/B/C类扣分（节点与结转）' },
  announcedAt: '2018-12-01T00:00:00+08:00',
  effectiveFrom: '2019-01-01T00:00:00+08:00',
  sources: [{ title: 'Contrasting rulebook', locator: own }],
  accounts: [
    {
      id: 'A',
      title: { en: 'A: general', zh: 'A类一般违规' },
      threshold: 48,
      nodes: nodes(12, 24, 36, 48),
      carryOver: null,
    },
    {
      id: 'B',
      title: { en: 'B: serious', zh: 'B类严重违规' },
      threshold: 48,
      nodes: nodes(12, 24, 36, 48),
      carryOver: null,
    },
    {
      id: 'C',
      title: { en: 'C: counterfeits', zh: 'C类售假违规' },
      threshold: 48,
      nodes: nodes(24, 48),
      carryOver: { atLeast: 24, as: 24 },
    },
  ],
  clauses: [
    {
      id: 'late-shipment',
      account: 'A',
      points: 3,
      title: { en: 'Late shipment', zh: '延迟发货' },
      text: { en: 'Three A points.', zh: '扣A类3分。' },
    },
    {
      id: 'false-promotion',
      account: 'B',
      points: 12,
      title: { en: 'False promotion', zh: '虚假宣传' },
      text: { en: 'Twelve B points.', zh: '扣B类12分。' },
    },
    {
      id: 'counterfeit-goods',
      account: 'C',
      points: null,
      title: { en: 'Counterfeit goods', zh: '出售假冒商品' },
      text: { en: 'Up to 48 C points by gravity.', zh: '按情节扣C类至多48分。' },
    },
  ],
  parameters: {
    attribution: { value: 'occurredAt', source: own, assumed: false },
    minPoints: { value: 1, source: own, assumed: false },
    maxPoints: { value: 48, source: own, assumed: false },
    lastChanceDays: { value: 3, source: own, assumed: false },
    appealInitiateDays: { value: 3, source: own, assumed: false },
    appealEvidenceHours: { value: 48, source: own, assumed: false },
    appealDecideWorkingDays: { value: 3, source: own, assumed: false },
    banDays: { value: 90, source: own, assumed: false },
    banCount: { value: 'elapsed_hours', source: own, assumed: false },
    activityRate: { value: 50, source: own, assumed: false },
    activityMinEffectiveSessions: { value: 5, source: own, assumed: false },
    effectiveSessionMinutes: { value: 30, source: own, assumed: false },
    headcountMin: { value: 3, source: own, assumed: false },
    newcomerDays: { value: 30, source: own, assumed: false },
  },
};
