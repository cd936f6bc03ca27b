import { lastInstantOf, effectiveSessions } from './assessments.js';
import { monthOf } from './calendar.js';
import { complaints } from './complaints.js';
import { agencyOf, belongsTo, boundAt, isEffective, sessionsOf, type Session } from './creators.js';
import { ofType, type Fact } from './facts.js';
import { standingAt } from './questions.js';
import { minCreators, slotHours } from './rules.js';

// Traffic support (rules §9)

export interface Ranked {
  readonly agencyId: string;
  readonly sales: number;
  readonly creators: number;
  readonly sessions: number;
  readonly newlyBound: number;
  readonly posts: number;
}

export interface Refused {
  readonly agencyId: string;
  readonly reasons: readonly string[];
}

/** Every agency ever admitted is ranked or refused (R 55). `now` is for the standing alone. */
export function verticalOf(
  facts: readonly Fact[],
  now: number,
  month: string,
  vertical: string,
): { ranking: Ranked[]; refused: Refused[] } {
  const agencies = ofType(facts, 'AgencyAdmitted').map(({ agencyId }) => agencyId);
  const all = agencies
    .toSorted(byCodePoint)
    .map((agencyId) => ({ agencyId, ...eligibility(facts, now, agencyId, month, vertical) }));
  return {
    ranking: all
      .filter(({ reasons }) => reasons.length === 0)
      .map(({ agencyId, figures }) => ({ agencyId, ...figures }))
      .toSorted(
        (a, b) =>
          b.sales - a.sales ||
          b.newlyBound - a.newlyBound ||
          b.posts - a.posts ||
          byCodePoint(a.agencyId, b.agencyId),
      ),
    refused: all
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ agencyId, reasons }) => ({ agencyId, reasons })),
  };
}

function eligibility(
  facts: readonly Fact[],
  now: number,
  agencyId: string,
  month: string,
  vertical: string,
) {
  const ofAgency = sessionsOf(facts, month).filter((one) => belongsTo(facts, one) === agencyId);
  const qualified = qualifiedCreators(facts, agencyId, month, vertical);
  const figures = {
    sales: salesOf(ofAgency, vertical),
    creators: qualified.length,
    sessions: qualified.reduce((sum, id) => sum + effectiveSessions(facts, agencyId, id, month), 0),
    newlyBound: newlyBound(facts, agencyId, month),
    posts: ofType(facts, 'GrowthPostRecorded').filter(
      (fact) => fact.agencyId === agencyId && monthOf(fact.occurredAt) === month,
    ).length,
  };
  const standing = standingAt(facts, agencyId, now);
  const reasons = [
    ...(figures.creators < minCreators ? ['creators'] : []),
    ...(figures.sessions < 20 * figures.creators ? ['sessions'] : []),
    ...(100 * figures.sales < 10 * salesOf(ofAgency) ? ['share'] : []),
    ...(hasComplaint(facts, agencyId, month) ? ['complaints'] : []),
    ...(standing !== 'active' && standing !== 'pending_expulsion' ? ['standing'] : []),
  ];
  return { figures, reasons };
}

/** Bound at the end of the month, of that main vertical (R 54). */
export function qualifiedCreators(
  facts: readonly Fact[],
  agencyId: string,
  month: string,
  vertical: string,
): string[] {
  return boundAt(facts, agencyId, lastInstantOf(month)).filter(
    (id) => mainVertical(facts, id, month) === vertical,
  );
}

/**
 * The main vertical by all sessions of the creator in the month, with any agency; null without
 * sales (R 54).
 */
export function mainVertical(
  facts: readonly Fact[],
  creatorId: string,
  month: string,
): string | null {
  const own = sessionsOf(facts, month).filter((one) => one.creatorId === creatorId);
  const sold = [...new Set(own.flatMap(({ sales }) => sales.map(({ vertical }) => vertical)))];
  const shown = (vertical: string): number =>
    own.filter((one) => isEffective(one) && one.contentVertical === vertical).length;
  return (
    sold.toSorted(
      (a, b) => salesOf(own, b) - salesOf(own, a) || shown(b) - shown(a) || byCodePoint(a, b),
    )[0] ?? null
  );
}

function salesOf(of: readonly Session[], vertical?: string): number {
  return of
    .flatMap(({ sales }) => sales)
    .filter((sale) => vertical === undefined || sale.vertical === vertical)
    .reduce((sum, { amountFen }) => sum + amountFen, 0);
}

/** A creator that was unbound at the instant of its binding was never bound (R 42). */
function newlyBound(facts: readonly Fact[], agencyId: string, month: string): number {
  const bound = ofType(facts, 'CreatorBound').filter(
    (fact) =>
      fact.agencyId === agencyId &&
      monthOf(fact.effectiveAt) === month &&
      agencyOf(facts, fact.creatorId, fact.effectiveAt) === agencyId,
  );
  return new Set(bound.map(({ creatorId }) => creatorId)).size;
}

/**
 * Says whether a complaint of a merchant or a creator, recorded in the month, is open or upheld; a
 * merged one has the state of the one it is merged into (R 52, R 53).
 */
function hasComplaint(facts: readonly Fact[], agencyId: string, month: string): boolean {
  return complaints(facts).some(
    (one) =>
      one.agencyId === agencyId &&
      one.month === month &&
      (one.complainant === 'merchant' || one.complainant === 'creator') &&
      (one.outcome === null || one.outcome === 'upheld'),
  );
}

// Slots

export function isBlackout(facts: readonly Fact[], date: string): boolean {
  return ofType(facts, 'BlackoutDeclared').some((fact) => fact.date === date);
}

/** The slots of a day are allocated once (R 58). */
export function allocation(facts: readonly Fact[], date: string) {
  return ofType(facts, 'SlotsAllocated').find((fact) => fact.date === date);
}

/**
 * In rank order of the allocation; a waived hour goes to the next agency without a slot that day (R
 * 60).
 */
export function holderOf(facts: readonly Fact[], date: string, hour: number): string | null {
  const allocated = allocation(facts, date);
  if (allocated === undefined || isBlackout(facts, date)) return null;
  const next = [...allocated.ranking];
  const holders = new Map(slotHours.map((each) => [each, next.shift() ?? null]));
  for (const waived of ofType(facts, 'SlotWaived')) {
    if (waived.date === date) holders.set(waived.hour, next.shift() ?? null);
  }
  return holders.get(hour) ?? null;
}

export function byCodePoint(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (character !== other) return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}
