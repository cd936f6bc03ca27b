import fc from 'fast-check';
import {
  lists,
  readList,
  type AnswerOf,
  type ListAnswer,
  type ListName,
} from '@penalty-ledger/application';
import { instantOf, epochMsOf, type Instant, type LedgerEvent } from '@penalty-ledger/ledger';
import { randomHistory } from '../oracle/random-history.js';
import { randomOperations } from '../oracle/random-operations.js';
import { TestLedger } from '../support/test-ledger.js';

type Item = Readonly<Record<string, unknown>>;
type Asked = Readonly<Record<string, unknown>>;

async function pageOf(ledger: TestLedger, name: ListName, asked: Asked): Promise<ListAnswer> {
  const read = readList(name, asked);
  if (read.problem !== undefined) throw new Error(read.problem.en);
  const page = await read.ask(ledger.reader);
  if ('error' in page) throw new Error(page.error);
  return page;
}

async function itemsOf(ledger: TestLedger, name: ListName, asked: Asked): Promise<Item[]> {
  const page = await pageOf(ledger, name, { ...asked, limit: 1_000 });
  expect(page.next).toBeUndefined();
  return page.items as Item[];
}

/** A list to its end, two items a page, doing something else between any two pages. */
async function inPages(
  ledger: TestLedger,
  name: ListName,
  asked: Asked,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await pageOf(ledger, name, {
      ...{ ...asked, limit: '2' },
      ...(cursor !== '' && { cursor }),
    });
    items.push(...(page.items as Item[]));
    cursor = page.next;
    await meanwhile();
  }
  return items;
}

const sorted = <T>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const without = (item: Item, ...fields: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !fields.includes(name)));

/** E and K of every list, without what its question has not: the outlook is as of now. */
function askedAt(name: ListName, at: { effectiveAt: Instant; knownAt: Instant }): Asked {
  const bounds = name === 'sessions' ? { creatorId: 'c1' } : {};
  const { fields } = lists[name];
  return {
    ...bounds,
    ...('effectiveAt' in fields && { effectiveAt: at.effectiveAt }),
    ...('knownAt' in fields && { knownAt: at.knownAt }),
  };
}

/** The events recorded at or before K, and the ids that were created in them. */
async function knownEvents(ledger: TestLedger, knownAt: Instant): Promise<LedgerEvent[]> {
  return (await ledger.events()).filter(({ recordedAt }) => recordedAt <= knownAt);
}

function idsIn(events: readonly LedgerEvent[], type: string, field: string): string[] {
  return events
    .filter((event) => event.type === type)
    .map(({ data }) => (data as unknown as Record<string, string>)[field]!);
}

/** Counts of compared items by list, so that a generator that makes none is noticed. */
const compared: Record<string, number> = {};

async function compare(
  ledger: TestLedger,
  at: { readonly effectiveAt: Instant; readonly knownAt: Instant },
): Promise<void> {
  const { knownAt } = at;
  const events = await knownEvents(ledger, knownAt);
  const agencies = idsIn(events, 'AgencyAdmitted', 'agencyId');
  const found = new Map<ListName, Item[]>();
  for (const name of Object.keys(lists) as ListName[]) {
    const items = await itemsOf(ledger, name, askedAt(name, at));
    found.set(name, items);
    compared[name] = (compared[name] ?? 0) + items.length;
    for (const sort of lists[name].sorts) {
      const asked = { ...askedAt(name, at), sort };
      if (name === 'appeals' && sort.endsWith('due')) continue;
      const pages = await inPages(ledger, name, asked);
      expect(pages).toEqual(await itemsOf(ledger, name, asked));
      expect(sorted(pages)).toEqual(sorted(items));
    }
    if (!('agencyId' in lists[name].fields) || name === 'sessions') continue;
    const each = await Promise.all(
      agencies.map((agencyId) => itemsOf(ledger, name, { ...askedAt(name, at), agencyId })),
    );
    const owned = items.filter((item) => item['agencyId'] !== null);
    if (name === 'evidence')
      for (const [index, agencyId] of agencies.entries())
        expect(each[index]).toEqual(items.filter((item) => ownerOf(item, events) === agencyId));
    else expect(sorted(each.flat())).toEqual(sorted(owned));
  }
  const balances = await Promise.all(
    agencies.map(
      async (agencyId) =>
        (await ledger.query({ query: 'balance', agencyId, ...at })) as AnswerOf<'balance'>,
    ),
  );
  const deductions = found.get('deductions')!;
  expect(
    sorted(deductions.map(({ deductionId, status, counts }) => ({ deductionId, status, counts }))),
  ).toEqual(
    sorted(
      balances.flatMap(({ lines, notCounted }) => [
        ...lines.map(({ deductionId, counts }) => ({ deductionId, status: 'counts', counts })),
        ...notCounted.map(({ deductionId, reason }) => ({
          ...{ deductionId, status: reason, counts: 0 },
        })),
      ]),
    ),
  );
  for (const balance of balances) {
    const { agencyId, lines } = balance;
    const counting = new Set(lines.map(({ deductionId }) => deductionId));
    const own = found.get('appealable')!.filter((item) => item['agencyId'] === agencyId);
    expect(
      own
        .filter(({ status, deductionId }) => status === 'open' && counting.has(String(deductionId)))
        .reduce((sum, { counts }) => sum + Number(counts), 0),
    ).toBe(balance.appealable);
    for (const item of own) {
      const whatIf = (await ledger.query({
        ...{ query: 'whatif', agencyId, ...at, without: [item['deductionId']] },
      })) as AnswerOf<'whatif'>;
      expect(item).toMatchObject({
        now: whatIf.recorded,
        ifUpheld: whatIf.whatif,
        changesAt: whatIf.partsAt,
      });
      const isOver = Date.parse(String(item['until'])) <= Date.parse(at.effectiveAt);
      if (item['status'] === 'open' || item['status'] === 'window_closed')
        expect(item['status'] === 'window_closed').toBe(isOver);
    }
  }
  expect(sorted(found.get('deadlines')!.map(({ uid }) => uid))).toEqual(
    sorted(
      (
        await Promise.all(
          agencies.map(async (agencyId) => {
            const all = await ledger.reader.deadlines({ agencyId, ...at });
            if ('error' in all) throw new Error(all.error);
            return all;
          }),
        )
      )
        .flat()
        .map(({ uid }) => uid),
    ),
  );
  const everyAgency = idsIn(await ledger.events(), 'AgencyAdmitted', 'agencyId');
  const outlooks = found.get('outlooks')!;
  expect(outlooks.map(({ agencyId }) => agencyId)).toEqual(everyAgency.sort());
  for (const item of outlooks) {
    const outlook = await ledger.query({ query: 'outlook', agencyId: item['agencyId'] });
    const { assessment, asOf, thresholds } = outlook as AnswerOf<'outlook'>;
    expect({ asOf, ...thresholds[0], ...assessment }).toMatchObject(without(item, 'agencyId'));
  }
  for (const [name, type, id] of [
    ['appeals', 'AppealInitiated', 'appealId'],
    ['complaints', 'ComplaintFiled', 'complaintId'],
  ] as const) {
    const items = found.get(name)!;
    expect(sorted(items.map((item) => item[id]))).toEqual(sorted(idsIn(events, type, id)));
    for (const item of items)
      expect(
        await ledger.query({ query: name.slice(0, -1), [id]: item[id], knownAt }),
      ).toMatchObject(without(item, 'due'));
  }
  const refused = idsIn(await ledger.events(), 'ErasureHeld', 'subject');
  expect(found.get('erasures')!.map(({ subject }) => subject)).toEqual(refused);
  const creators = [...new Set(idsIn(events, 'CreatorBound', 'creatorId'))];
  const sessions = (
    await Promise.all(
      creators.map((creatorId) => itemsOf(ledger, 'sessions', { creatorId, knownAt })),
    )
  ).flat();
  compared['sessions'] = (compared['sessions'] ?? 0) + sessions.length;
  expect(sorted(sessions.map(({ sessionId }) => sessionId))).toEqual(
    sorted(idsIn(events, 'SessionRecorded', 'sessionId')),
  );
  for (const item of sessions)
    expect(
      await ledger.query({ query: 'session', sessionId: item['sessionId'], knownAt }),
    ).toMatchObject(item);
  for (const date of new Set(sessions.map((item) => item['date'])))
    expect(sorted(await itemsOf(ledger, 'sessions', { date, knownAt }))).toEqual(
      sorted(sessions.filter((item) => item['date'] === date)),
    );
  expect(sorted(found.get('findings')!.map(({ code, detail }) => ({ code, detail })))).toEqual(
    sorted(
      events.flatMap(({ data }) => {
        const { findings = [] } = data as unknown as {
          findings?: { code: string; detail: string }[];
        };
        return findings.map(({ code, detail }) => ({ code, detail }));
      }),
    ),
  );
  expect(
    found.get('creators')!.map(({ agencyId, creatorId }) => ({ agencyId, creatorId })),
  ).toEqual(boundIn(events, at.effectiveAt));
  for (const item of found.get('evidence')!)
    expect(item).toMatchObject({ title: `about ${(item['subject'] as Item)['id'] as string}` });
  expect(found.get('evidence')!.map(({ evidenceId }) => evidenceId)).toEqual(
    idsIn(events, 'EvidenceRegistered', 'evidenceId').sort((a, b) => {
      const when = (id: string) =>
        events.find(({ data }) => (data as unknown as Item)['evidenceId'] === id)!.recordedAt;
      return when(a) === when(b) ? (a < b ? -1 : 1) : when(a) < when(b) ? -1 : 1;
    }),
  );
}

/** The agency of a piece of evidence's subject, from the events alone. */
function ownerOf({ subject }: Item, events: readonly LedgerEvent[]): unknown {
  const { kind, id } = subject as { kind: string; id: string };
  const created = {
    agency: 'AgencyAdmitted',
    appeal: 'AppealInitiated',
    complaint: 'ComplaintFiled',
    deduction: 'DeductionImposed',
    session: 'SessionRecorded',
  }[kind];
  return events
    .map(({ type, data }) => ({ type, data: data as unknown as Item }))
    .find(({ type, data }) => type === created && data[`${kind}Id`] === id)?.data['agencyId'];
}

/** Lines after each of which evidence about the record that it names is registered. */
function withEvidence(lines: readonly unknown[]): unknown[] {
  return lines.flatMap((line, index) => {
    const { at, data } = line as { at: string; data?: Item };
    const kind = ['session', 'complaint', 'appeal', 'deduction', 'agency'].find(
      (each) => typeof data?.[`${each}Id`] === 'string',
    );
    if (kind === undefined) return [line];
    const id = String(data![`${kind}Id`]);
    const evidenceId = `ev-${String(index)}`;
    const rest = { title: `about ${id}`, mediaType: 'image/png', sha256: '0'.repeat(64) };
    return [
      line,
      { at, command: 'RegisterEvidence', data: { evidenceId, subject: { kind, id }, ...rest } },
    ];
  });
}

/** Places a hold on each agency, and asks for an erasure that it refuses. */
async function refuseErasures(ledger: TestLedger): Promise<void> {
  for (const agencyId of idsIn(await ledger.events(), 'AgencyAdmitted', 'agencyId').sort()) {
    const subject = `agency:${agencyId}`;
    const data = { holdId: `h-${agencyId}`, subject, reason: 'x' };
    const placed = await ledger.apply({
      ...{ at: ledger.ledger.clock, by: 'officer-9', command: 'PlaceLegalHold', data },
    });
    expect(placed).toMatchObject({ status: 'accepted' });
    const refused = await ledger.ledger.erase({ subject }, 'admin-1', ledger.ledger.clock);
    expect(refused).toMatchObject({ code: 'legal_hold' });
  }
}

/** The creators bound at E, from the events alone, in the order of the list. */
function boundIn(events: readonly LedgerEvent[], effectiveAt: Instant): Item[] {
  const bound = new Map<string, string>();
  for (const { type, data, effectiveAt: from, recordedAt } of events) {
    const { creatorId, agencyId } = data as unknown as Record<string, string>;
    if ((from ?? recordedAt) > effectiveAt) continue;
    if (type === 'CreatorBound') bound.set(creatorId!, agencyId!);
    if (type === 'CreatorUnbound') bound.delete(creatorId!);
  }
  return [...bound]
    .map(([creatorId, agencyId]) => ({ agencyId, creatorId }))
    .sort((a, b) => (`${a.agencyId} ${a.creatorId}` < `${b.agencyId} ${b.creatorId}` ? -1 : 1));
}

const before = (instant: Instant): Instant => instantOf(epochMsOf(instant) - 1);

it.each<readonly [string, fc.Arbitrary<{ readonly lines: readonly unknown[] }>, number]>([
  ['of penalties', randomHistory('observer', { steps: 50, queries: 0 }), 5],
  ['of operations', randomOperations('observer', { steps: 50, queries: 0 }), 5],
])(
  'whatever happened %s, each list is at any (E, K) what its records say then',
  async (_, histories, numRuns) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.tuple(fc.nat(), fc.nat()), async ({ lines }, [forE, forK]) => {
        const ledger = await TestLedger.open('observer');
        for (const line of withEvidence(lines)) await ledger.apply(line);
        await refuseErasures(ledger);
        await ledger.finish();
        const instants = (await ledger.events()).map(({ recordedAt }) => recordedAt);
        const [first, last] = [instants[0]!, instants.at(-1)!];
        const at = (n: number) => instants[n % instants.length]!;
        for (const [effectiveAt, knownAt] of [
          [last, last],
          [at(forE), at(forK)],
          [last, before(at(forK))],
        ] as const)
          if (knownAt > first) await compare(ledger, { effectiveAt, knownAt });
        await ledger.close();
      }),
      { numRuns, seed: 20 },
    );
  },
  120_000,
);

it('the histories had something of everything', () => {
  for (const name of Object.keys(lists)) expect([name, compared[name]! > 0]).toEqual([name, true]);
});

it('pages at one K, read while events are added, are the list at that K', async () => {
  await fc.assert(
    fc.asyncProperty(randomHistory('observer', { steps: 60, queries: 0 }), async ({ lines }) => {
      const ledger = await TestLedger.open('observer');
      const all = withEvidence(lines);
      const half = Math.ceil(all.length / 2);
      for (const line of all.slice(0, half)) await ledger.apply(line);
      const at = before((await ledger.events()).at(-1)!.recordedAt);
      const rest = all.slice(half);
      const found = new Map<ListName, Item[]>();
      const names = (Object.keys(lists) as ListName[]).filter(
        (name) => name !== 'sessions' && 'knownAt' in lists[name].fields,
      );
      for (const name of names)
        found.set(
          name,
          await inPages(ledger, name, askedAt(name, { effectiveAt: at, knownAt: at }), async () => {
            const line = rest.shift();
            if (line !== undefined) await ledger.apply(line);
          }),
        );
      for (const line of rest) await ledger.apply(line);
      for (const name of names)
        expect(found.get(name)).toEqual(
          await itemsOf(ledger, name, askedAt(name, { effectiveAt: at, knownAt: at })),
        );
      await ledger.close();
    }),
    { numRuns: 6, seed: 21 },
  );
}, 60_000);
