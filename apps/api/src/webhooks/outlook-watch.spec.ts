import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeyStore, type MonthDeadline } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { Webhooks, WebhookSecrets, type Webhook } from '@penalty-ledger/application/webhooks';
import { LedgerZone, plusHours, type Instant } from '@penalty-ledger/ledger';
import type { AgencyWatch } from './agency-watch.js';
import { outlookMessage } from './message.js';
import { outlookWatch } from './outlook-watch.js';

const start = '2026-02-10T00:00:00.000Z' as Instant;
const end = '2026-02-28T16:00:00.000Z' as Instant;
const zone = new LedgerZone('Asia/Shanghai', 'test');

const keys = KeyStore.open(':memory:');
const secrets = new WebhookSecrets(() => keys);

let now: Instant;
let file: AccessFile;
let webhooks: Webhooks;
let errors: unknown[];
/** The months of agencies; `reads` names an agency each time it is read. */
let months: Map<string, MonthDeadline | Error | undefined>;
let reads: string[];
let watch: AgencyWatch<MonthDeadline>;

beforeEach(() => {
  [now, errors, reads] = [start, [], []];
  months = new Map();
  file = AccessFile.open(':memory:');
  webhooks = new Webhooks(file, { secrets });
  const markOf = (agencyId: string) => ({ agencyId, events: 1, lastRecordedAt: start });
  watch = outlookWatch({
    source: {
      refresh: () => Promise.resolve(),
      rulebookEvents: () => Promise.resolve(1),
      agencies: (after, limit) =>
        [...months.keys()]
          .sort()
          .filter((agencyId) => agencyId > after)
          .slice(0, limit)
          .map(markOf),
      agency: (agencyId) => (months.has(agencyId) ? markOf(agencyId) : undefined),
      itemsOf: (agencyId) => {
        reads.push(agencyId);
        const month = months.get(agencyId);
        return month instanceof Error
          ? Promise.reject(month)
          : Promise.resolve(month === undefined ? [] : [month]);
      },
    },
    notified: webhooks.notified,
    clock: { now: () => now },
    onError: (error) => void errors.push(error),
  });
});

afterEach(async () => {
  await watch.stop();
  file.close();
});

const subscribe = (agencyId?: string): Webhook =>
  webhooks.add(
    {
      url: 'https://hooks.example.com/',
      outlook: { withinHours: 72 },
      ...(agencyId !== undefined && { agencyId }),
    },
    undefined,
    now,
  ).webhook;

/** A month as its outlook has it; only what the message shows beside it is of one kind. */
function month(
  agencyId: string,
  prospect: MonthDeadline['prospect'],
  at: Instant | undefined,
): MonthDeadline {
  const figures = {
    ...{ asOf: zone.format(now), rule: 'rules §6', month: '2026-02', endsAt: zone.format(end) },
    ...{ prospect, verdict: 'failed', reasons: ['activity'], base: 5, active: 0, rate: 70 },
    ...{ activeTimes100: 0, rateTimesBase: 350, headcountMin: 5, minSessions: 10 },
    ...{ sessionMinutes: 30, anyTime: { base: 5, active: 0 }, alternative: null },
    ...{ missingActive: 4, missingCreators: 0, streamBefore: null, possibleBefore: null },
    actBefore: at === undefined ? null : zone.format(at),
    ...{ parameters: [], assumptions: [] },
    rulebook: { id: 'ali-mcn', rulebookVersion: '2019-03-07', sha256: '0'.repeat(64) },
  } as unknown as MonthDeadline['figures'];
  return { agencyId, month: '2026-02', prospect, asOf: now, at, endsAt: end, figures };
}

/** One look, to its end. */
async function look(): Promise<void> {
  const { looks } = watch;
  watch.refresh(webhooks.list());
  // A page of agencies, and the end.
  for (let turn = 0; watch.looks < looks + (months.size === 0 ? 1 : 2); turn += 1) {
    if (turn > 10_000) throw new Error('the look did not end');
    await nextTurn();
  }
}

it('reads every agency again after ten minutes, also when nothing was recorded of it', async () => {
  months.set('a1', month('a1', 'within_reach', plusHours(now, 73)));
  const hook = subscribe();
  await look();
  expect(await watch.dueTo(hook, 100)).toEqual([]);
  now = plusHours(now, 1);
  await look();
  expect((await watch.dueTo(hook, 100)).map(({ agencyId }) => agencyId)).toEqual(['a1']);
  // Once a look, and once before it is notified.
  expect(reads).toEqual(['a1', 'a1', 'a1']);
  watch.refresh(webhooks.list());
  await nextTurn();
  expect(reads).toHaveLength(3);
});

it('notifies of what is so at the attempt, and not what was at the last look', async () => {
  months.set('a1', month('a1', 'within_reach', plusHours(now, 2)));
  months.set('a2', month('a2', 'out_of_reach', undefined));
  months.set('a3', month('a3', 'needs_creators', plusHours(now, 1)));
  const hook = subscribe();
  await look();
  months.set('a3', undefined);
  months.set('a2', new Error('damaged'));
  expect((await watch.dueTo(hook, 100)).map(({ agencyId }) => agencyId)).toEqual(['a1']);
  expect(errors).toHaveLength(1);
  now = end;
  expect(await watch.dueTo(hook, 100)).toEqual([]);
});

it('notifies of a month once a kind, however its instants move', async () => {
  months.set('a1', month('a1', 'within_reach', plusHours(now, 2)));
  const hook = subscribe('a1');
  const next = async (): Promise<readonly string[]> => {
    const due = await watch.dueTo(hook, 100);
    const notified = due.map((each) => watch.noteOf(each));
    webhooks.noteDelivered(hook.id, { notified }, now);
    return notified.map(({ uid }) => uid);
  };
  await look();
  expect(await next()).toEqual(['may_not_pass/a1/2026-02']);
  months.set('a1', month('a1', 'needs_creators', plusHours(now, 3)));
  now = plusHours(now, 1);
  await look();
  expect(await next()).toEqual([]);
  months.set('a1', month('a1', 'out_of_reach', undefined));
  now = plusHours(now, 1);
  await look();
  expect(await next()).toEqual(['cannot_pass/a1/2026-02']);
  expect(await next()).toEqual([]);
  now = end;
  await look();
  expect([...webhooks.notified.notifiedTo(hook.id)]).toEqual([]);
});

it('repeats a message under its id with the figures of the attempt; a simulation says so', () => {
  const origin = { ledgerId: 'test', simulation: true, zone };
  const message = () =>
    outlookMessage({ id: 'w' }, [month('a1', 'out_of_reach', undefined)], origin);
  const first = message()!;
  now = plusHours(now, 1);
  const second = message()!;
  expect(second.id).toBe(first.id);
  const { timestamp, data } = JSON.parse(second.body) as { timestamp: string; data: object };
  expect(timestamp).toBe(now);
  expect(data).toMatchObject({
    ledgerId: 'test',
    simulation: true,
    months: [{ uid: 'cannot_pass/a1/2026-02@test', kind: 'cannot_pass', actBefore: null }],
  });
});

it('lets the service answer between any two of many agencies', async () => {
  for (let n = 0; n < 1_000; n += 1) months.set(`a${n}`, month(`a${n}`, 'out_of_reach', undefined));
  const hook = subscribe();
  let turns = 0;
  const { looks } = watch;
  watch.refresh(webhooks.list());
  // Two pages, and the end.
  for (; watch.looks < looks + 3; turns += 1) await nextTurn();
  expect(reads).toHaveLength(1_000);
  expect(turns).toBeGreaterThanOrEqual(1_000);
  expect(await watch.dueTo(hook, 100)).toHaveLength(100);
});
