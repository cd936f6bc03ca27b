import { testService } from './service.js';

const held = testService();
const id = 'nobody';

const deduction = {
  deductionId: 'd1',
  points: 20,
  clause: 'improper-operation',
  occurredAt: '2026-02-04T09:00:00+08:00',
};

/** A request that names an id that was never recorded. */
interface Case {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly role?: string;
  readonly code: string;
}

const cases: readonly Case[] = [
  ...[
    '',
    '/balance',
    '/explain',
    '/timeline',
    '/appeals',
    '/complaints',
    '/assessments/2026-01',
  ].map((part) => ({ method: 'GET', path: `/agencies/${id}${part}`, code: 'unknown_agency' })),
  { method: 'POST', path: `/agencies/${id}/whatif`, body: {}, code: 'unknown_agency' },
  {
    method: 'POST',
    path: '/agencies/a1/whatif',
    body: { rulebook: { id, rulebookVersion: '1' } },
    code: 'unknown_rulebook',
  },
  { method: 'GET', path: `/appeals/${id}`, code: 'unknown_appeal' },
  { method: 'GET', path: `/complaints/${id}`, code: 'unknown_complaint' },
  { method: 'GET', path: `/sessions/${id}`, code: 'unknown_session' },
  { method: 'GET', path: `/evidence-packs/${id}`, code: 'unknown_pack' },
  { method: 'GET', path: `/evidence-packs/${id}/pack.zip`, code: 'unknown_pack' },
  { method: 'GET', path: `/evidence-packs/${id}/events`, code: 'unknown_pack' },
  { method: 'DELETE', path: `/evidence-packs/${id}`, code: 'unknown_pack' },
  {
    method: 'POST',
    path: '/evidence-packs',
    body: { agencyId: id, period: '2026' },
    code: 'unknown_agency',
  },
  { method: 'POST', path: '/evidence-packs', body: { appealId: id }, code: 'unknown_appeal' },
  { method: 'GET', path: `/receipts/agency-${id}/0`, code: 'not_found' },
  { method: 'GET', path: `/proofs/inclusion/agency-${id}/0`, code: 'not_found' },
  { method: 'POST', path: `/keys/${id}/rotate`, role: 'administrator', code: 'unknown_key' },
  { method: 'POST', path: `/keys/${id}/revoke`, role: 'administrator', code: 'unknown_key' },
  ...['refuse', 'token'].map((act) => ({
    method: 'POST',
    path: `/pending-acts/${id}/${act}`,
    role: 'administrator',
    code: 'unknown_act',
  })),
  { method: 'GET', path: `/webhooks/${id}`, role: 'administrator', code: 'unknown_webhook' },
  ...['pause', 'resume', 'rotate'].map((act) => ({
    method: 'POST',
    path: `/webhooks/${id}/${act}`,
    role: 'administrator',
    code: 'unknown_webhook',
  })),
  { method: 'DELETE', path: `/webhooks/${id}`, role: 'administrator', code: 'unknown_webhook' },
  {
    method: 'POST',
    path: '/erasures',
    body: { subject: `agency:${id}` },
    role: 'administrator',
    code: 'unknown_subject',
  },
  ...(
    [
      ['RecordDeduction', 'agency', { ...deduction, agencyId: id }],
      ['RecordRevocation', 'deduction', { deductionId: id, reason: 'x' }],
      ['WithdrawAppeal', 'appeal', { appealId: id }],
      ['CloseComplaint', 'complaint', { complaintId: id, outcome: 'upheld', reason: 'x' }],
      ['VoidSession', 'session', { sessionId: id, reason: 'x' }],
      ['SelectTheme', 'proposal', { proposalId: id }],
    ] as const
  ).map(([command, kind, body]) => ({
    method: 'POST',
    path: `/commands/${command}`,
    body,
    code: `unknown_${kind}`,
  })),
];

beforeAll(async () => {
  await held.current.given([
    'AdmitAgency',
    { agencyId: 'a1', name: 'x', effectiveAt: '2026-01-01T00:00:00+08:00' },
  ]);
});

it.each(cases)('$method $path names the id', async ({ method, path, body, role, code }) => {
  const { current } = held;
  for (const language of ['en', 'zh']) {
    const answer = await current.ask(method, path, {
      headers: { 'accept-language': language },
      ...(role !== undefined && { as: current.tokens[role]! }),
      ...(body !== undefined && { body }),
    });
    expect(answer.body).toMatchObject({
      code,
      detail: expect.stringContaining(id) as string,
    });
    expect(/\p{Script=Han}/u.test(String(answer.body['detail']))).toBe(language === 'zh');
  }
});

it('the nearest id is offered to who reads everything, and to no agency', async () => {
  const { current } = held;
  const asks = async (path: string, as?: string, language = 'en') =>
    (
      await current.get(path, {
        headers: { 'accept-language': language },
        ...(as !== undefined && { as }),
      })
    ).body['detail'];
  await current.given(['AdmitAgency', { agencyId: 'mcn-777', name: 'y' }]);
  expect(await asks('/agencies/mcn-778/balance')).toMatch(/; did you mean "mcn-777"\?$/);
  expect(await asks('/agencies/mcn-778/balance', undefined, 'zh')).toMatch(/；是否指 "mcn-777"？$/);
  expect(await asks('/deductions?agencyId=mcn-778')).toMatch(/did you mean "mcn-777"/);
  const refused = await current.command('RecordExit', { agencyId: 'mcn-778', reason: 'x' });
  expect(refused.body).toMatchObject({
    code: 'unknown_agency',
    detail: expect.stringMatching(/did you mean "mcn-777"\?$/) as string,
  });
  for (const roles of [['agency'], ['agency-reader']]) {
    const as = await current.issue(roles, 'mcn-778');
    expect(await asks('/agencies/mcn-778/balance', as)).not.toMatch(/did you mean/);
  }
});

it('another agency’s record is refused to an agency as one that was never recorded', async () => {
  const { current } = held;
  await current.given(
    ['RecordDeduction', { ...deduction, agencyId: 'a1' }],
    ['InitiateAppeal', { appealId: 'p1', agencyId: 'a1', deductionIds: ['d1'], grounds: 'x' }],
  );
  const as = await current.issue(['agency'], 'a2');
  for (const language of ['en', 'zh']) {
    const headers = { 'accept-language': language };
    const refusals = async (appealId: string): Promise<readonly unknown[]> => {
      const answers = [
        await current.get(`/appeals/${appealId}`, { as, headers }),
        await current.command('WithdrawAppeal', { appealId }, { as, headers }),
        await current.ask('POST', '/evidence-packs', { body: { appealId }, as, headers }),
      ];
      return answers.map(({ body }) => {
        const text = JSON.stringify({ ...body, instance: undefined });
        return text.replaceAll(appealId, 'ID');
      });
    };
    expect(await refusals('p1')).toEqual(await refusals(id));
  }
});
