import { Validator } from '@seriousme/openapi-schema-validator';
import { DescribedService, operationsOf, type Described } from './described.js';
import { sendExamples } from './example-ledger.js';
import { testService, type Answered } from './service.js';

const held = testService();

let described: DescribedService;
let document: Described;

beforeAll(async () => {
  described = await DescribedService.over(held.current);
  ({ document } = described);
});

describe('the document', () => {
  it('is OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...document }));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('gives every operation a name of its own', () => {
    const names = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => !/^[a-z]\w*$/i.test(name))).toEqual([]);
  });

  it('has a schema for every answer that has a body', () => {
    const without = operationsOf(document).flatMap(({ method, path, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => status !== '204' && status !== '304')
        .filter(
          ([, { content = {} }]) =>
            !Object.values(content).some(({ schema }) => schema !== undefined),
        )
        .map(([status]) => `${method} ${path} ${status}`),
    );
    expect(without).toEqual([]);
  });

  it('closes every object whose fields it names, but a problem, which may say more', () => {
    const open: string[] = [];
    const walk = (value: unknown, place: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { properties, additionalProperties } = value as Record<string, unknown>;
      if (properties !== undefined && additionalProperties !== false) open.push(place);
      for (const [name, each] of Object.entries(value)) walk(each, `${place}/${name}`);
    };
    walk((document as unknown as { components: { schemas: object } }).components.schemas, '');
    expect(open).toEqual(['/Problem']);
  });
});

const sha256 = '0'.repeat(64);
const instant = (text: string): string => encodeURIComponent(`${text}+08:00`);

describe('every answer is as the document says, in a story where', () => {
  let staff: (path: string) => Promise<unknown>;
  let send: (name: string, data: object, asked?: object) => Promise<Answered>;

  beforeAll(() => {
    staff = (path) => described.ask('GET', path);
    send = (name, data, asked) =>
      described.ask('POST', `/commands/${name}`, { body: data, ...asked });
  });

  afterEach(() => {
    expect(described.problems.splice(0)).toEqual([]);
  });

  it('every command’s example is accepted', async () => {
    expect(await sendExamples(held.current, described.ask)).toEqual([]);
  }, 60_000);

  it('deductions rest on a month, a complaint or a session, up to an expulsion', async () => {
    const record = async (name: string, data: object): Promise<void> => {
      const { status, text } = await send(name, data);
      expect({ name, data, status, text }).toEqual({ name, data, status: 201, text });
    };
    const deduction = {
      agencyId: 'mcn-007',
      points: 20,
      clause: 'improper-operation',
      occurredAt: '2026-01-04T09:00:00Z',
    };
    await record('RecordDeduction', {
      ...deduction,
      deductionId: 'b-1',
      basis: { kind: 'assessment', month: '2026-01' },
    });
    await record('RecordDeduction', {
      ...deduction,
      deductionId: 'b-2',
      basis: { kind: 'complaint', complaintId: 'k-1' },
    });
    await record('RecordDeduction', {
      ...deduction,
      deductionId: 'b-3',
      basis: { kind: 'session', sessionId: 'c-103-1' },
    });
    await record('RecordDeduction', {
      ...deduction,
      deductionId: 'b-4',
      basis: { kind: 'session', sessionId: 'none' },
    });
    await record('RecordDeduction', {
      ...deduction,
      deductionId: 'b-5',
      clause: 'operating-metric-missed',
      points: 120,
    });
    await send('RecordDeduction', {
      ...deduction,
      deductionId: 'b-5',
      clause: 'operating-metric-missed',
      points: 120,
    });
    await record('ObservePlatformBalance', {
      agencyId: 'mcn-007',
      balance: 3,
      observedAt: '2026-02-10T01:00:00Z',
    });
    await record('AdmitAgency', { agencyId: 'mcn-011', name: 'x', legalPersonId: 'lp-1' });
    await record('RecordExpulsion', { agencyId: 'mcn-011', reason: 'x' });
    await record('InitiateAppeal', {
      appealId: 'ap-9',
      agencyId: 'mcn-011',
      expulsion: true,
      grounds: 'x',
    });
    await record('InitiateAppeal', {
      appealId: 'ap-8',
      agencyId: 'mcn-007',
      kind: 'last_chance',
      deductionIds: ['b-5'],
      grounds: 'x',
    });
    await record('SubmitEvidence', {
      appealId: 'ap-8',
      items: [{ evidenceId: 'e8', title: 't', mediaType: 'a/b', sha256 }],
    });
    await record('AdmitAgency', { agencyId: 'mcn-012', name: 'x', legalPersonId: 'lp-1' });
    await record('DeclareBlackout', { date: '2026-02-12', reason: 'x' });
  });

  it('readers ask everything of everybody', async () => {
    const { current } = held;
    for (const agencyId of ['mcn-007', 'mcn-009', 'mcn-010', 'mcn-011', 'mcn-012']) {
      const of = `/agencies/${agencyId}`;
      for (const what of [
        '',
        '/balance',
        '/explain',
        '/timeline',
        '/appeals',
        '/complaints',
        '/assessments/2026-01',
        '/assessments/2025-12',
        '/outlook',
      ])
        await staff(`${of}${what}`);
      await staff(
        `${of}/explain?effectiveAt=${instant('2026-01-05T00:00:00')}&knownAt=${instant('2026-02-10T10:00:00')}`,
      );
      await described.ask('POST', '/trial/RecordExit', { body: { agencyId } });
      await described.ask('POST', `${of}/whatif`, {
        body: { without: ['d-1', 'no'], points: { 'b-5': 3 } },
      });
    }
    for (const path of [
      '/agencies?limit=2',
      '/appeals?limit=3',
      '/appeals?sort=due',
      '/appeals/ap-1',
      '/appeals/ap-8',
      '/appeals/ap-9',
      '/complaints?limit=2',
      '/complaints/k-1',
      '/complaints/k-3',
      '/sessions?creatorId=c-101',
      '/sessions?agencyId=mcn-007&date=2026-01-05&limit=3',
      '/sessions/s-20260105-1',
      '/verticals/beauty/2026-01',
      '/verticals/food/2026-01',
      '/slots/2026-02-11',
      '/slots/2026-02-12',
      '/slots/2026-02-13',
      '/themes/2026-03',
      '/outlook?limit=2',
      '/findings?limit=2',
      '/findings?sort=-recordedAt&severity=breach',
      '/deductions?limit=2',
      '/appealable',
      '/creators',
      '/rulebooks',
      '/evidence',
      '/deadlines',
      '/deadlines.ics',
      '/events?limit=1000',
      '/events?limit=1000&type=SessionRecorded',
      '/health/live',
      '/health/ready',
      '/metrics',
    ])
      await staff(path);
    await described.ask('POST', '/checkpoints');
    const { body } = await current.get('/checkpoints');
    const [{ size } = { size: 0 }] = body as unknown as { size: number }[];
    for (const path of [
      '/checkpoints',
      '/checkpoints/latest',
      '/verifier-key',
      '/events/records',
      '/events/records?after=2&limit=5&follower=b',
      '/receipts/agency-mcn-007/0',
      '/proofs/inclusion/agency-mcn-007/0',
      `/proofs/consistency?from=1&to=${size}`,
    ])
      await staff(path);
  });

  it('administrators keep keys, webhooks and the access log, and erase', async () => {
    const as = held.current.tokens['administrator']!;
    const asked = async (method: string, path: string, body?: object) =>
      (await described.ask(method, path, { as, ...(body !== undefined && { body }) })).body;
    const { key } = await asked('POST', '/keys', {
      label: 'x',
      holder: 'h',
      roles: ['agency'],
      agencyId: 'mcn-007',
    });
    const { id } = key as { id: string };
    await asked('POST', `/keys/${id}/rotate`, { graceHours: 1 });
    await asked('GET', '/keys');
    await asked('POST', `/keys/${id}/revoke`);
    const { webhook } = await asked('POST', '/webhooks', {
      url: 'https://hooks.example.com/y',
      types: ['SessionVoided'],
    });
    await asked('POST', '/webhooks', {
      url: 'https://hooks.example.com/x',
      types: ['SessionVoided'],
    });
    const added = (await asked('GET', '/webhooks')) as unknown as { id: string }[];
    for (const { id: hook } of [
      ...added,
      ...(webhook === undefined ? [] : [webhook as { id: string }]),
    ]) {
      await asked('POST', `/webhooks/${hook}/pause`);
      await asked('POST', `/webhooks/${hook}/resume`);
      await asked('POST', `/webhooks/${hook}/rotate`);
      await asked('GET', `/webhooks/${hook}`);
      await asked('DELETE', `/webhooks/${hook}`);
    }
    const second = await held.current.issue(['administrator'], undefined, {
      holder: 'second',
      mayGrant: ['auditor'],
    });
    await asked('POST', '/four-eyes', { isOn: true });
    await asked('GET', '/four-eyes');
    const confirmed = async (path: string, body: object): Promise<string> => {
      const { id: act, sha256 } = await asked('POST', path, body);
      await asked('GET', '/pending-acts');
      await described.ask('POST', `/pending-acts/${String(act)}/confirm`, {
        as: second,
        body: { sha256 },
      });
      return String(act);
    };
    const act = await confirmed('/keys', { label: 'x', holder: 'h', roles: ['auditor'] });
    await asked('GET', '/pending-acts');
    await asked('POST', `/pending-acts/${act}/token`);
    await confirmed('/erasures', { subject: 'agency:mcn-011' });
    const { id: refused } = await asked('POST', '/erasures', { subject: 'agency:mcn-010' });
    await asked('POST', `/pending-acts/${String(refused)}/refuse`);
    await confirmed('/signing-key/rotate', {});
    await confirmed('/four-eyes', { isOn: false });
    await asked('POST', '/signing-key/rotate');
    await asked('GET', '/access-log?limit=3');
    await asked('GET', '/erasures?status=due&limit=1');
    await asked('POST', '/erasures', { subject: 'agency:mcn-012' });
    await asked('GET', '/agencies/mcn-012');
    await asked('GET', '/agencies/mcn-012/explain');
  });

  it('an agency is refused the data of others, and wrong requests are refused', async () => {
    const { current } = held;
    const own = await current.issue(['agency'], 'mcn-007');
    const agency = (path: string) => described.ask('GET', path, { as: own });
    for (const path of [
      '/agencies/mcn-007/explain',
      '/agencies/mcn-009',
      '/agencies',
      '/appeals',
      '/appeals/ap-9',
      '/complaints',
      '/sessions?date=2026-01-05',
      '/sessions?creatorId=c-103&limit=1',
      '/findings',
      '/deductions',
      '/appealable',
      '/creators',
      '/rulebooks',
      '/evidence',
      '/deadlines',
      '/events',
      '/receipts/agency-mcn-007/1',
    ])
      await agency(path);
    for (const path of [
      '/appeals/none',
      '/complaints/none',
      '/sessions/none',
      '/agencies/none/balance',
      '/slots/x',
      '/events?after=x',
    ])
      await staff(path);
    await send('AdmitAgency', { agencyId: 'a b', at: 1 }, { headers: { 'accept-language': 'zh' } });
    await send('RecordRevocation', { deductionId: 'none', reason: 'x' });
    await send('AdmitAgency', { agencyId: 'mcn-007', name: 'another' });
    await described.ask('GET', '/appeals', { as: '' });
    const first = await current.get('/complaints');
    await described.ask('GET', '/complaints', {
      headers: { 'if-none-match': first.headers.get('etag')! },
    });
    await described.ask('POST', '/import', {
      body: '{"command":"AdmitAgency","data":{"agencyId":"imported","name":"x"}}\nnonsense',
      headers: { 'content-type': 'application/x-ndjson' },
    });
  });

  it('every operation on commands, queries, the feed and proofs was answered', () => {
    const answeredTags = ['commands', 'queries', 'feed', 'proofs'];
    const unanswered = operationsOf(document)
      .filter(
        ({ operation: { tags, operationId } }) =>
          tags.some((tag) => answeredTags.includes(tag)) && operationId !== 'eventStream',
      )
      .map(({ operation }) => operation.operationId)
      .filter((operationId) => !described.answered.has(operationId));
    expect(unanswered).toEqual([]);
  });
});
