import { testService } from './service.js';

const held = testService();
let ofA2: string;

beforeAll(async () => {
  const { current } = held;
  // Newcomers are not assessed: a2 has no last moment to act.
  for (const [agencyId, admitted] of [
    ['a1', '2018-01-01'],
    ['a2', '2026-01-15'],
    ['a3', '2018-01-01'],
  ] as const)
    await current.given([
      'AdmitAgency',
      { agencyId, name: agencyId, effectiveAt: `${admitted}T00:00:00+08:00` },
    ]);
  for (const [index, agencyId] of [
    ...Array<string>(5).fill('a1'),
    ...Array<string>(5).fill('a3'),
  ].entries())
    await current.given([
      'BindCreator',
      { agencyId, creatorId: `c${String(index)}`, effectiveAt: '2026-01-02T00:00:00+08:00' },
    ]);
  // Four of a3 lack nine sessions, and all of a1 ten: a1 has to begin earlier.
  for (const creator of ['5', '6', '7', '8'])
    await current.given([
      'RecordSession',
      {
        sessionId: `s${creator}`,
        creatorId: `c${creator}`,
        startedAt: '2026-02-03T20:00:00+08:00',
        endedAt: '2026-02-03T20:30:00+08:00',
      },
    ]);
  for (const [deductionId, agencyId, points] of [
    ['d1', 'a2', 120],
    ['d2', 'a2', 20],
    ['d3', 'a3', 40],
  ] as const)
    await current.given([
      'RecordDeduction',
      {
        ...{ deductionId, agencyId, points, clause: 'improper-operation' },
        occurredAt: '2026-02-02T10:00:00+08:00',
      },
    ]);
  ofA2 = await current.issue(['agency'], 'a2');
});

interface Page {
  readonly items: readonly {
    readonly agencyId: string;
    readonly actBefore: string | null;
    readonly left: number;
  }[];
  readonly next?: string;
}

it('says what an agency can still do, each figure with its rule and parameters', async () => {
  const { status, body } = await held.current.get('/agencies/a1/outlook');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    agencyId: 'a1',
    assessment: {
      rule: 'rules §6',
      active: 0,
      base: 5,
      missingActive: 4,
      unbinding: { deadAccounts: 5, passesWithout: null },
    },
    thresholds: [{ rule: 'rules §5', left: 120 }],
    reset: { rule: 'rules §4' },
    windows: [],
  });
});

/** The ids of a list, in pages of so many. */
async function listed(limit: number, sort = ''): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await held.current.get(`/outlook?limit=${String(limit)}${sort}${cursor}`);
    const { items, next } = body as unknown as Page;
    seen.push(...items.map(({ agencyId }) => agencyId));
    if (next === undefined) return seen;
    cursor = `&cursor=${next}`;
  }
}

it('lists all agencies in short, in pages', async () => {
  expect(await listed(2)).toEqual(['a1', 'a2', 'a3']);
  const { body } = await held.current.get('/outlook?prospect=passing');
  expect(body).toEqual({ items: [] });
  expect(await held.current.get('/outlook?prospect=good')).toMatchObject({
    status: 400,
    body: { code: 'invalid' },
  });
});

it('sorts by the last moment to act and by the points left, below 0 too, over pages', async () => {
  const { body } = await held.current.get('/outlook');
  const { items } = body as unknown as Page;
  expect(items.map(({ actBefore, left }) => [actBefore, left])).toEqual([
    ['2026-02-28T19:30:00.000+08:00', 120],
    [null, -20],
    ['2026-02-28T20:00:00.000+08:00', 80],
  ]);
  for (const [sort, ids] of [
    ['actBefore', ['a1', 'a3', 'a2']],
    ['left', ['a2', 'a3', 'a1']],
  ] as const) {
    expect(await listed(1, `&sort=${sort}`)).toEqual(ids);
    expect(await listed(1, `&sort=-${sort}`)).toEqual(ids.toReversed());
  }
});

it('shows an agency its own outlook alone', async () => {
  const { current } = held;
  expect((await current.get('/agencies/a2/outlook', { as: ofA2 })).status).toBe(200);
  expect((await current.get('/agencies/a1/outlook', { as: ofA2 })).status).toBe(403);
  expect((await current.get('/outlook', { as: ofA2 })).status).toBe(403);
});

it('puts the last moment to act into the calendar, while the month can still pass', async () => {
  const { text } = await held.current.get('/deadlines.ics?agencyId=a1');
  expect(text).toMatch(/^UID:assessment_month\/a1\/\d{4}-\d\d@/m);
  expect(text).toMatch(/^DTEND:\d{6}(?:28|29|30|31)T113000Z/m);
});
