import { readCursor } from '@penalty-ledger/application';
import { isEventOf } from '@penalty-ledger/ledger';
import fc from 'fast-check';
import { ShuffledEventStore } from '../support/shuffled-store.js';
import { TestLedger } from '../support/test-ledger.js';

const at = '2019-05-02T10:00:00+08:00';
const line = (command: string, data: object) => ({ at, by: 'officer-1', command, data });
const hour = (hours: number) => new Date(Date.UTC(2019, 2, 20, hours)).toISOString();
const agency = (agencyId: string) =>
  line('AdmitAgency', { agencyId, name: agencyId, effectiveAt: '2018-01-01T00:00:00+08:00' });

/** The creator c1 moves on 1 April: its sessions are in streams of two agencies and two months. */
const roster = [
  agency('a1'),
  agency('a2'),
  line('BindCreator', { agencyId: 'a1', creatorId: 'c1', effectiveAt: hour(0) }),
  line('UnbindCreator', { agencyId: 'a1', creatorId: 'c1', effectiveAt: hour(290) }),
  line('BindCreator', { agencyId: 'a2', creatorId: 'c1', effectiveAt: hour(290) }),
  line('BindCreator', { agencyId: 'a2', creatorId: 'c2', effectiveAt: hour(0) }),
];

interface Act {
  readonly kind: 'correct' | 'record' | 'void';
  readonly creatorId: string;
  readonly target: number;
  readonly from: number;
  readonly hours: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('record', 'record', 'record', 'record', 'correct', 'void'),
  creatorId: fc.constantFrom('c1', 'c1', 'c1', 'c2'),
  target: fc.nat(30),
  from: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 270, max: 310 })),
  hours: fc.constantFrom(1, 1, 2, 5, 23, 24, 25, 100),
});

/** A session that is compared with every other. */
interface Known {
  readonly sessionId: string;
  readonly creatorId: string;
  from: number;
  to: number;
  isVoid: boolean;
  /** The sessions that each of its events names. */
  readonly named: (readonly string[])[];
}

function overlapping(one: Known, known: readonly Known[]): string[] {
  return known
    .filter(
      (other) =>
        other !== one &&
        !other.isVoid &&
        other.creatorId === one.creatorId &&
        other.from < one.to &&
        one.from < other.to,
    )
    .sort((a, b) => a.from - b.from || (a.sessionId < b.sessionId ? -1 : 1))
    .map(({ sessionId }) => sessionId);
}

/** The commands of acts, and what is to be found of each. */
function linesOf(acts: readonly Act[]) {
  const known: Known[] = [];
  const lines = acts.map(({ kind, creatorId, target, from, hours }) => {
    const to = from + hours;
    const times = { startedAt: hour(from), endedAt: hour(to) };
    const one = known[target % Math.max(known.length, 1)];
    if (kind === 'record' || one === undefined) {
      const sessionId = `s${String(known.length)}`;
      const recorded = { sessionId, creatorId, from, to, isVoid: false, named: [] };
      known.push(recorded);
      return judged(recorded, line('RecordSession', { sessionId, creatorId, ...times }));
    }
    const { sessionId } = one;
    if (kind === 'void') {
      const code = one.isVoid ? 'already_void' : null;
      one.isVoid = true;
      return { sent: line('VoidSession', { sessionId, reason: 'twice' }), code, findings: [] };
    }
    Object.assign(one, { from, to });
    return judged(one, line('CorrectSession', { sessionId, reason: 'late', ...times }));
  });
  function judged(one: Known, sent: object) {
    const others = one.isVoid ? [] : overlapping(one, known);
    one.named.push(others.slice(0, 3));
    return { sent, code: null, findings: others.length > 0 ? ['overlapping_sessions'] : [] };
  }
  return { known, lines };
}

it('whatever comes together, a finding names those that comparing all sessions finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(1, 4, 1000),
      async (acts, together) => {
        const ledger = await TestLedger.open('observer');
        await ledger.applyTogether(roster);
        const { known, lines } = linesOf(acts);
        for (let from = 0; from < lines.length; from += together) {
          const batch = lines.slice(from, from + together);
          const outcomes = await ledger.applyTogether(batch.map(({ sent }) => sent));
          expect(
            batch.map(({ sent }, index) => {
              const { code, findings } = outcomes[index]!;
              return { sent, code, findings };
            }),
          ).toEqual(batch);
        }
        await ledger.check();
        const events = await ledger.events();
        const named = (sessionId: string) =>
          events
            .filter(
              (event) =>
                isEventOf('SessionRecorded', event) || isEventOf('SessionCorrected', event),
            )
            .filter(({ data }) => data.sessionId === sessionId)
            .map(({ data: { findings = [] } }) =>
              findings.flatMap(({ detail }) =>
                [...detail.en.matchAll(/"(s\d+)"/g)].map(([, id]) => id),
              ),
            );
        for (const one of known) expect(named(one.sessionId)).toEqual(one.named);
        await ledger.close();
      },
    ),
    { numRuns: 60 },
  );
}, 300_000);

it('an agency’s list of findings has those of its own sessions, page by page', async () => {
  const ledger = await TestLedger.open('observer');
  const times = [100, 101, 100].map((from) => ({ startedAt: hour(from), endedAt: hour(102) }));
  const bound = (creatorId: string, agencyId: string) =>
    line('BindCreator', { agencyId, creatorId, effectiveAt: hour(0) });
  const outcomes = await ledger.applyTogether([
    ...['a1', 'a1-2019', 'a10'].map(agency),
    ...[bound('c1', 'a1'), bound('c2', 'a1-2019'), bound('c3', 'a10')],
    ...['c1', 'c2', 'c3'].flatMap((creatorId) =>
      times.map((each, index) =>
        line('RecordSession', { sessionId: `${creatorId}-${String(index)}`, creatorId, ...each }),
      ),
    ),
    line('RecordDeduction', {
      ...{ deductionId: 'd1', agencyId: 'a1', points: 7, clause: 'operating-metric-missed' },
      occurredAt: hour(0),
    }),
  ]);
  expect(outcomes.every(({ status }) => status === 'accepted')).toBe(true);
  await ledger.ledger.settle();
  const found: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await ledger.reader.findings({
      ...{ agencyId: 'a1', limit: 1 },
      ...(cursor !== '' && { after: readCursor(cursor, 'stream') }),
    });
    found.push(...page.items.map(({ stream, code }) => `${stream} ${code}`));
    cursor = page.next;
  }
  expect(found).toEqual([
    'agency-a1 tariff_mismatch',
    'session-a1-2019-03 overlapping_sessions',
    'session-a1-2019-03 overlapping_sessions',
  ]);
  await ledger.close();
});

it('a session is stored after the one it overlaps, where both were decided together', async () => {
  for (const draw of [0, 0.99]) {
    const ledger = await TestLedger.open('observer', new ShuffledEventStore(() => draw));
    await ledger.applyTogether(roster);
    const [march, april] = [279, 281].map((from) => ({
      startedAt: hour(from),
      endedAt: hour(290),
    }));
    for (const [first, second] of [
      [march, april],
      [april, march],
    ])
      await ledger.applyTogether(
        [first, second].map((times, index) =>
          line('RecordSession', {
            sessionId: `${String(first === march)}-${String(index)}`,
            creatorId: first === march ? 'c1' : 'c2',
            ...times,
          }),
        ),
      );
    await ledger.ledger.settle();
    const stored = (await ledger.events()).flatMap((event) =>
      isEventOf('SessionRecorded', event) ? [event.data.sessionId] : [],
    );
    expect(stored).toEqual(['true-0', 'true-1', 'false-0', 'false-1']);
    await ledger.close();
  }
});
