import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  readCursor,
  type ListPage,
  type PageQuery,
  type QueryError,
} from '@penalty-ledger/application';
import { randomHistory } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { TestLedger } from '../support/test-ledger.js';
import { withoutMembers } from '../support/without-members.js';

/** The members of an answer to one appeal that an item of a list has not. */
const membersOfOneAppeal = [
  ...['knownAt', 'initiatedBy', 'grounds', 'evidenceSubmittedBy', 'items', 'withdrawal'],
  ...['decision', 'clocks'],
];

/** A list in one order to its end, three items a page. */
async function everyItem<Item, Sort extends string>(
  sort: Sort,
  page: (at: PageQuery<Sort>) => Promise<ListPage<Item> | QueryError>,
): Promise<Item[]> {
  const items: Item[] = [];
  let found = await page({ sort, limit: 3 });
  for (;;) {
    if ('error' in found) throw new Error(found.error);
    items.push(...found.items);
    if (found.next === undefined) return items;
    found = await page({ sort, limit: 3, after: readCursor(found.next, sort) });
  }
}

/** Returns a field of the data of every event of a type, in order. */
async function recorded(ledger: TestLedger, type: string, field: string): Promise<string[]> {
  const events = await ledger.events();
  return events
    .filter((event) => event.type === type)
    .map(({ data }) => (data as Record<string, string>)[field]!);
}

/** Complaints about one agency, merged, closed and unmerged in any order, also where refused. */
const complaintIds = fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5');
const ofComplaints = fc
  .array(
    fc.oneof(
      fc.record({
        command: fc.constant('MergeComplaints'),
        data: fc.record({ into: complaintIds, from: fc.tuple(complaintIds) }),
      }),
      fc.record({
        command: fc.constant('UnmergeComplaint'),
        data: fc.record({ complaintId: complaintIds }),
      }),
      fc.record({
        command: fc.constant('CloseComplaint'),
        data: fc.record({
          complaintId: complaintIds,
          outcome: fc.constantFrom('upheld', 'dismissed', 'withdrawn'),
        }),
      }),
    ),
    { maxLength: 10, size: 'max' },
  )
  .map((acts) => ({
    lines: [
      { command: 'AdmitAgency', data: { agencyId: 'a1', name: 'x' } },
      ...['k1', 'k2', 'k3', 'k4', 'k5'].map((complaintId) => ({
        command: 'FileComplaint',
        data: {
          complaintId,
          agencyId: 'a1',
          complainant: { kind: 'consumer' },
          occurredAt: '2019-01-01T00:00:00Z',
          subject: 's',
        },
      })),
      ...acts,
    ].map((line) => ({ at: '2019-02-01T00:00:00Z', ...line })),
  }));

/** Counts of compared items by kind, so that a generator that makes none is noticed. */
const compared = { appeals: 0, complaints: 0, merged: 0, sessions: 0 };

async function compare(ledger: TestLedger): Promise<void> {
  const { reader } = ledger;
  const appeals = await everyItem('initiatedAt', (at) => reader.appeals(at));
  expect(appeals.map(({ appealId }) => appealId).sort()).toEqual(
    (await recorded(ledger, 'AppealInitiated', 'appealId')).sort(),
  );
  for (const { due, ...item } of appeals) {
    const single = (await ledger.query({
      query: 'appeal',
      appealId: item.appealId,
    })) as Readonly<Record<string, unknown>>;
    expect(item).toEqual(withoutMembers(single, ...membersOfOneAppeal));
    expect(due === null).toBe(item.state !== 'initiated' && item.state !== 'evidence_submitted');
    expect(
      (await everyItem('initiatedAt', (at) => reader.appeals({ ...at, state: item.state }))).map(
        ({ appealId }) => appealId,
      ),
    ).toContain(item.appealId);
  }
  expect(
    (await everyItem('due', (at) => reader.appeals(at))).map(({ appealId }) => appealId).sort(),
  ).toEqual(
    appeals
      .filter(({ due }) => due !== null)
      .map(({ appealId }) => appealId)
      .sort(),
  );
  const complaints = await everyItem('filedAt', (at) => reader.complaints(at));
  expect(complaints.map(({ complaintId }) => complaintId).sort()).toEqual(
    (await recorded(ledger, 'ComplaintFiled', 'complaintId')).sort(),
  );
  for (const item of complaints)
    expect(await ledger.query({ query: 'complaint', complaintId: item.complaintId })).toMatchObject(
      item,
    );
  const agencies = [...new Set(await recorded(ledger, 'AgencyAdmitted', 'agencyId'))];
  const sessions = (
    await Promise.all(
      agencies.map((agencyId) =>
        everyItem('startedAt', (at) => reader.sessions({ ...at, agencyId })),
      ),
    )
  ).flat();
  expect(sessions.map(({ sessionId }) => sessionId).sort()).toEqual(
    (await recorded(ledger, 'SessionRecorded', 'sessionId')).sort(),
  );
  for (const item of sessions)
    expect(await ledger.query({ query: 'session', sessionId: item.sessionId })).toMatchObject(item);
  compared.appeals += appeals.length;
  compared.complaints += complaints.length;
  compared.merged += complaints.filter(({ mergedInto }) => mergedInto !== null).length;
  compared.sessions += sessions.length;
}

it.each<readonly [string, fc.Arbitrary<{ readonly lines: readonly unknown[] }>, number]>([
  ['of complaints', ofComplaints, 60],
  ['of penalties', randomHistory('observer', { steps: 60, queries: 0 }), 6],
  ['of operations', randomOperations('observer', { steps: 60, queries: 0 }), 6],
])(
  'whatever happened %s, lists have everything once, as each answers for itself',
  async (_, histories, numRuns) => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ lines }) => {
        const ledger = await TestLedger.open('observer');
        for (const line of lines) await ledger.apply(line);
        await ledger.finish();
        await compare(ledger);
        await ledger.close();
      }),
      { numRuns, seed: 11 },
    );
  },
  60_000,
);

it('the histories had something of everything', () => {
  for (const count of Object.values(compared)) expect(count).toBeGreaterThan(5);
});

it.each<readonly [string, (ledger: TestLedger) => Promise<unknown>]>([
  ['list', ({ reader }) => reader.outlooks({ sort: 'left', limit: 1 })],
  ['calendar', ({ reader }) => reader.monthDeadlines({})],
])('others are served between any two agencies of a %s of outlooks', async (_, ask) => {
  const ledger = await TestLedger.open('observer');
  for (let n = 0; n < 30; n += 1)
    await ledger.apply({
      at: '2019-01-02T10:00:00+08:00',
      command: 'AdmitAgency',
      data: { agencyId: `a${n}`, name: '甲', effectiveAt: '2018-01-01T00:00:00+08:00' },
    });
  await ledger.finish();
  let turns = 0;
  let isOver = false;
  const answered = ask(ledger).then(() => {
    isOver = true;
  });
  const isAnswered = (): boolean => isOver;
  for (; !isAnswered(); turns += 1) await nextTurn();
  await answered;
  expect(turns).toBeGreaterThanOrEqual(30);
  await ledger.close();
});
