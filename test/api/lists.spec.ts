import { testService } from './service.js';
import { withoutMembers } from '../support/without-members.js';

const held = testService('2026-02-03T10:00:00+08:00');

interface Entry extends Readonly<Record<string, unknown>> {
  readonly due?: { readonly what: string; readonly at: string | null } | null;
}

interface Page {
  readonly items: readonly Entry[];
  readonly next?: string;
}

const pageOf = async (path: string, as?: string): Promise<Page> => {
  const { status, text, body } = await held.current.get(path, as === undefined ? {} : { as });
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return body as unknown as Page;
};

/** One field of every item of all pages, read two at a time. */
async function every(path: string, field: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let cursor = ''; ;) {
    const { items, next } = await pageOf(
      `${path}${path.includes('?') ? '&' : '?'}limit=2${cursor}`,
    );
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map((item) => item[field]));
    if (next === undefined) return seen;
    cursor = `&cursor=${next}`;
  }
}

const evidence = (appealId: string): readonly [string, object] => [
  'SubmitEvidence',
  {
    appealId,
    items: [
      { evidenceId: `e-${appealId}`, title: 't', mediaType: 'image/png', sha256: '0'.repeat(64) },
    ],
  },
];

let own: string;

beforeAll(async () => {
  const { current } = held;
  const at = (instant: string) => {
    current.clock.at = new Date(instant).toISOString() as never;
  };
  for (const agencyId of ['a1', 'a2']) {
    await current.given(
      ['AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2026-01-01T00:00:00+08:00' }],
      [
        'BindCreator',
        { agencyId, creatorId: `c-${agencyId}`, effectiveAt: '2026-01-02T00:00:00+08:00' },
      ],
      [
        'BindCreator',
        { agencyId, creatorId: `c2-${agencyId}`, effectiveAt: '2026-01-02T00:00:00+08:00' },
      ],
    );
    for (const n of [1, 2, 3, 4, 5, 6]) {
      await current.given([
        'RecordDeduction',
        {
          deductionId: `d-${agencyId}-${n}`,
          agencyId,
          points: n,
          clause: 'improper-operation',
          occurredAt: '2026-01-05T00:00:00+08:00',
        },
      ]);
    }
  }
  const appeal = (agencyId: string, n: number): readonly [string, object] => [
    'InitiateAppeal',
    {
      appealId: `p-${agencyId}-${n}`,
      agencyId,
      deductionIds: [`d-${agencyId}-${n}`],
      grounds: 'x',
    },
  ];
  await current.given(appeal('a1', 1));
  at('2026-02-07T10:00:00+08:00');
  await current.given(
    appeal('a1', 2),
    appeal('a2', 3),
    evidence('p-a1-2'),
    evidence('p-a2-3'),
    appeal('a2', 4),
    appeal('a1', 5),
  );
  await current.given(
    ['DecideAppeal', { appealId: 'p-a2-3', outcome: 'upheld', reason: 'x' }],
    ['WithdrawAppeal', { appealId: 'p-a1-5' }],
  );
  at('2026-02-07T12:00:00+08:00');
  await current.given(appeal('a1', 6));
  own = await current.issue(['agency'], 'a1');
});

describe('appeals over all agencies', () => {
  it('are listed in the order of their initiation, each as its own answer has it', async () => {
    const { items } = await pageOf('/appeals');
    expect(items.map(({ appealId, state }) => [appealId, state])).toEqual([
      ['p-a1-1', 'lapsed'],
      ['p-a1-2', 'evidence_submitted'],
      ['p-a1-5', 'withdrawn'],
      ['p-a2-3', 'upheld'],
      ['p-a2-4', 'initiated'],
      ['p-a1-6', 'initiated'],
    ]);
    for (const { due, ...item } of items) {
      const single = withoutMembers(
        (await held.current.get(`/appeals/${String(item['appealId'])}`)).body,
        ...['knownAt', 'initiatedBy', 'grounds', 'evidenceSubmittedBy', 'items', 'withdrawal'],
        ...['decision', 'clocks'],
      );
      expect(item).toEqual(single);
      expect(due?.at ?? null).toBe(
        { initiated: single['evidenceBy'], evidence_submitted: single['decideBy'] }[
          String(single['state'])
        ] ?? null,
      );
    }
  });

  it.each([
    ['', ['p-a1-1', 'p-a1-2', 'p-a1-5', 'p-a2-3', 'p-a2-4', 'p-a1-6']],
    ['?sort=-initiatedAt', ['p-a1-6', 'p-a2-4', 'p-a2-3', 'p-a1-5', 'p-a1-2', 'p-a1-1']],
    ['?sort=due', ['p-a2-4', 'p-a1-6', 'p-a1-2']],
    ['?sort=-due', ['p-a1-2', 'p-a1-6', 'p-a2-4']],
    ['?agencyId=a1', ['p-a1-1', 'p-a1-2', 'p-a1-5', 'p-a1-6']],
    ['?agencyId=a1&sort=due', ['p-a1-6', 'p-a1-2']],
    ['?status=initiated', ['p-a2-4', 'p-a1-6']],
    ['?status=initiated&agencyId=a1', ['p-a1-6']],
    ['?status=lapsed', ['p-a1-1']],
    ['?status=lapsed&agencyId=a2', []],
    ['?status=upheld', ['p-a2-3']],
    ['?status=evidence_submitted&sort=due', ['p-a1-2']],
    ['?status=withdrawn&sort=due', []],
    ['?dueWithinHours=23', []],
    ['?dueWithinHours=25', ['p-a2-4']],
    ['?dueWithinHours=27&sort=-initiatedAt', ['p-a1-6', 'p-a2-4']],
    ['?dueBefore=2026-02-10T12:00:00%2B08:00&agencyId=a1', []],
    ['?dueBefore=2026-02-10T12:00:00.001%2B08:00&agencyId=a1', ['p-a1-6']],
    ['?agencyId=nobody', []],
  ])('asked for with "%s" are %j', async (query, expected) => {
    held.current.clock.at = new Date('2026-02-09T10:30:00+08:00').toISOString() as never;
    expect(await every(`/appeals${query}`, 'appealId')).toEqual(expected);
  });
});

describe('complaints over all agencies', () => {
  beforeAll(async () => {
    const { current } = held;
    current.clock.at = new Date('2026-02-09T10:30:00+08:00').toISOString() as never;
    const complaint = (complaintId: string, about: object): readonly [string, object] => [
      'FileComplaint',
      {
        complaintId,
        ...about,
        complainant: { kind: 'merchant' },
        occurredAt: '2026-02-01T00:00:00+08:00',
        subject: 's',
      },
    ];
    await current.given(
      complaint('k1', { agencyId: 'a1' }),
      complaint('k2', { creatorId: 'c-a1' }),
      complaint('k3', { creatorId: 'c-a1' }),
      complaint('k4', { agencyId: 'a1' }),
      complaint('k5', { agencyId: 'a2' }),
      ['MergeComplaints', { into: 'k3', from: ['k4'] }],
      ['MergeComplaints', { into: 'k1', from: ['k2', 'k3'] }],
      ['CloseComplaint', { complaintId: 'k2', outcome: 'withdrawn' }],
      ['CloseComplaint', { complaintId: 'k1', outcome: 'upheld' }],
    );
    current.clock.at = new Date('2026-03-01T10:30:00+08:00').toISOString() as never;
    await current.given(complaint('k6', { agencyId: 'a2' }));
  });

  it('are listed as each answers for itself, without sealed and dependent fields', async () => {
    const { items } = await pageOf('/complaints');
    expect(items).toHaveLength(6);
    for (const item of items) {
      const { body } = await held.current.get(`/complaints/${String(item['complaintId'])}`);
      expect(body).toMatchObject(item);
      expect(Object.keys(body).filter((field) => !(field in item))).toEqual(
        expect.arrayContaining(['subject', 'caseNo', 'merged', 'deductions', 'knownAt']),
      );
    }
  });

  it.each([
    ['', ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']],
    ['?sort=-filedAt', ['k6', 'k5', 'k4', 'k3', 'k2', 'k1']],
    ['?status=upheld', ['k1', 'k3', 'k4']],
    ['?status=withdrawn', ['k2']],
    ['?status=open', ['k5', 'k6']],
    ['?status=dismissed', []],
    ['?creatorId=c-a1', ['k2', 'k3']],
    ['?creatorId=c-a1&status=upheld&agencyId=a1', ['k3']],
    ['?agencyId=a2', ['k5', 'k6']],
    ['?month=2026-03', ['k6']],
    ['?month=2026-02&agencyId=a2', ['k5']],
    ['?month=2026-02&status=upheld&sort=-filedAt', ['k4', 'k3', 'k1']],
  ])('asked for with "%s" are %j', async (query, expected) => {
    expect(await every(`/complaints${query}`, 'complaintId')).toEqual(expected);
  });

  it('share the state of their merge, and are open again once it is undone', async () => {
    const { current } = held;
    await current.given(['UnmergeComplaint', { complaintId: 'k3' }]);
    expect(await every('/complaints?status=open', 'complaintId')).toEqual(['k3', 'k4', 'k5', 'k6']);
    await current.given(['CloseComplaint', { complaintId: 'k4', outcome: 'dismissed' }]);
    await current.given(['CloseComplaint', { complaintId: 'k3', outcome: 'upheld' }]);
    expect(await every('/complaints?status=dismissed', 'complaintId')).toEqual(['k4']);
    expect(await every('/complaints?status=upheld', 'complaintId')).toEqual(['k1', 'k3']);
    for (const item of (await pageOf('/complaints')).items)
      expect((await current.get(`/complaints/${String(item['complaintId'])}`)).body).toMatchObject(
        item,
      );
  });
});

describe('sessions of an agency or a creator', () => {
  beforeAll(async () => {
    const { current } = held;
    const session = (
      sessionId: string,
      creatorId: string,
      date: string,
      hour: string,
    ): readonly [string, object] => [
      'RecordSession',
      {
        sessionId,
        creatorId,
        startedAt: `${date}T${hour}:00:00+08:00`,
        endedAt: `${date}T23:59:00+08:00`,
      },
    ];
    await current.given(
      session('s1', 'c-a1', '2026-01-10', '08'),
      session('s2', 'c2-a1', '2026-01-10', '08'),
      session('s3', 'c-a1', '2026-01-10', '20'),
      session('s4', 'c-a1', '2026-01-11', '08'),
      session('s5', 'c-a2', '2026-01-10', '09'),
      session('s6', 'c2-a1', '2026-01-10', '21'),
      [
        'UnbindCreator',
        { agencyId: 'a1', creatorId: 'c2-a1', effectiveAt: '2026-02-01T00:00:00+08:00' },
      ],
      [
        'BindCreator',
        { agencyId: 'a2', creatorId: 'c2-a1', effectiveAt: '2026-02-02T00:00:00+08:00' },
      ],
      session('s7', 'c2-a1', '2026-02-03', '08'),
      [
        'CorrectSession',
        {
          sessionId: 's6',
          startedAt: '2026-01-12T08:00:00+08:00',
          endedAt: '2026-01-12T09:00:00+08:00',
          reason: 'x',
        },
      ],
      ['VoidSession', { sessionId: 's3', reason: 'x' }],
    );
  });

  it.each([
    ['?agencyId=a1&date=2026-01-10', ['s1', 's2', 's3']],
    ['?agencyId=a1&date=2026-01-10&sort=-startedAt', ['s3', 's2', 's1']],
    ['?agencyId=a2&date=2026-01-10', ['s5']],
    [
      '?agencyId=a1&from=2026-01-10T08:00:00.001%2B08:00&to=2026-01-12T08:00:00.001%2B08:00',
      ['s3', 's4', 's6'],
    ],
    [
      '?agencyId=a1&from=2026-01-10T00:00:00%2B08:00&to=2026-01-12T08:00:00%2B08:00',
      ['s1', 's2', 's3', 's4'],
    ],
    ['?date=2026-01-10', ['s1', 's2', 's5', 's3']],
    ['?creatorId=c2-a1', ['s2', 's6', 's7']],
    ['?creatorId=c2-a1&sort=-startedAt', ['s7', 's6', 's2']],
    ['?creatorId=c2-a1&agencyId=a2', ['s7']],
    ['?creatorId=c2-a1&from=2026-01-11T00:00:00%2B08:00', ['s6', 's7']],
    ['?creatorId=nobody', []],
  ])('asked for with "%s" are %j', async (query, expected) => {
    expect(await every(`/sessions${query}`, 'sessionId')).toEqual(expected);
  });

  it('are listed as each answers for itself, as corrected and voided', async () => {
    const { items } = await pageOf(
      '/sessions?agencyId=a1&from=2026-01-01T00:00:00%2B08:00&to=2026-02-01T00:00:00%2B08:00',
    );
    expect(items).toHaveLength(5);
    for (const item of items) {
      const single = withoutMembers(
        (await held.current.get(`/sessions/${String(item['sessionId'])}`)).body,
        ...['knownAt', 'recordedAt', 'recordedBy', 'changes', 'findings'],
      );
      expect(item).toEqual(single);
    }
    expect(items.find(({ sessionId }) => sessionId === 's3')).toMatchObject({ voided: true });
  });

  it.each([
    '',
    '?agencyId=a1',
    '?agencyId=a1&from=2026-01-01T00:00:00Z',
    '?agencyId=a1&from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z',
    '?agencyId=a1&date=2026-01-10&from=2026-01-01T00:00:00Z',
    '?from=2026-01-01T00:00:00Z',
    '?agencyId=a1&date=2026-02-30',
    '?creatorId=c-a1&date=yesterday',
  ])('asked for with "%s" are refused, and it is said what to give', async (query) => {
    expect(await held.current.get(`/sessions${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid' },
    });
  });
});

describe('a list', () => {
  it.each([
    '/appeals?sort=balance',
    '/appeals?status=open',
    '/appeals?dueBefore=2026-02-08T12:00:00%2B08:00&dueWithinHours=3',
    '/appeals?effectiveAt=2026-02-08T12:00:00%2B08:00',
    '/deductions?status=open',
    '/appealable?before=soon',
    '/rulebooks?agencyId=a1',
    '/evidence?sha256=x',
    '/findings?severity=error',
    '/complaints?status=lapsed',
    '/complaints?month=2026-13',
    '/complaints?cursor=nonsense',
    `/complaints?cursor=${Buffer.from('["-filedAt","x","k1"]').toString('base64url')}`,
    `/complaints?cursor=${Buffer.from('null').toString('base64url')}`,
    '/appeals?limit=0',
    '/appeals?agencyId=a%2Fb',
  ])('refuses %s', async (path) => {
    expect(await held.current.get(path)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });

  /** Compares a list of more than two with the same list in pages of two. */
  async function comparePages(path: string, member: string): Promise<void> {
    const { current } = held;
    const as = current.tokens['administrator']!;
    const limited = `${path}${path.includes('?') ? '&' : '?'}limit=`;
    const { body } = await current.get(`${limited}1000`, { as });
    const complete = body[member] as unknown[];
    expect(complete.length).toBeGreaterThan(2);
    expect(body['next']).toBeUndefined();
    const found: unknown[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const { body: page } = await current.get(`${limited}2${cursor}`, { as });
      const items = page[member] as unknown[];
      expect([1, 2]).toContain(items.length);
      found.push(...items);
      next = page['next'] as string | undefined;
    }
    expect(found).toEqual(complete);
  }

  it.each([
    ['/agencies/a1/timeline', 'acts'],
    ['/agencies/a1/timeline?sort=revision', 'acts'],
    ['/agencies/a1/appeals', 'items'],
    ['/agencies/a1/complaints', 'items'],
    ['/keys', 'items'],
  ])('%s is the same in pages of two as in one', comparePages);

  it('/deadlines is the same in pages of two as in one', async () => {
    for (const [agencyId, n] of [
      ['a1', 7],
      ['a2', 8],
      ['a1', 9],
    ] as const)
      await held.current.given([
        'RecordDeduction',
        {
          deductionId: `d-${agencyId}-${n}`,
          agencyId,
          points: 1,
          clause: 'improper-operation',
          occurredAt: '2026-01-05T00:00:00+08:00',
        },
      ]);
    await comparePages('/deadlines', 'items');
  });

  it('has deductions, creators and rulebooks at (E, K), with instants in the zone', async () => {
    const { items: deductions } = await pageOf('/deductions?agencyId=a1&sort=points&limit=1');
    expect(deductions).toMatchObject([
      {
        ...{ deductionId: 'd-a1-1', points: 1, counts: 1, status: 'counts', appealState: 'lapsed' },
        occurredAt: '2026-01-05T00:00:00.000+08:00',
      },
    ]);
    const { items: open } = await pageOf('/appealable?agencyId=a1&status=already_appealed');
    expect(open.map(({ deductionId, appealId }) => [deductionId, appealId])).toEqual([
      ['d-a1-1', 'p-a1-1'],
      ['d-a1-2', 'p-a1-2'],
      ['d-a1-5', 'p-a1-5'],
      ['d-a1-6', 'p-a1-6'],
    ]);
    const bound = await every(
      '/creators?agencyId=a1&effectiveAt=2026-01-31T00:00:00%2B08:00',
      'creatorId',
    );
    expect(bound).toEqual(['c-a1', 'c2-a1']);
    expect(await every('/creators?agencyId=a1', 'creatorId')).toEqual(['c-a1']);
    const { items: rulebooks } = await pageOf('/rulebooks?effectiveAt=2019-01-01T00:00:00Z');
    expect(rulebooks.map(({ inForce }) => inForce)).toEqual([true, false]);
    const { items: deadlines } = await pageOf('/deadlines?limit=1');
    expect(deadlines[0]!['at']).toMatch(/\+08:00$/);
    expect(await pageOf('/appeals?knownAt=2026-02-03T10:00:00%2B08:00')).toMatchObject({
      items: [{ appealId: 'p-a1-1', state: 'initiated' }],
    });
  });

  it('of evidence has its title, for those who may see its subject', async () => {
    const { current } = held;
    const register = (evidenceId: string, kind: string, id: string): readonly [string, object] => [
      'RegisterEvidence',
      {
        ...{ evidenceId, subject: { kind, id }, title: `of ${id}`, mediaType: 'image/png' },
        sha256: '1'.repeat(64),
      },
    ];
    await current.given(
      register('e1', 'deduction', 'd-a1-1'),
      register('e2', 'deduction', 'd-a2-1'),
      register('e3', 'session', 's4'),
      register('e4', 'creator', 'c-a1'),
    );
    expect(await every('/evidence', 'title')).toEqual([
      'of d-a1-1',
      'of d-a2-1',
      'of s4',
      'of c-a1',
    ]);
    const { items } = await pageOf('/evidence', own);
    expect(items.map(({ evidenceId }) => evidenceId)).toEqual(['e1', 'e3']);
    expect(await current.get('/evidence?agencyId=nobody')).toMatchObject({ status: 404 });
  });

  it.each(['/agencies/a1/timeline', '/agencies/a1/appeals', '/deadlines', '/keys'])(
    '%s refuses a cursor that is none, and a limit beyond 1,000',
    async (path) => {
      const { current } = held;
      const as = current.tokens['administrator']!;
      for (const asked of ['cursor=x', 'limit=1001', 'limit=0'])
        expect((await current.get(`${path}?${asked}`, { as })).status).toBe(400);
    },
  );

  it('a cursor that somebody made up leads to no act and no appeal', async () => {
    const { current } = held;
    const cursorOf = (sort: string) =>
      Buffer.from(JSON.stringify([sort, 'x', 'y'])).toString('base64url');
    for (const sort of ['effect', 'revision']) {
      const asked = `sort=${sort}&cursor=${cursorOf(sort)}`;
      const acts = await current.get(`/agencies/a1/timeline?${asked}`);
      expect(acts).toMatchObject({ status: 200, body: { acts: [] } });
    }
    const appeals = await current.get(`/agencies/a1/appeals?cursor=${cursorOf('recorded')}`);
    expect(appeals).toMatchObject({ status: 200, body: { items: [] } });
  });

  it.each(['/appeals', '/complaints', '/sessions?creatorId=c-a1', '/findings', '/rulebooks'])(
    '%s has the same ETag until something changes in it, whatever the time is',
    async (path) => {
      const { current } = held;
      const first = await current.get(path);
      current.clock.at = new Date(Date.parse(current.clock.at) + 1).toISOString() as never;
      const headers = { 'if-none-match': first.headers.get('etag')! };
      expect(await current.get(path, { headers })).toMatchObject({ status: 304, text: '' });
    },
  );

  it('is an agency’s own for the role agency, whatever it asks for', async () => {
    const { current } = held;
    for (const path of [
      '/appeals',
      '/complaints',
      '/appeals?sort=due',
      '/sessions?creatorId=c2-a1',
      '/sessions?date=2026-01-10',
      '/deductions',
      '/appealable',
      '/creators',
      '/deadlines',
    ]) {
      const { items } = await pageOf(path, own);
      expect(items.length).toBeGreaterThan(0);
      expect(new Set(items.map(({ agencyId }) => agencyId))).toEqual(new Set(['a1']));
      const asked = await current.get(`${path}${path.includes('?') ? '&' : '?'}agencyId=a2`, {
        as: own,
      });
      expect(asked).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect((await pageOf('/sessions?creatorId=c-a2', own)).items).toEqual([]);
    expect((await current.get('/appeals', { as: current.tokens['ingest']! })).status).toBe(403);
  });

  it('waits for the position of a command', async () => {
    const { current } = held;
    const { body } = await current.command('WithdrawAppeal', { appealId: 'p-a2-4' });
    const { items } = await pageOf(`/appeals?status=withdrawn&atLeast=${String(body['position'])}`);
    expect(items.map(({ appealId }) => appealId)).toContain('p-a2-4');
  });
});
