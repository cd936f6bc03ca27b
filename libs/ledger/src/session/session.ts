import type { InBoth } from '../in-both.js';
import {
  accepted,
  acceptedWith,
  refused,
  withFindings,
  withPersonal,
  type Decision,
  type DecisionContext,
  notBound,
} from '../decision.js';
import { agencyOfCreatorAt, type CreatorHistory } from '../creator/creator.js';
import type { DecidedEvent, EventFacts } from '../event.js';
import { epochMsOf, type Instant, endOfTime } from '../instant.js';
import {
  IdSchema,
  InstantSchema,
  TextSchema,
  Type,
  VerticalSchema,
  type Static,
  wanted,
} from '../schema.js';
import type { LedgerZone } from '../zone.js';
import type { Read } from '../command-instants.js';
import type { Finding, WithFindings } from '../findings.js';
import { isAdmitted, standingTerms, type Standing } from '../standing.js';
import { sessionsStream } from '../stream-names.js';
import { overlappingSessions, type SessionSpan } from './overlaps.js';

/**
 * {@link sessionsStream} of a session as it is recorded; its corrections and its voiding stay
 * there.
 */
export function streamOfSession(
  { agencyId, startedAt }: Pick<SessionValues, 'agencyId' | 'startedAt'>,
  zone: LedgerZone,
): string {
  return sessionsStream(agencyId, zone.monthOf(startedAt));
}

/** Sales of a session in one vertical. */
export interface Sale {
  readonly amountFen: number;
  readonly vertical: string;
}

/** A session's values; a correction replaces all of them. */
export interface SessionValues {
  /** The agency the creator was bound to at `startedAt`, as known when this was recorded. */
  readonly agencyId: string;
  readonly contentVertical?: string;
  readonly creatorId: string;
  readonly endedAt: Instant;
  readonly newFollowers?: number;
  readonly sales?: readonly Sale[];
  readonly startedAt: Instant;
  readonly views?: number;
}

/**
 * The data of each event of a stream of sessions, by type, at schema version 1
 * (`docs/spec/event.md`, "Roster and sessions").
 */
export interface SessionEventData {
  SessionRecorded: SessionValues & { readonly sessionId: string } & WithFindings;
  SessionCorrected: SessionValues & {
    readonly corrected: readonly string[];
    readonly sessionId: string;
  } & WithFindings;
  SessionVoided: { readonly agencyId: string; readonly sessionId: string };
}

export type SessionEventType = keyof SessionEventData;

/** A session event as `decide` gives it. */
export type SessionEvent = DecidedEvent<SessionEventData>;

export type SessionRecorded = Extract<SessionEvent, { type: 'SessionRecorded' }>;

/** Every type of a stream of sessions and the schema version it is written in. */
export const eventVersions: Readonly<Record<SessionEventType, number>> = {
  SessionRecorded: 1,
  SessionCorrected: 1,
  SessionVoided: 1,
};

/** A session as it stands. */
export interface Session extends SessionValues {
  readonly sessionId: string;
  /** The number of its corrections. */
  readonly corrections: number;
  readonly voided: boolean;
}

/** Folds one event of a session; those known at K give the session as known at K. */
export function evolve(
  session: Session | undefined,
  event: EventFacts<SessionEventData>,
): Session | undefined {
  switch (event.type) {
    case 'SessionRecorded': {
      const { findings: _, ...values } = event.data;
      return { ...values, corrections: 0, voided: false };
    }
    case 'SessionCorrected': {
      const { corrected: _, findings: __, ...values } = event.data;
      return {
        ...values,
        corrections: (session?.corrections ?? 0) + 1,
        voided: session?.voided ?? false,
      };
    }
    case 'SessionVoided':
      return session && { ...session, voided: true };
  }
}

/**
 * Says whether a session is long enough to count: computed from its instants, to the millisecond
 * (rules §6, E-46).
 */
export function isEffective(startedAt: Instant, endedAt: Instant, minutes: number): boolean {
  return epochMsOf(endedAt) - epochMsOf(startedAt) >= minutes * 60_000;
}

const Count = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: wanted('an integer from 0 on', '不小于 0 的整数'),
});

const measured = {
  contentVertical: Type.Optional(VerticalSchema),
  sales: Type.Optional(
    Type.Array(
      Type.Object({ vertical: VerticalSchema, amountFen: Count }, { additionalProperties: false }),
      {
        maxItems: 200,
        description: wanted(
          'at most 200 {"vertical","amountFen"}; those of one vertical add up',
          '最多 200 个 {"vertical","amountFen"}；同一垂类的金额相加',
        ),
      },
    ),
  ),
  newFollowers: Type.Optional(Count),
  views: Type.Optional(Count),
};

/** The data of each command on a session (interchange §2, Sessions). */
export const commandSchemas = {
  RecordSession: Type.Object(
    {
      sessionId: IdSchema,
      creatorId: IdSchema,
      startedAt: InstantSchema,
      endedAt: InstantSchema,
      ...measured,
    },
    { additionalProperties: false },
  ),
  CorrectSession: Type.Object(
    {
      sessionId: IdSchema,
      reason: TextSchema,
      startedAt: Type.Optional(InstantSchema),
      endedAt: Type.Optional(InstantSchema),
      ...measured,
    },
    { additionalProperties: false },
  ),
  VoidSession: Type.Object(
    { sessionId: IdSchema, reason: TextSchema },
    { additionalProperties: false },
  ),
} as const;

export type SessionCommandName = keyof typeof commandSchemas;

export type SessionCommandData = {
  [Name in SessionCommandName]: Read<Static<(typeof commandSchemas)[Name]>>;
};

/** A checked command on one session. */
export type SessionCommand = {
  [Name in SessionCommandName]: { readonly command: Name; readonly data: SessionCommandData[Name] };
}[SessionCommandName];

type When = Pick<DecisionContext, 'now' | 'zone'>;

/**
 * Finds what is malformed or contradictory in a command, without the ledger's content; `undefined`
 * if nothing.
 */
export function problemOf(command: SessionCommand, when: When): InBoth | undefined {
  return command.command === 'VoidSession' ? undefined : valuesProblem(command.data, when);
}

function valuesProblem(
  { startedAt, endedAt }: SessionCommandData['CorrectSession' | 'RecordSession'],
  { now, zone }: When,
): InBoth | undefined {
  // A start in the future needs an end in the future, unless a correction gives the start alone.
  if (endedAt !== undefined && endedAt > now)
    return {
      en:
        `data.endedAt: ${zone.format(endedAt)} is in the future; ` +
        `it must not be after ${zone.format(now)}`,
      zh: `data.endedAt：${zone.format(endedAt)} 晚于当前；不得晚于 ${zone.format(now)}`,
    };
  if (startedAt !== undefined && startedAt > now)
    return {
      en:
        `data.startedAt: ${zone.format(startedAt)} is in the future; ` +
        `it must not be after ${zone.format(now)}`,
      zh: `data.startedAt：${zone.format(startedAt)} 晚于当前；不得晚于 ${zone.format(now)}`,
    };
  if (startedAt !== undefined && endedAt !== undefined && endedAt <= startedAt)
    return orderProblem(startedAt, endedAt, zone);
  return undefined;
}

function orderProblem(startedAt: Instant, endedAt: Instant, zone: LedgerZone): InBoth {
  return {
    en:
      `data.endedAt: ${zone.format(endedAt)} is not later than ` +
      `startedAt ${zone.format(startedAt)}`,
    zh: `data.endedAt：${zone.format(endedAt)} 不晚于 startedAt ${zone.format(startedAt)}`,
  };
}

/**
 * Returns the sessions of a creator that overlap one, as they stand and without voided ones and the
 * session itself: the first `overlapsSought` by start and id.
 */
export type OverlapsOf = (
  session: SessionSpan & { readonly creatorId: string },
) => readonly SessionSpan[];

/**
 * Judges a new session in which {@link problemOf} found nothing. A session id that is taken is
 * refused earlier.
 *
 * @param creator the creator's history; `undefined` when nothing was recorded about it
 * @param standingAt returns the standing of an agency at an instant, as known now
 */
export function recordSession(
  data: SessionCommandData['RecordSession'],
  creator: CreatorHistory | undefined,
  standingAt: (agencyId: string, effectiveAt: Instant) => Standing,
  overlapsOf: OverlapsOf,
  context: Pick<DecisionContext, 'mode' | 'zone'>,
): Decision<SessionRecorded> {
  const { zone } = context;
  const { startedAt } = data;
  const agencyId =
    creator === undefined ? undefined : agencyOfCreatorAt(creator, startedAt, endOfTime);
  if (agencyId === undefined) return notBound(data.creatorId, startedAt, zone);
  const standing = standingAt(agencyId, startedAt);
  if (!isAdmitted(standing))
    return refused('not_admitted', {
      en: `agency "${agencyId}" is ${standing} at ${zone.format(startedAt)}`,
      zh: `机构 "${agencyId}" 在 ${zone.format(startedAt)} 的身份为${standingTerms[standing].zh}`,
    });
  const findings = overlappingSessions(data.creatorId, overlapsOf(data));
  const event = { type: 'SessionRecorded', data: valuesOf(data, agencyId, findings) } as const;
  return acceptedWith(findings, [event], context);
}

/** In the order of canonical JSON, so that writing it need not sort. */
function valuesOf(
  data: Omit<SessionEventData['SessionRecorded'], 'agencyId'>,
  agencyId: string,
  findings: readonly Finding[],
): SessionEventData['SessionRecorded'] {
  const { contentVertical, creatorId, endedAt, newFollowers, sales, sessionId, startedAt, views } =
    data;
  return {
    agencyId,
    ...(contentVertical !== undefined && { contentVertical }),
    creatorId,
    endedAt,
    ...withFindings(findings),
    ...(newFollowers !== undefined && { newFollowers }),
    ...(sales !== undefined && {
      sales: sales.map(({ amountFen, vertical }) => ({ amountFen, vertical })),
    }),
    sessionId,
    startedAt,
    ...(views !== undefined && { views }),
  };
}

/**
 * Corrects a session on the platform's word (E-50): the event holds all corrected values. It is
 * written to the stream the session was recorded in, even if it now belongs to another agency or
 * month. A voided session stays void.
 *
 * @param session the session as it stands; `undefined` when none was recorded
 * @param creator the history of the session's creator
 */
export function correctSession(
  data: SessionCommandData['CorrectSession'],
  session: Session | undefined,
  creator: CreatorHistory | undefined,
  overlapsOf: OverlapsOf,
  context: Pick<DecisionContext, 'mode' | 'zone'>,
): Decision<SessionEvent> {
  const { zone } = context;
  const { sessionId, reason, ...changes } = data;
  if (session === undefined) return unknownSession(sessionId);
  const values = { ...session, ...changes };
  const { startedAt, endedAt, creatorId } = values;
  // One of the two alone contradicts only the session as it stands, so it is found only here.
  if (endedAt <= startedAt) return refused('invalid', orderProblem(startedAt, endedAt, zone));
  const agencyId =
    creator === undefined ? undefined : agencyOfCreatorAt(creator, startedAt, endOfTime);
  if (agencyId === undefined) return notBound(creatorId, startedAt, zone);
  const findings = session.voided ? [] : overlappingSessions(creatorId, overlapsOf(values));
  const event = {
    type: 'SessionCorrected',
    data: { ...valuesOf(values, agencyId, findings), corrected: Object.keys(changes).sort() },
    ...withPersonal({ reason }),
  } as const;
  return acceptedWith(findings, [event], context);
}

export function voidSession(
  { sessionId, reason }: SessionCommandData['VoidSession'],
  session: Session | undefined,
): Decision<SessionEvent> {
  if (session === undefined) return unknownSession(sessionId);
  if (session.voided)
    return refused('already_void', {
      en: `session "${sessionId}" is void already`,
      zh: `直播场次 "${sessionId}" 已作废`,
    });
  const { agencyId } = session;
  return accepted({
    type: 'SessionVoided',
    data: { agencyId, sessionId },
    ...withPersonal({ reason }),
  });
}

function unknownSession(sessionId: string): Decision<never> {
  return refused('unknown_session', {
    en: `no session "${sessionId}" was recorded`,
    zh: `没有记录直播场次 "${sessionId}"`,
  });
}
