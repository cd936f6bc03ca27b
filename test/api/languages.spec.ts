import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const sources = (folder: string): readonly (readonly [file: string, text: string])[] =>
  readdirSync(join(__dirname, '../..', folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.spec)\.ts$/.test(file))
    .map((file) => [file, readFileSync(join(__dirname, '../..', folder, file), 'utf8')]);

beforeAll(() =>
  held.current.given(
    ['AdmitAgency', { agencyId: 'a1', name: '甲', effectiveAt: '2026-01-01T00:00:00Z' }],
    ['RecordDeduction', deduction('d1')],
    ['InitiateAppeal', { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' }],
  ),
);

it('a command is refused in the language of its sender, with its ids', async () => {
  const appeal = { appealId: 'p2', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' };
  expect(await held.current.command('InitiateAppeal', appeal, { headers: zh })).toMatchObject({
    status: 409,
    body: {
      code: 'already_appealed',
      title: '已申诉过',
      detail: '申诉 "p1" 已针对扣分 "d1"',
      hint: expect.stringMatching(/^每笔扣分只能申诉一次/) as string,
    },
  });
  const { body } = await held.current.command('InitiateAppeal', appeal);
  expect(body).toMatchObject({ detail: 'appeal "p1" already named deduction "d1"' });
  expect(body).not.toHaveProperty('message');
});

it.each([
  ['POST', '/commands/RecordDeduction', 'ingest', deduction('d2'), 403, '须具备角色 officer'],
  ['POST', '/commands/AdmitAgency', 'staff', '[]', 400, '请求体：须为 JSON 对象'],
  ['POST', '/commands/AdmitAgency', 'staff', '{', 400, '请求体：不是 JSON'],
  ['POST', '/commands/AdmitAgency', 'staff', '', 400, '请求体：为空'],
  ['POST', '/commands/AdmitAgency', 'staff', '{"__proto__":{}}', 400, '请求体：请删除成员'],
  [
    'POST',
    '/commands/AdmitAgency',
    'staff',
    { agencyId: 'a9' },
    400,
    'name: 须为 1 至 400 个字符的文本',
  ],
  ['GET', '/agencies?limit=0', 'staff', undefined, 400, 'limit：须为 1 至 1000 的整数'],
  ['GET', '/agencies/a1/balance?knownAt=now', 'staff', undefined, 400, 'knownAt：须为带时区偏移'],
  ['GET', '/agencies?sort=bogus', 'staff', undefined, 400, 'sort：须为以下之一：agencyId'],
  ['GET', '/agencies?cursor=zzz', 'staff', undefined, 400, 'cursor：须为上一页给出的'],
  ['GET', '/sessions', 'staff', undefined, 400, 'date、from、to：须给出 date，或相距'],
  ['GET', '/findings?code=A', 'staff', undefined, 400, 'code：须为以下之一：overlapping_sessions'],
  ['GET', '/proofs/consistency?from=2&to=1', 'staff', undefined, 400, 'from、to：须为两个树大小'],
  ['POST', '/evidence-packs', 'staff', {}, 400, '一个证据包对应一项申诉或一家机构'],
  ['POST', '/evidence-packs', 'staff', { agencyId: 'a1' }, 400, 'period：按机构申请时须给出年份'],
  [
    'POST',
    '/evidence-packs',
    'staff',
    { agencyId: 'none', period: '2026' },
    404,
    '机构 "none" 不存在',
  ],
  ['GET', '/checkpoints/latest?atLeast=3', 'staff', undefined, 503, '尚无检查点包含位置 3'],
  ['GET', '/agencies/%zz/balance', 'staff', undefined, 400, '请求地址编码有误'],
  ['PUT', '/agencies', 'staff', undefined, 405, '请使用 GET'],
  ['POST', '/keys/none/revoke', 'administrator', undefined, 404, '没有密钥 "none"：请列出密钥'],
  [
    'POST',
    '/webhooks',
    'administrator',
    { url: 'http://receiver.example/hooks' },
    400,
    'url：须为 https；http 仅可用于 localhost',
  ],
])('%s %s as %s is refused in Chinese', async (method, path, role, body, status, detail) => {
  const { current } = held;
  const answer = await current.ask(method, path, {
    as: current.tokens[role]!,
    headers: zh,
    ...(body !== undefined && { body }),
  });
  expect(answer).toMatchObject({
    status,
    body: { detail: expect.stringContaining(detail) as string },
  });
});

it('an address that cannot be decoded is what the refusal is about, not the body', async () => {
  for (const path of ['/agencies/%zz/balance', '/agencies/%ff/balance'])
    expect(await held.current.get(path)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid',
        detail: expect.stringMatching(/^the address is not well encoded/) as string,
      },
    });
});

it('an unknown path names the nearest, to a sender who signed in before', async () => {
  const { current } = held;
  await current.get('/agencies');
  expect(await current.get('/agencies/a1/balanc')).toMatchObject({
    status: 404,
    body: {
      code: 'not_found',
      detail: 'there is no such path; did you mean "/agencies/a1/balance"?',
    },
  });
  const detail = '没有此路径；是否指 "/commands/RecordDeduction"？';
  const { staff } = current.tokens;
  expect(
    await current.ask('POST', '/commands/RecordDeducton', { as: staff!, headers: zh, body: {} }),
  ).toMatchObject({ status: 404, body: { detail } });
  expect(
    await current.ask('POST', '/trial/RecordDeducton', { as: staff!, headers: zh, body: {} }),
  ).toMatchObject({ body: { detail: detail.replace('commands', 'trial') } });
  expect(await current.get('/nowhere')).not.toHaveProperty('body.detail');
  for (const as of ['', 'plk_unknown'])
    expect(await current.ask('GET', '/agenceis', { as })).not.toHaveProperty('body.detail');
});

it('an Idempotency-Key that is not an id is refused in Chinese too', async () => {
  const headers = { ...zh, 'idempotency-key': 'a b' };
  const { body } = await held.current.command(
    'AdmitAgency',
    { agencyId: 'a2', name: '乙' },
    { headers },
  );
  expect(body).toMatchObject({
    detail: expect.stringMatching(/^Idempotency-Key：须为编号/) as string,
  });
  expect(body).not.toHaveProperty('message');
});

it('an answer that depends on the language says so in Vary, beside other headers', async () => {
  const varyOf = async (path: string): Promise<string | null> =>
    (await held.current.get(path)).headers.get('vary');
  expect(await varyOf('/deadlines.ics')).toBe('Accept-Language, Authorization');
  expect(await varyOf('/agencies/none/balance')).toBe('Accept-Language');
  expect(await varyOf('/agencies/%zz/balance')).toBe('Accept-Language');
  expect(await varyOf('/nowhere')).toBe('Accept-Language');
  expect(await varyOf('/agencies/a1/balance')).toBe('Authorization');
  const asked = await held.current.ask('POST', '/evidence-packs', {
    body: { agencyId: 'a1', period: '2026' },
  });
  expect(asked.headers.get('vary')).toBe('Accept-Language');
  expect(await varyOf(asked.headers.get('location')!)).toBe('Accept-Language');
  expect(await varyOf(`${asked.headers.get('location')!}/events`)).toBe('Accept-Language');
});

it('only the refusal of an instant in an address says that "+" is written %2B', async () => {
  const { current } = held;
  const hint = /in an address "\+" is written %2B/;
  const inBody = await current.ask('POST', '/agencies/a1/whatif', {
    body: { effectiveAt: '2026-01-05 00:00' },
  });
  expect(inBody.body).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^effectiveAt: must be/) as string,
  });
  expect(inBody.body['detail']).not.toMatch(hint);
  const inAddress = await current.get('/agencies/a1/balance?effectiveAt=2026-01-05T00:00:00+08:00');
  expect(inAddress.body['detail']).toMatch(hint);
});

it('no sentence of the service is given as one of the ledger, which has one language', () => {
  const own = sources('apps/api/src').filter(([, text]) => /\bledger: ?(?:['"]|`[^$])/.test(text));
  expect(own.map(([file]) => file)).toEqual([]);
});
