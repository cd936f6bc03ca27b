import { TestLedger } from '../support/test-ledger.js';

const at = (day: string) => `2026-${day}T10:00:00+08:00`;
const statement = {
  facts: '直播间称商品为国家级',
  reason: '虚假宣传，情节较重',
  basis: '机构管理规则第五条',
  remedy: '五日内可申诉',
};
const lines = [
  [at('02-02'), 'AdmitAgency', { agencyId: 'a1', name: '杭州云帆' }],
  [
    at('03-02'),
    'RecordDeduction',
    {
      ...{ deductionId: 'd1', agencyId: 'a1', points: 40, clause: 'improper-operation' },
      ...{ occurredAt: at('03-01'), statement, automated: true },
    },
  ],
  [
    at('03-03'),
    'RecordMeasure',
    {
      ...{ measureId: 'm1', agencyId: 'a1', kind: 'stream_suspended', deductionId: 'd1' },
      ...{ until: at('04-02'), statement: { facts: statement.facts }, automated: false },
    },
  ],
  [
    at('03-04'),
    'RequestHumanReview',
    { reviewId: 'r1', agencyId: 'a1', deductionId: 'd1', reason: '要求人工判定' },
  ],
  [at('03-05'), 'LiftMeasure', { measureId: 'm1', reason: '已整改' }],
  [
    at('03-06'),
    'AnswerHumanReview',
    { reviewId: 'r1', outcome: 'confirmed', reason: '经复核维持' },
  ],
] as const;

it('reasons, measures and reviews are sealed, explained, and hold in verification', async () => {
  const ledger = await TestLedger.open('observer');
  for (const [when, command, data] of lines)
    expect(await ledger.apply({ at: when, command, data })).toMatchObject({ status: 'accepted' });
  expect(await ledger.query({ query: 'explain', agencyId: 'a1' })).toMatchObject({
    balance: 40,
    explained: [{ deductionId: 'd1', statement, automated: true }],
    imposedMeasures: [
      {
        measureId: 'm1',
        kind: 'stream_suspended',
        deductionId: 'd1',
        inForce: false,
        until: '2026-04-02T10:00:00.000+08:00',
        liftedAt: '2026-03-05T10:00:00.000+08:00',
        automated: false,
        statement: { facts: statement.facts },
      },
    ],
    humanReviews: [
      {
        reviewId: 'r1',
        deductionId: 'd1',
        answerBy: '2026-03-07T00:00:00.000+08:00',
        outcome: 'confirmed',
      },
    ],
  });
  const recorded = JSON.stringify(await ledger.events());
  for (const text of [...Object.values(statement), '已整改', '要求人工判定'])
    expect(recorded).not.toContain(text);
  await ledger.check();
  await ledger.close();
});

it('a measure and a request sent again are duplicates, and conflicts with other data', async () => {
  const ledger = await TestLedger.open('observer');
  for (const [when, command, data] of lines) await ledger.apply({ at: when, command, data });
  const [, , , [, command, data]] = lines;
  const again = (changed: object) =>
    ledger.apply({ at: at('03-09'), command, data: { ...data, ...changed } });
  expect(await again({})).toMatchObject({ status: 'duplicate' });
  expect(await again({ reason: 'x' })).toMatchObject({ status: 'rejected', code: 'conflict' });
  await ledger.close();
});
