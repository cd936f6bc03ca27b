import { testService } from './service.js';

const held = testService();
const zh = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' };
const deduction = (deductionId: string, agencyId = 'a1') => ({
  deductionId,
  agencyId,
  points: 10,
  clause: 'improper-operation',
  occurredAt: '2026-01-05T00:00:00Z',
});

beforeAll(() =>
  held.current.given(
    ['AdmitAgency', { agencyId: 'a1', name: '甲', effectiveAt: '2026-01-01T00:00:00Z' }],
    ['RecordDeduction', deduction('d1')],
    ['InitiateAppeal', { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' }],
  ),
);

it('a command that the ledger refuses is refused in Chinese, with the ids it is about, and the English sentence beside', async () => {
  const appeal = { appealId: 'p2', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' };
  expect(await held.current.command('InitiateAppeal', appeal, { headers: zh })).toMatchObject({
    status: 409,
    body: {
      code: 'already_appealed',
      title: '已申诉过',
      detail: '已申诉过（申诉 "p1"、扣分 "d1"）',
      message: 'appeal "p1" already named deduction "d1"',
      hint: expect.stringMatching(/^每笔扣分只能申诉一次/) as string,
    },
  });
  const { body } = await held.current.command('InitiateAppeal', appeal);
  expect(body).toMatchObject({ detail: 'appeal "p1" already named deduction "d1"' });
  expect(body).not.toHaveProperty('message');
});

it.each([
  ['POST', '/commands/RecordDeduction', 'ingest', deduction('d2'), 403, '须具备以下角色之一：officer'],
  ['POST', '/commands/AdmitAgency', 'staff', '[]', 400, '请求体：须为 JSON 对象'],
  ['POST', '/commands/AdmitAgency', 'staff', '{', 400, '请求体不是 JSON，或请求不符合 HTTP 规范'],
  ['POST', '/commands/AdmitAgency', 'staff', { agencyId: 'a9' }, 400, 'name: 须为 1 至 400 个字符的文本'],
  ['GET', '/agencies?limit=0', 'staff', undefined, 400, 'limit：须为 1 至 1000 的整数'],
  ['GET', '/agencies/a1/balance?knownAt=now', 'staff', undefined, 400, '请求格式有误（knownAt、'],
  ['GET', '/agencies?sort=bogus', 'staff', undefined, 400, 'sort：须为以下之一：agencyId'],
  ['GET', '/agencies?cursor=zzz', 'staff', undefined, 400, 'cursor：须为上一页给出的'],
  ['GET', '/sessions', 'staff', undefined, 400, 'agencyId、creatorId：至少须给出一个'],
  ['GET', '/findings?code=A', 'staff', undefined, 400, 'code：须为问题代码'],
  ['GET', '/proofs/consistency?from=2&to=1', 'staff', undefined, 400, 'from、to：须为两个树大小'],
  ['PUT', '/agencies', 'staff', undefined, 405, '请使用 GET'],
  ['POST', '/keys/none/revoke', 'administrator', undefined, 404, 'API 密钥不存在（密钥 "none"）'],
])('%s %s as %s is refused in Chinese', async (method, path, role, body, status, detail) => {
  const { current } = held;
  const answer = await current.ask(method, path, {
    as: current.tokens[role]!,
    headers: zh,
    ...(body !== undefined && { body }),
  });
  expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(detail) as string } });
});
