import type { AgencyEventData } from '../agency/events.js';
import { byCodeUnit } from '../canonical-json.js';
import type { Instant } from '../instant.js';
import { closed, IdSchema, Type, type Shape } from '../schema.js';
import type { LedgerZone } from '../zone.js';
import {
  boundCreator,
  effectiveOf,
  overlappingOf,
  sessionsHash,
  spanOf,
  type AssessedCreator,
} from './assessment.js';

/**
 * A creator of a month's base below the minimum of effective sessions. A creator without any
 * session is a dead account (E-40).
 */
export type InactiveCreator = Shape<typeof InactiveCreatorSchema>;
export const InactiveCreatorSchema = closed({
  creatorId: IdSchema,
  sessions: Type.Integer({ description: 'with the agency in the month, voided ones left out' }),
  effectiveSessions: Type.Integer(),
  exposed: Type.Boolean({
    description: 'whether it had the exposure right (浮现权) at the month’s end',
  }),
});

/** The creators of the base that were not active, and whether the computation is still current. */
export interface RosterOfMonth {
  /** By creator id. */
  readonly inactive: readonly InactiveCreator[];
  /**
   * True when the computation rests on the roster and the sessions known at K; else another
   * computation is due (E-45).
   */
  readonly current: boolean;
}

/**
 * Looks at the month of a computation again, with what is known at K.
 *
 * @param creators as for `computeAssessment`, as known at K
 * @param minutes how long an effective session is under the computation's rulebook
 */
export function rosterOfMonth(
  { agencyId, month, minSessions, ...computed }: AgencyEventData['AssessmentComputed'],
  creators: readonly AssessedCreator[],
  {
    knownAt,
    minutes,
    zone,
  }: { readonly knownAt: Instant; readonly minutes: number; readonly zone: LedgerZone },
): RosterOfMonth {
  const span = spanOf(month, zone);
  const bound = creators
    .flatMap((each) => boundCreator(each, agencyId, span, knownAt) ?? [])
    .map((each) => ({
      ...each,
      effective: effectiveOf(each.sessions, minutes),
    }));
  const base = bound.filter(({ inBase }) => inBase);
  const inactive = base.filter(({ effective }) => effective < minSessions);
  const active = (of: typeof bound): number =>
    of.filter(({ effective }) => effective >= minSessions).length;
  return {
    inactive: inactive
      .map(({ creatorId, sessions, effective, exposed }) => ({
        creatorId,
        sessions: sessions.length,
        effectiveSessions: effective,
        exposed,
      }))
      .sort((a, b) => byCodeUnit(a.creatorId, b.creatorId)),
    current:
      base.length === computed.base &&
      active(base) === computed.active &&
      base.filter(({ exposed }) => exposed).length === computed.exposed &&
      bound.length === computed.anyTime.base &&
      active(bound) === computed.anyTime.active &&
      overlappingOf(bound, minutes) === computed.sessions.overlapping &&
      sessionsHash(bound.flatMap(({ sessions }) => sessions)) === computed.sessions.sha256,
  };
}
