import { endOfMonth, startOfMonth } from './calendar.js';
import { ofType, type Fact, type Sale } from './facts.js';
import { effectiveLength } from './rules.js';

// Bindings (interchange §2 "Roster")

/** Everything that was changed about a creator: the subject of `time_order` (R 38). */
export function rosterChanges(facts: readonly Fact[], creatorId: string) {
  return [
    ...ofType(facts, 'CreatorBound'),
    ...ofType(facts, 'CreatorUnbound'),
    ...ofType(facts, 'ExposureRightGranted'),
    ...ofType(facts, 'ExposureRightWithdrawn'),
  ].filter((fact) => fact.creatorId === creatorId);
}

/** In the order in which they take effect, which is the order in which they were recorded. */
function bindingChanges(facts: readonly Fact[], creatorId: string) {
  return [...ofType(facts, 'CreatorBound'), ...ofType(facts, 'CreatorUnbound')]
    .filter((fact) => fact.creatorId === creatorId)
    .toSorted((a, b) => a.effectiveAt - b.effectiveAt || a.seq - b.seq);
}

/** The agency a creator is bound to at E. Nothing but an unbinding ends a binding (R 39). */
export function agencyOf(facts: readonly Fact[], creatorId: string, e: number): string | null {
  const change = bindingChanges(facts, creatorId).findLast(({ effectiveAt }) => effectiveAt <= e);
  return change?.type === 'CreatorBound' ? change.agencyId : null;
}

function creators(facts: readonly Fact[]): string[] {
  return [...new Set(ofType(facts, 'CreatorBound').map((fact) => fact.creatorId))];
}

export function boundAt(facts: readonly Fact[], agencyId: string, e: number): string[] {
  return creators(facts).filter((creatorId) => agencyOf(facts, creatorId, e) === agencyId);
}

/**
 * Bound at some instant of [from, until). A creator bound and unbound at the same instant was never
 * bound (R 42).
 */
export function boundDuring(
  facts: readonly Fact[],
  agencyId: string,
  from: number,
  until: number,
): string[] {
  return creators(facts).filter((creatorId) => {
    const changes = bindingChanges(facts, creatorId);
    return changes.some((change, index) => {
      if (change.type !== 'CreatorBound' || change.agencyId !== agencyId) return false;
      const end = changes[index + 1]?.effectiveAt ?? Infinity;
      return Math.max(change.effectiveAt, from) < Math.min(end, until);
    });
  });
}

// Sessions (rules §6)

export interface Session {
  readonly sessionId: string;
  readonly creatorId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly contentVertical: string | null;
  readonly sales: readonly Sale[];
  readonly isVoid: boolean;
}

/** As corrected. */
export function sessions(facts: readonly Fact[]): Session[] {
  const corrections = ofType(facts, 'SessionCorrected');
  const voids = ofType(facts, 'SessionVoided');
  return ofType(facts, 'SessionRecorded').map((recorded) => {
    const { sessionId, creatorId } = recorded;
    let { startedAt, endedAt, contentVertical, sales } = recorded;
    for (const correction of corrections) {
      if (correction.sessionId !== sessionId) continue;
      startedAt = correction.startedAt ?? startedAt;
      endedAt = correction.endedAt ?? endedAt;
      contentVertical = correction.contentVertical ?? contentVertical;
      sales = correction.sales ?? sales;
    }
    const isVoid = voids.some((fact) => fact.sessionId === sessionId);
    return { sessionId, creatorId, startedAt, endedAt, contentVertical, sales, isVoid };
  });
}

export function session(facts: readonly Fact[], sessionId: string): Session | undefined {
  return sessions(facts).find((one) => one.sessionId === sessionId);
}

/** Those of a month, by the local date of their start, that are not void. */
export function sessionsOf(facts: readonly Fact[], month: string): Session[] {
  const start = startOfMonth(month);
  const end = endOfMonth(month);
  return sessions(facts).filter(
    (one) => !one.isVoid && start <= one.startedAt && one.startedAt < end,
  );
}

/**
 * The sessions of a creator that share an instant with one, void ones and the one itself aside. The
 * end is not part of a session (R 45).
 */
export function overlapping(
  facts: readonly Fact[],
  one: Pick<Session, 'creatorId' | 'endedAt' | 'sessionId' | 'startedAt'>,
): Session[] {
  return sessions(facts).filter(
    (other) =>
      !other.isVoid &&
      other.creatorId === one.creatorId &&
      other.sessionId !== one.sessionId &&
      Math.max(other.startedAt, one.startedAt) < Math.min(other.endedAt, one.endedAt),
  );
}

export function isEffective({ startedAt, endedAt }: Session): boolean {
  return endedAt - startedAt >= effectiveLength;
}

/** The agency its creator was bound to at its start, as known (R 41). */
export function belongsTo(facts: readonly Fact[], one: Session): string | null {
  return agencyOf(facts, one.creatorId, one.startedAt);
}
