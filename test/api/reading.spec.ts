import {
  checkConsistency,
  checkReceipt,
  openCheckpoint,
  parseVerifierKey,
} from '@penalty-ledger/merkle-log';
import { testService } from './service.js';

const held = testService();

const agencies = ['a1', 'a2', 'a3', 'a4', 'a5'];

beforeAll(async () => {
  for (const [n, agencyId] of agencies.entries()) {
    await held.current.given(
      ['AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2026-01-01T00:00:00+08:00' }],
      [
        'RecordDeduction',
        {
          deductionId: `d-${agencyId}`,
          agencyId,
          points: 10 + n,
          clause: 'improper-operation',
          occurredAt: '2026-01-05T00:00:00+08:00',
          notifiedAt: '2026-02-09T09:00:00+08:00',
        },
      ],
    );
  }
});

interface Page {
  readonly items: readonly {
    readonly agencyId: string;
    readonly position: string;
    readonly code: string;
  }[];
  readonly next?: string;
}

it('the list of agencies comes in pages, in the order asked for, and is filtered', async () => {
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await held.current.get(`/agencies?sort=-balance&limit=2${cursor}`);
    const { items, next } = body as unknown as Page;
    seen.push(...items.map(({ agencyId }) => agencyId));
    if (next === undefined) break;
    cursor = `&cursor=${next}`;
  }
  expect(seen).toEqual([...agencies].reverse());
  const { body } = await held.current.get('/agencies?minBalance=13&standing=active');
  expect((body as unknown as Page).items.map(({ agencyId }) => agencyId)).toEqual(['a4', 'a5']);
});

it('a balance is answered at (E, K), with an ETag until something is recorded', async () => {
  const path =
    '/agencies/a1/balance?effectiveAt=2026-02-01T00:00:00%2B08:00&knownAt=2026-02-10T10:00:00%2B08:00';
  const first = await held.current.get(path);
  expect(first.body).toMatchObject({
    agencyId: 'a1',
    balance: 0,
    notCounted: [{ deductionId: 'd-a1', reason: 'scheduled' }],
  });
  const headers = { 'if-none-match': first.headers.get('etag')! };
  expect(await held.current.get(path, { headers })).toMatchObject({ status: 304, text: '' });
  await held.current.given(['RecordRevocation', { deductionId: 'd-a1', reason: 'x' }]);
  expect((await held.current.get(path, { headers })).status).toBe(200);
});

it('a position that is not reached is waited for, and then is 503 with Retry-After', async () => {
  const answer = await held.current.get('/agencies/a1?atLeast=999999');
  expect(answer).toMatchObject({ status: 503, body: { code: 'not_caught_up' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}, 15_000);

it('what if, deadlines and the calendar are answered', async () => {
  const { body } = await held.current.ask('POST', '/agencies/a5/whatif', {
    body: { without: ['d-a5'] },
  });
  expect(body).toMatchObject({ recorded: { balance: 14 }, whatif: { balance: 0 } });
  const { body: deadlines } = await held.current.get('/deadlines?agencyId=a5');
  expect(deadlines['items']).toMatchObject([{ kind: 'appeal_deduction', subjectId: 'd-a5' }]);
  const calendar = await held.current.get('/deadlines.ics', {
    headers: { 'accept-language': 'zh' },
  });
  expect(calendar.headers.get('content-type')).toMatch(/^text\/calendar/);
  // The deduction of a1 was revoked above.
  expect(calendar.text.match(/BEGIN:VEVENT/g)).toHaveLength(4);
});

it('the feed gives every event once, by page, in order', async () => {
  const positions: number[] = [];
  for (let after = ''; ;) {
    const { body } = await held.current.get(`/events?limit=3${after}`);
    const { items, next } = body as unknown as Page;
    positions.push(...items.map(({ position }) => Number(position)));
    if (items.length < 3) break;
    after = `&after=${next!}`;
  }
  expect(positions).toEqual(positions.map((_, n) => n + 1));
  expect(positions.length).toBeGreaterThan(10);
});

it('server-sent events continue after Last-Event-ID without gaps, then live', async () => {
  const head = Number(
    ((await held.current.get('/events?limit=1000')).body as unknown as Page).items.at(-1)!.position,
  );
  const ended = new AbortController();
  const response = await fetch(`${held.current.serving.url}/events/stream`, {
    headers: {
      authorization: `Bearer ${held.current.tokens['staff']!}`,
      'last-event-id': String(head - 2),
    },
    signal: ended.signal,
  });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (id: number) => {
    while (!text.includes(`id: ${id}\n`)) text += (await reader.read()).value ?? '';
  };
  await until(head);
  await held.current.given(['AdmitAgency', { agencyId: 'later', name: 'x' }]);
  await until(head + 1);
  expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([
    head - 1,
    head,
    head + 1,
  ]);
  ended.abort();
});

it('server-sent events end when their key is revoked, before another event', async () => {
  const { current } = held;
  const as = current.tokens['administrator']!;
  const { body: issued } = await current.ask('POST', '/keys', {
    body: { label: 'x', holder: 'h', roles: ['auditor'] },
    as,
  });
  const { token, key } = issued as { token: string; key: { id: string } };
  const response = await fetch(`${current.serving.url}/events/stream?type=AgencyAdmitted`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('"agencyId":"a1"')) text += (await reader.read()).value ?? '';
  await current.ask('POST', `/keys/${key.id}/revoke`, { as });
  await current.given(['AdmitAgency', { agencyId: 'untold', name: 'x' }]);
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  expect(text).not.toContain('untold');
});

it('a receipt is there once a checkpoint is signed, and verifies with the key alone', async () => {
  const { current } = held;
  await current.given(['AdmitAgency', { agencyId: 'r1', name: 'x' }]);
  expect(await current.get('/receipts/agency-r1/0')).toMatchObject({
    status: 503,
    body: { code: 'not_ready' },
  });
  const earlier = (await current.ask('POST', '/checkpoints')).text;
  const key = parseVerifierKey((await current.get('/verifier-key')).text.trim());
  const { text } = await current.get('/receipts/agency-r1/0');
  expect(checkReceipt(text, [key])).toBeDefined();
  await current.given(['AdmitAgency', { agencyId: 'r2', name: 'x' }]);
  await current.ask('POST', '/checkpoints');
  const { text: later } = await current.get('/checkpoints/latest');
  const [from, to] = [earlier, later].map((note) => openCheckpoint(note, [key]));
  const { body } = await current.get(`/proofs/consistency?from=${from!.size}&to=${to!.size}`);
  expect(() =>
    checkConsistency(from!.size, from!.root, to!.size, to!.root, body['proof'] as string[]),
  ).not.toThrow();
  expect(await current.get('/receipts/agency-r1/99')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
});

it('signed answers have an ETag, and answer 503 until a checkpoint holds a position', async () => {
  const { current } = held;
  const { body } = await current.command('AdmitAgency', { agencyId: 'r3', name: 'x' });
  const atLeast = `atLeast=${String(body['position'])}`;
  const signed = [
    '/checkpoints',
    '/checkpoints/latest',
    '/receipts/agency-r1/0',
    '/proofs/inclusion/agency-r1/0',
  ];
  for (const path of signed)
    expect(await current.get(`${path}?${atLeast}`)).toMatchObject({
      status: 503,
      body: { code: 'not_ready' },
    });
  await current.ask('POST', '/checkpoints');
  const others = ['/verifier-key', '/deadlines.ics', '/proofs/consistency?from=1&to=2'];
  for (const path of [...signed.map((each) => `${each}?${atLeast}`), ...others]) {
    const first = await current.get(path);
    expect({ path, status: first.status }).toEqual({ path, status: 200 });
    const headers = { 'if-none-match': first.headers.get('etag')! };
    expect(await current.get(path, { headers })).toMatchObject({ status: 304, text: '' });
    expect(await current.get(path, { headers: { 'if-none-match': '"another"' } })).toMatchObject({
      status: 200,
    });
  }
  expect(await current.get(`/deadlines.ics?${atLeast}`)).toMatchObject({ status: 200 });
  for (const path of signed)
    expect(await current.get(`${path}?atLeast=x`)).toMatchObject({
      status: 400,
      body: { code: 'invalid' },
    });
});

it('findings are listed with the event that carries them', async () => {
  await held.current.given([
    'ObservePlatformBalance',
    { agencyId: 'a2', balance: 99, observedAt: '2026-02-01T00:00:00+08:00' },
  ]);
  const { body } = await held.current.get('/findings?code=balance_mismatch');
  expect((body as unknown as Page).items).toMatchObject([
    { stream: 'agency-a2', revision: 2, severity: 'warning' },
  ]);
});

it('a name that every object has is not a finding', async () => {
  for (const code of ['constructor', 'nonsense'])
    expect(await held.current.get(`/findings?code=${code}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid' },
    });
});

it('health says without a key that the service is ready', async () => {
  expect((await held.current.get('/health/live', { as: '' })).status).toBe(200);
  expect(await held.current.get('/health/ready', { as: '' })).toMatchObject({
    status: 200,
    body: { checks: { ledger: true, store: true, sequencer: true } },
  });
});

it('the documentation page loads everything from here, as its policy demands', async () => {
  const { text, headers } = await held.current.get('/docs', { as: '' });
  expect(headers.get('content-security-policy')).toContain("script-src 'self'");
  const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, source]) => new URL(source!, `${held.current.serving.url}/docs`),
  );
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources)
    expect({
      source: source.pathname,
      status: (await fetch(source)).status,
      own: source.origin === held.current.serving.url,
    }).toEqual({ source: source.pathname, status: 200, own: true });
  expect(text).not.toMatch(/<script>[^<]/);
});

it.each([
  ['DELETE', '/agencies', 'GET, HEAD'],
  ['HEAD', '/commands/AdmitAgency', 'POST'],
  ['GET', '/commands/AdmitAgency', 'POST'],
  ['OPTIONS', '/checkpoints', 'GET, HEAD, POST'],
])('%s %s is refused with the methods the path has', async (method, path, allow) => {
  const { status, headers } = await held.current.ask(method, path);
  expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow });
});

it('an instant whose offset was not encoded is refused with how to write it', async () => {
  expect(
    await held.current.get('/agencies/a1/balance?knownAt=2026-02-10T10:00:00+08:00'),
  ).toMatchObject({
    status: 400,
    body: {
      detail: expect.stringMatching(
        /^knownAt: must be an RFC 3339 .*"\+" is written %2B$/,
      ) as string,
    },
  });
});

it.each(['balance', 'explain'])(
  '%s of an unknown account is refused with those there are',
  async (part) => {
    expect(await held.current.get(`/agencies/a1/${part}?account=health`)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid',
        detail: expect.stringMatching(
          /^account: .* no account "health"; its accounts: points$/,
        ) as string,
      },
    });
  },
);

it('no answer to a request without sense says what is inside', async () => {
  for (const [method, path] of [
    ['GET', '/nope'],
    ['DELETE', '/agencies'],
    ['GET', '/agencies/%zz'],
    ['GET', `/agencies/${'a'.repeat(300)}`],
  ] as const) {
    const { status, text, headers } = await held.current.ask(method, path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/node_modules|\.ts:|at \w+ \(/);
    expect(headers.get('content-type')).toMatch(/problem\+json/);
  }
});

it.each(['0', '1/1', '99999'])(
  'the feed cannot be read on from %s, which is not a position of it',
  async (after) => {
    for (const path of [`/events?after=${after}`, `/events/stream?after=${after}`])
      expect(await held.current.get(path)).toMatchObject({
        status: 400,
        body: { code: 'invalid' },
      });
  },
);
