import { checkOf } from '@penalty-ledger/ledger';
import { TrialSchema } from '@penalty-ledger/application';
import { testService, type Asked } from './service.js';

const held = testService();
const checkTrial = checkOf(TrialSchema, 'trial');

const deduction = {
  deductionId: 'd1',
  agencyId: 'a1',
  points: 20,
  clause: 'improper-operation',
  occurredAt: '2026-02-04T09:00:00+08:00',
};

const attempt = (command: string, body: object, asked: Asked = {}) =>
  held.current.ask('POST', `/trial/${command}`, { ...asked, body });

beforeAll(async () => {
  const effectiveAt = '2026-01-01T00:00:00+08:00';
  for (const agencyId of ['a1', 'a2'])
    await held.current.given(['AdmitAgency', { agencyId, name: agencyId, effectiveAt }]);
});

it('shows what a command would cause, and records nothing', async () => {
  const before = await held.current.get('/agencies/a1/balance');
  const { status, body } = await attempt('RecordDeduction', deduction);
  expect({ status, problems: checkTrial(body) }).toEqual({ status: 200, problems: [] });
  expect(body).toMatchObject({
    outcomes: [{ status: 'accepted', events: ['DeductionImposed'] }],
    agencies: [{ agencyId: 'a1', before: { balance: 0 }, after: { balance: 20 } }],
  });
  const after = await held.current.get('/agencies/a1/balance');
  expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  expect(await held.current.command('RecordDeduction', deduction)).toMatchObject({ status: 201 });
});

it('refuses in the words of the command itself', async () => {
  const { current } = held;
  for (const [command, data] of [
    ['RecordRevocation', { deductionId: 'nobody', reason: 'x' }],
    ['RecordDeduction', { ...deduction, points: 'x' }],
    ['RecordDeduction', { ...deduction, points: 21 }],
  ] as const) {
    const [tried, sent] = [await attempt(command, data), await current.command(command, data)];
    const refusalIn = ({ code, detail, errors }: Readonly<Record<string, unknown>>) => ({
      code,
      detail,
      errors,
    });
    expect({ status: tried.status, ...refusalIn(tried.body) }).toEqual({
      status: sent.status,
      ...refusalIn(sent.body),
    });
  }
});

it('is for those who may send the command and may read', async () => {
  const { current } = held;
  const { tokens } = current;
  expect(await attempt('RecordDeduction', deduction, { as: tokens['ingest']! })).toMatchObject({
    status: 403,
  });
  expect(await attempt('RecordDeduction', deduction, { as: tokens['auditor']! })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
  expect(await attempt('toString', {})).toMatchObject({ status: 404 });
  const as = await current.issue(['agency'], 'a2');
  const appeal = { appealId: 'ap1', deductionIds: ['d1'], grounds: 'x' };
  expect(await attempt('InitiateAppeal', { ...appeal, agencyId: 'a1' }, { as })).toMatchObject({
    status: 403,
  });
  const others = await attempt('InitiateAppeal', { ...appeal, agencyId: 'a2' }, { as });
  const nobodys = await attempt(
    'InitiateAppeal',
    { ...appeal, agencyId: 'a2', deductionIds: ['d0'] },
    { as },
  );
  expect(others.body['code']).toBe('unknown_deduction');
  expect(String(others.body['detail']).replaceAll('d1', 'd0')).toBe(nobodys.body['detail']);
});
