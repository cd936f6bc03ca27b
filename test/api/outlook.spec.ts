import { testService } from './service.js';

const held = testService();
let ofA2: string;

beforeAll(async () => {
  const { current } = held;
  for (const agencyId of ['a1', 'a2', 'a3'])
    await current.given([
      'AdmitAgency',
      { agencyId, name: agencyId, effectiveAt: '2018-01-01T00:00:00+08:00' },
    ]);
  for (const creatorId of ['c1', 'c2', 'c3', 'c4', 'c5'])
    await current.given([
      'BindCreator',
      { agencyId: 'a1', creatorId, effectiveAt: '2026-01-02T00:00:00+08:00' },
    ]);
  ofA2 = await current.issue(['agency'], 'a2');
});

interface Page {
  readonly items: readonly { readonly agencyId: string; readonly prospect: string }[];
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

it('lists all agencies in short, in pages', async () => {
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await held.current.get(`/outlook?limit=2${cursor}`);
    const { items, next } = body as unknown as Page;
    seen.push(...items.map(({ agencyId }) => agencyId));
    if (next === undefined) break;
    cursor = `&cursor=${next}`;
  }
  expect(seen).toEqual(['a1', 'a2', 'a3']);
  const left = await held.current.get('/outlook?sort=-actBefore&limit=1');
  // Both need creators, or more sessions, before the same instant: the ids decide.
  expect((left.body as unknown as Page).items.map(({ agencyId }) => agencyId)).toEqual(['a3']);
  const { body } = await held.current.get('/outlook?prospect=passing');
  expect(body).toEqual({ items: [] });
  expect(await held.current.get('/outlook?prospect=good')).toMatchObject({
    status: 400,
    body: { code: 'invalid' },
  });
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
