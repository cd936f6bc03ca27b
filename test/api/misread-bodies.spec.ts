import { testService, type Answered } from './service.js';

const held = testService();

const send = (
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> => held.current.ask('POST', path, { body, headers });

/** The body of a deduction whose points are written as given. */
const deduction = (deductionId: string, points: string): string =>
  `{"deductionId":"${deductionId}","agencyId":"a1","points":${points},` +
  '"clause":"improper-operation","occurredAt":"2026-01-05T00:00:00Z"}';

it('a body with a member twice is refused, with the place, and nothing is stored', async () => {
  const answer = await send('/commands/AdmitAgency', '{"agencyId":"x","name":"甲","agencyId":"y"}');
  expect(answer).toMatchObject({
    status: 400,
    body: {
      code: 'invalid',
      detail: 'agencyId: given twice; keep the one that is meant',
      errors: [{ path: 'agencyId', pointer: '/agencyId', constraint: 'twice' }],
    },
  });
  for (const agencyId of ['x', 'y'])
    expect((await held.current.get(`/agencies/${agencyId}`)).status).toBe(404);
});

it('a number that would be rounded is refused, in the language asked for', async () => {
  const body = deduction('d1', '40.0000000000000000001');
  expect(await send('/commands/RecordDeduction', body, { 'accept-language': 'zh' })).toMatchObject({
    status: 400,
    body: {
      detail: 'points: 会被舍入为整数；请写出确切的整数',
      errors: [{ path: 'points', pointer: '/points', message: '会被舍入为整数；请写出确切的整数' }],
    },
  });
});

it('an integer with a point or an exponent is the integer it is', async () => {
  await held.current.given([
    'AdmitAgency',
    { agencyId: 'a1', name: '甲', effectiveAt: '2026-01-01T00:00:00Z' },
  ]);
  const body = deduction('d2', '4.0e1');
  expect(await send('/commands/RecordDeduction', body)).toMatchObject({ status: 201 });
  expect((await held.current.get('/agencies/a1/balance')).body).toMatchObject({ balance: 40 });
});

it('a what-if is refused alike, deep within', async () => {
  expect(await send('/agencies/a1/whatif', '{"points":{"d2":1,"d2":2}}')).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'points.d2', pointer: '/points/d2', constraint: 'twice' }] },
  });
});

it('a line of an import that names a member twice is rejected, and the rest go on', async () => {
  const lines = [
    '{"command":"AdmitAgency","data":{"agencyId":"i1","name":"乙","agencyId":"i2"}}',
    '{"command":"AdmitAgency","command":"RecordExit","data":{"agencyId":"i3","name":"丙"}}',
    '{"command":"AdmitAgency","data":{"agencyId":"i4","name":"丁"}}',
  ];
  const { text } = await send('/import', lines.join('\n'), {
    'content-type': 'application/x-ndjson',
  });
  const outcomes = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(outcomes).toMatchObject([
    { code: 'invalid', message: 'data.agencyId: given twice; keep the one that is meant' },
    { code: 'invalid', message: 'command: given twice; keep the one that is meant' },
    { status: 'accepted' },
  ]);
});

it.each(['{"constructor":"x"}', '{"id":{"constructor":null}}', '{"then":"x"}'])(
  'a document with members that other objects inherit (%s) is refused as any other',
  async (rulebook) => {
    const body = `{"rulebook":${rulebook}}`;
    expect(
      await held.current.ask('POST', '/commands/PublishRulebook', {
        body,
        as: held.current.tokens['administrator']!,
      }),
    ).toMatchObject({ status: 400, body: { code: 'invalid' } });
  },
);
