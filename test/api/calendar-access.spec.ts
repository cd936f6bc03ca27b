import { temporaryFolder } from '../support/folder.js';
import { TestService, testService } from './service.js';

const held = testService();
const folder = temporaryFolder();
let own: string;

const basic = (password: string, user = 'calendar') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

const subscribe = (headers: Record<string, string>, path = '/deadlines.ics') =>
  held.current.get(path, { as: '', headers });

beforeAll(async () => {
  const { current } = held;
  for (const agencyId of ['own', 'other']) {
    await current.given(
      ['AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2026-01-01T00:00:00Z' }],
      [
        'RecordDeduction',
        {
          deductionId: `d-${agencyId}`,
          agencyId,
          points: 10,
          clause: 'improper-operation',
          occurredAt: '2026-02-09T00:00:00Z',
        },
      ],
    );
  }
  own = await current.issue(['agency'], 'own');
});

it('a calendar client uses its API key as password, and sees what its key sees', async () => {
  const calendar = await subscribe(basic(own));
  expect(calendar).toMatchObject({ status: 200 });
  expect(calendar.headers.get('content-type')).toMatch(/^text\/calendar/);
  expect(calendar.text).toContain('appeal_deduction/own/d-own');
  expect(calendar.text).not.toContain('other');
  expect((await subscribe(basic(own), '/deadlines.ics?agencyId=own')).status).toBe(200);
  expect((await subscribe(basic(own), '/deadlines.ics?agencyId=other')).status).toBe(403);
  expect((await subscribe(basic(held.current.tokens['ingest']!))).status).toBe(403);
  expect((await subscribe(basic(own, ''))).status).toBe(200);
});

it.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['another password', basic('secret')],
  ['an unknown key', basic(`plk_${'0'.repeat(12)}_${'0'.repeat(72)}`)],
  ['no colon', { authorization: `Basic ${Buffer.from('plk_').toString('base64')}` }],
  ['no base64', { authorization: 'Basic plk_*' }],
  ['a token as password', basic('eyJhbGciOiJub25lIn0.e30.')],
])('with %s the calendar asks for either a password or a token', async (_what, headers) => {
  const { status, headers: answered, body } = await subscribe(headers);
  expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'unauthenticated' });
  expect(answered.get('www-authenticate')).toBe(
    'Basic realm="penalty-ledger", charset="UTF-8", Bearer realm="penalty-ledger"',
  );
});

it('no other route takes a password, or asks for one', async () => {
  for (const path of ['/deadlines', '/agencies/own/balance', '/events', '/access-log']) {
    const answer = await subscribe(basic(held.current.tokens['auditor']!), path);
    expect({ path, status: answer.status }).toEqual({ path, status: 401 });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="penalty-ledger"');
  }
});

it('the description names both ways in for the calendar, and one elsewhere', async () => {
  const { body } = await held.current.get('/openapi.json', { as: '' });
  const paths = body['paths'] as Record<string, { get: { security: object[] } }>;
  const byName = (path: string) =>
    paths[path]!.get.security.map((each) => Object.keys(each).join()).sort();
  expect(byName('/deadlines.ics')).toEqual(['basic', 'bearer']);
  expect(byName('/deadlines')).toEqual(['bearer']);
});

it('a calendar depends on the key and on the language, and says so in Vary', async () => {
  const [en, zh] = await Promise.all(
    ['en', 'zh'].map((language) => subscribe({ ...basic(own), 'accept-language': language })),
  );
  expect(en!.headers.get('vary')).toBe('Accept-Language, Authorization');
  expect(en!.text).not.toBe(zh!.text);
  expect(en!.headers.get('etag')).not.toBe(zh!.headers.get('etag'));
  const again = await subscribe({ ...basic(own), 'if-none-match': en!.headers.get('etag')! });
  expect(again.status).toBe(304);
  expect(again.headers.get('vary')).toBe('Accept-Language, Authorization');
  const bearer = await held.current.get('/deadlines', { as: own });
  expect(bearer.headers.get('vary')).toBe('Authorization');
});

it('subscribing is in the access log, as with a token, and the password is not', async () => {
  await subscribe(basic(own), '/deadlines.ics?agencyId=own');
  const { body, text } = await held.current.get('/access-log?limit=1000', {
    as: held.current.tokens['auditor']!,
  });
  const entries = body['entries'] as {
    principal: string;
    route: string;
    role: string;
    subject: object;
  }[];
  const last = entries.filter(({ route }) => route === '/deadlines.ics').at(-1);
  expect(last).toMatchObject({ role: 'agency', subject: { agencyId: 'own' } });
  expect(last!.principal).toMatch(/^key:/);
  expect(text).not.toContain(own.slice(-40));
});

it('a key is one sender, with each user name and with none', async () => {
  const service = await TestService.start(folder, undefined, { LEDGER_RATE_LIMIT: '20' });
  try {
    const auditor = service.tokens['auditor']!;
    const found: number[] = [];
    for (let n = 0; n < 25; n += 1)
      found.push(
        (await service.get('/deadlines.ics', { as: '', headers: basic(auditor, `user-${n % 5}`) }))
          .status,
      );
    // The first request counts for the address, because nothing was opened with the key yet.
    expect(new Set(found.slice(0, 21))).toEqual(new Set([200]));
    expect(found.at(-1)).toBe(429);
    expect((await service.get('/deadlines.ics', { as: auditor })).status).toBe(429);
  } finally {
    await service.serving.close();
  }
});
