import { commandRoutes } from '@penalty-ledger/api/command-routes';
import { operationsOf, type Described } from './described.js';
import { testService, type Answered, type Asked } from './service.js';

const held = testService();

/** Ids of the agency `owner`, and what was never recorded, by the member that holds them. */
const ids: Readonly<Record<string, readonly [others: string, unknown: string]>> = {
  agencyId: ['owner', 'nobody'],
  appealId: ['ap-of-owner', 'ap-of-nobody'],
  complaintId: ['k-of-owner', 'k-of-nobody'],
  creatorId: ['c-of-owner', 'c-of-nobody'],
  deductionId: ['d-of-owner', 'd-of-nobody'],
  evidenceId: ['e-of-owner', 'e-of-nobody'],
  proposalId: ['t-of-owner', 't-of-nobody'],
  sessionId: ['s-of-owner', 's-of-nobody'],
  stream: ['agency-owner', 'agency-nobody'],
};

/** Members whose values are such ids under another name. */
const aliases: Readonly<Record<string, string>> = {
  creatorIds: 'creatorId',
  deductionIds: 'deductionId',
  from: 'complaintId',
  into: 'complaintId',
  without: 'deductionId',
};

/** Values for parameters that name nothing of an agency's. */
const neutral: Readonly<Record<string, string>> = {
  date: '2026-02-11',
  month: '2026-01',
  revision: '0',
  vertical: 'beauty',
};

const at = '2026-01-05T20:00:00+08:00';
const own = 'asker';
let as: string;

beforeAll(async () => {
  const { current } = held;
  for (const agencyId of ['owner', own]) {
    const of = (kind: string) => `${kind}-of-${agencyId}`;
    const deduction = (deductionId: string) =>
      [
        'RecordDeduction',
        { deductionId, agencyId, points: 20, clause: 'improper-operation', occurredAt: at },
      ] as const;
    await current.given(
      ['AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2026-01-01T00:00:00+08:00' }],
      ['BindCreator', { agencyId, creatorId: of('c'), effectiveAt: '2026-01-02T00:00:00+08:00' }],
      [
        'RecordSession',
        {
          sessionId: of('s'),
          creatorId: of('c'),
          startedAt: at,
          endedAt: '2026-01-05T22:00:00+08:00',
        },
      ],
      deduction(of('d')),
      deduction(`${of('d')}-1`),
      deduction(`${of('d')}-2`),
      [
        'FileComplaint',
        {
          complaintId: of('k'),
          agencyId,
          complainant: { kind: 'consumer' },
          occurredAt: at,
          subject: 'x',
        },
      ],
      [
        'InitiateAppeal',
        { appealId: of('ap'), agencyId, deductionIds: [of('d')], grounds: 'secret' },
      ],
      [
        'SubmitEvidence',
        {
          appealId: of('ap'),
          items: [{ evidenceId: of('e'), title: 'x', mediaType: 'image/png', sha256: digest }],
        },
      ],
      ['ProposeTheme', { proposalId: of('t'), agencyId, month: '2026-03', title: 'secret' }],
    );
  }
  as = await current.issue(['agency'], own);
});

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
/** Headers that tell one request from the next. */
const ofOneRequest = /^(?:date|content-length|keep-alive|.*request-id|ratelimit.*|etag)$/;

/** All that an answer says, without the id that was asked for. */
function said({ status, headers, text }: Answered, id: string): unknown {
  return {
    status,
    headers: [...headers].filter(([name]) => !ofOneRequest.test(name)),
    // The path and the time of this request.
    text: text.replaceAll(id, 'ID').replaceAll(/"(?:requestId|instance)":"[^"]*"/g, ''),
  };
}

/** Asks for another agency's id and for an unknown one: the answers must say the same. */
async function asksAlike(
  member: string,
  ask: (id: string) => Promise<Answered>,
): Promise<readonly Answered[]> {
  const [others, unknown] = ids[aliases[member] ?? member]!;
  const answers = [await ask(others), await ask(unknown)] as const;
  expect(said(answers[0], others)).toEqual(said(answers[1], unknown));
  return answers;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

it('every route answers for another agency’s id as for an unknown one', async () => {
  const { current } = held;
  const { body } = await current.get('/openapi.json', { as: '' });
  const document = body as unknown as Described;
  const asked = new Set<string>();
  for (const { method, path, operation } of operationsOf(document)) {
    // Commands are below; a stream of events has no end, and the filter of /events.
    if (path.startsWith('/commands/') || path === '/events/stream') continue;
    const { parameters = [] } = operation as { readonly parameters?: readonly Parameter[] };
    const named = [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ name, in: 'path' })),
      ...parameters.filter(({ in: place }) => place === 'query'),
    ];
    for (const { name, in: place } of named) {
      if (ids[name] === undefined) continue;
      const address = (id: string): string =>
        path.replaceAll(/\{(\w+)\}/g, (_, each: string) =>
          each === name ? id : (neutral[each] ?? ids[each]?.[0] ?? 'x'),
        ) + (place === 'query' ? `?${name}=${id}` : '');
      const isWritten = method === 'post' || method === 'put';
      await asksAlike(name, (id) =>
        current.ask(method.toUpperCase(), address(id), { as, ...(isWritten && { body: {} }) }),
      );
      asked.add(`${method} ${path} ${name}`);
    }
  }
  for (const route of [
    'get /agencies/{agencyId} agencyId',
    'get /appeals/{appealId} appealId',
    'get /complaints/{complaintId} complaintId',
    'get /sessions/{sessionId} sessionId',
    'get /sessions creatorId',
    'get /deadlines.ics agencyId',
    'get /receipts/{stream}/{revision} stream',
    'post /agencies/{agencyId}/whatif agencyId',
  ])
    expect(asked).toContain(route);
  for (const [member, bodyOf] of [
    ['agencyId', (agencyId: string) => ({ agencyId, period: '2026' })],
    ['appealId', (appealId: string) => ({ appealId })],
  ] as const)
    await asksAlike(member, (id) =>
      current.ask('POST', '/evidence-packs', { as, body: bodyOf(id) }),
    );
  await asksAlike('without', (id) =>
    current.ask('POST', `/agencies/${own}/whatif`, { as, body: { without: [id] } }),
  );
});

/** Data of a command on one's own agency, with fresh ids where it names a record. */
function dataOf(name: keyof typeof commandRoutes): Record<string, unknown> {
  const data = structuredClone(commandRoutes[name].example) as Record<string, unknown>;
  if ('agencyId' in data) data['agencyId'] = own;
  if (name === 'InitiateAppeal') data['deductionIds'] = [`d-of-${own}-1`];
  return data;
}

/** The member by which a command creates something. */
const creating: Readonly<Record<string, string>> = {
  InitiateAppeal: 'appealId',
  ProposeTheme: 'proposalId',
};

it.each(Object.keys(commandRoutes) as (keyof typeof commandRoutes)[])(
  '%s answers for another agency’s id as for an unknown one',
  async (name) => {
    const { current } = held;
    const send = (data: object, more: Asked = {}) => current.command(name, data, { as, ...more });
    for (const [member, value] of Object.entries(dataOf(name))) {
      if (ids[aliases[member] ?? member] === undefined || creating[name] === member) continue;
      await asksAlike(member, (id) =>
        send({ ...dataOf(name), [member]: Array.isArray(value) ? [id] : id }),
      );
    }
  },
);

it.each(Object.entries(creating))(
  '%s refuses a taken id in the same words, whoever took it',
  async (name, member) => {
    const { current } = held;
    const kind = ids[member]![0].replace('owner', '');
    for (const language of ['en', 'zh']) {
      const headers = { 'accept-language': language };
      const answers = ['owner', own].map(async (agencyId) => {
        const id = `${kind}${agencyId}`;
        const data = { ...dataOf(name as keyof typeof commandRoutes), [member]: id };
        const answer = await current.command(name, data, { as, headers });
        expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
        return said(answer, id);
      });
      const [others, ours] = await Promise.all(answers);
      expect(others).toEqual(ours);
      expect(JSON.stringify(others)).not.toMatch(/owner|secret|2026-/);
    }
  },
);

it('evidence of an appeal may have an id that another agency uses', async () => {
  const { current } = held;
  for (const [index, evidenceId] of ids['evidenceId']!.entries()) {
    const appealId = `ap-${String(index)}`;
    const deductionIds = [`d-of-${own}-${String(index + 1)}`];
    await current.given([
      'InitiateAppeal',
      { appealId, agencyId: own, deductionIds, grounds: 'x' },
    ]);
    const items = [{ evidenceId, title: 'x', mediaType: 'image/png', sha256: digest }];
    const { status } = await current.command('SubmitEvidence', { appealId, items }, { as });
    expect(status).toBe(201);
  }
});

it('an Idempotency-Key that another sender used is this sender’s own', async () => {
  const { current } = held;
  const propose = (sender: string, agencyId: string) =>
    current.command(
      'ProposeTheme',
      { proposalId: `t-2-of-${agencyId}`, agencyId, month: '2026-03', title: 'x' },
      { as: sender, headers: { 'idempotency-key': 'one-key' } },
    );
  const theirs = await current.issue(['agency'], 'owner');
  for (const status of [201, 200]) {
    expect(await propose(theirs, 'owner')).toMatchObject({ status });
    expect(await propose(as, own)).toMatchObject({ status });
  }
});
