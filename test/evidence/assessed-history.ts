import {
  agency,
  assessment,
  creator,
  creatorStream,
  endOfTime,
  eventIn,
  LedgerZone,
  readEvent,
  rulebooks,
  session,
  sessionsStream,
  type AssessedCreator,
  type CreatorHistory,
  type EventEnvelope,
  type Session,
} from '@penalty-ledger/ledger';
import { withAct } from './dishonest.js';
import { rechained } from './forging.js';

/** The month that `d4` of `appeal-history.ts` rests on. */
export const month = '2019-05';

const creators = ['c1', 'c2', 'c3', 'c4', 'c5'];

/** The streams that the assessments of the month rest on. */
export const assessed = {
  months: [month],
  streams: [
    sessionsStream('a1', '2019-04'),
    sessionsStream('a1', month),
    ...creators.map(creatorStream),
  ],
};

/**
 * Adds a month to the events of `appeal-history.ts`: five creators, of whom two have ten effective
 * sessions; one that runs into the month and overlaps; one that is corrected between two
 * assessments; and one that is void.
 */
export function withAssessedMonth(bodies: readonly string[]): string[] {
  let all = creators.reduce<string[]>(
    (before, creatorId, at) =>
      withAct(before, {
        command: 'BindCreator',
        id: `bind-${creatorId}`,
        recordedAt: december(at),
        stream: creatorStream(creatorId),
        events: [
          {
            type: 'CreatorBound',
            data: { agencyId: 'a1', creatorId },
            effectiveAt: '2019-01-06T02:00:00.000Z',
          },
        ],
      }),
    [...bodies],
  );
  all = withAct(all, {
    command: 'GrantExposureRight',
    id: 'grant-c1',
    recordedAt: december(9),
    stream: creatorStream('c1'),
    events: [
      {
        type: 'ExposureRightGranted',
        data: { creatorId: 'c1' },
        effectiveAt: '2019-01-07T02:00:00.000Z',
      },
    ],
  });
  const late = { startedAt: '2019-04-30T15:30:00.000Z', endedAt: '2019-04-30T17:00:00.000Z' };
  all = withSession(all, 's-late', 'c1', late, '2019-04');
  const early = { startedAt: '2019-04-30T16:30:00.000Z', endedAt: '2019-04-30T17:30:00.000Z' };
  all = withSession(all, 's-early', 'c1', early);
  for (let day = 1; day <= 10; day += 1)
    for (const creatorId of ['c1', 'c2'])
      all = withSession(all, `s-${creatorId}-${day}`, creatorId, spanOn(day));
  const short = { startedAt: '2019-05-12T04:00:00.000Z', endedAt: '2019-05-12T04:29:59.999Z' };
  all = withSession(all, 's-short', 'c3', short);
  all = withSession(all, 's-void', 'c3', spanOn(13));
  all = withSessionEvent(all, 'SessionVoided', { sessionId: 's-void' });
  all = withAssessment(all, 'assess-1');
  const corrected = { creatorId: 'c3', corrected: ['endedAt'], ...short };
  all = withSessionEvent(all, 'SessionCorrected', {
    ...corrected,
    endedAt: '2019-05-12T04:30:00.000Z',
    sessionId: 's-short',
  });
  return withAssessment(all, 'assess-2');
}

/** Returns the same events with the last assessment saying something else of itself. */
export function assessedOtherwise(
  bodies: readonly string[],
  change: (body: string) => string,
): string[] {
  const last = bodies.findLastIndex((body) => body.includes('"type":"AssessmentComputed"'));
  return rechained(
    bodies.map((body, at) => (at === last ? change(body) : body)),
    'agency-a1',
  );
}

function december(minute: number): string {
  return `2019-12-28T02:${String(minute).padStart(2, '0')}:00.000Z`;
}

function spanOn(day: number): { readonly startedAt: string; readonly endedAt: string } {
  const date = `2019-05-${String(day).padStart(2, '0')}`;
  return { startedAt: `${date}T04:00:00.000Z`, endedAt: `${date}T05:00:00.000Z` };
}

function withSession(
  bodies: readonly string[],
  sessionId: string,
  creatorId: string,
  span: object,
  of = month,
): string[] {
  return withSessionEvent(bodies, 'SessionRecorded', { creatorId, sessionId, ...span }, of);
}

function withSessionEvent(
  bodies: readonly string[],
  type: string,
  data: { readonly sessionId: string } & Readonly<Record<string, unknown>>,
  of = month,
): string[] {
  return withAct(bodies, {
    command: type,
    id: `${type}/${data.sessionId}`,
    recordedAt: december(20),
    stream: sessionsStream('a1', of),
    events: [{ type, data: { agencyId: 'a1', ...data } }],
  });
}

/** Appends what the ledger computes of the month from these events. */
function withAssessment(bodies: readonly string[], id: string): string[] {
  let history = agency.emptyHistory();
  let register = rulebooks.empty;
  const known = new Map<string, CreatorHistory>();
  const sessions = new Map<string, Session>();
  for (const body of bodies) {
    const event = readEvent({ body });
    if (event.stream === 'agency-a1') history = agency.evolve(history, eventIn('agency', event));
    if (event.stream === 'rulebooks')
      register = rulebooks.evolve(register, eventIn('rulebooks', event));
    if (event.stream.startsWith('creator-')) {
      const change = eventIn('creator', event);
      const { creatorId } = change.data;
      known.set(creatorId, creator.evolve(known.get(creatorId) ?? creator.empty(), change));
    }
    if (event.stream.startsWith('session-')) {
      const fact = eventIn('sessions', event);
      const { sessionId } = fact.data;
      sessions.set(sessionId, session.evolve(sessions.get(sessionId), fact)!);
    }
  }
  const counted = [...known.values()].map((each): AssessedCreator => ({
    creator: each,
    sessions: [...sessions.values()].filter(
      ({ creatorId, voided }) => creatorId === each.creatorId && !voided,
    ),
  }));
  const { data, rulebook } = assessment.computeAssessment(month, history, counted, {
    zone: new LedgerZone('Asia/Shanghai', ''),
    rulebooks: rulebooks.rulebooksAt(register, endOfTime),
  }) as { data: object; rulebook: EventEnvelope['rulebook'] };
  return withAct(bodies, {
    command: 'ComputeAssessment',
    id,
    recordedAt: december(30),
    events: [{ type: 'AssessmentComputed', data, rulebook }],
  });
}
