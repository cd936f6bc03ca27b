import { formatInstant, plusDays, yearOf } from './calendar.js';
import { ofType, type Fact } from './facts.js';
import { interestingInstants } from './interesting.js';
import type { Oracle } from './oracle.js';
import {
  appeals,
  deductions,
  deductionWindow,
  expulsions,
  initiationWindow,
  pendings,
  reentryFrom,
  standingAt,
  type Appeal,
  type Deduction,
  type Standing,
} from './questions.js';

/**
 * The choices of an abstract step for its command. Its numbers are relative to the oracle's
 * knowledge at that step.
 */
export interface Choice {
  readonly command: string;
  readonly agency: number;
  readonly target: number;
  readonly stray: string;
  readonly collide: boolean;
  readonly points: number;
  readonly clause: string;
  readonly fitting: boolean;
  readonly when: When;
  readonly occurredDaysBefore: number;
  readonly notified: number | null;
  readonly deadline: number | null;
  readonly period: number | null;
  readonly month: number | null;
  readonly count: number;
  readonly outcome: string;
  readonly text: number;
  readonly late: Late | null;
}

/** An act on an appeal that says when it happened: beside an instant that matters, or in time. */
export interface Late {
  readonly aim: string;
  readonly hours: number;
  readonly offset: number;
}

export type When =
  | { readonly kind: 'absent' }
  | { readonly kind: 'now'; readonly ms: number }
  | { readonly kind: 'days'; readonly days: number }
  /** Around 366 days ahead. */
  | { readonly kind: 'limit'; readonly ms: number }
  | { readonly kind: 'instant'; readonly pick: number; readonly offset: number };

type Data = Record<string, unknown>;

/** The `data` of the command, aimed at interesting cases: a likely agency, deduction or appeal. */
export function buildData(choice: Choice, oracle: Oracle, now: number): Data {
  const { facts } = oracle;
  const reason = ['as decided', 'after review', 'by mistake'][choice.text] ?? 'as decided';
  const agencyAmong = (...likely: Standing[]): string => pickAgency(choice, facts, now, likely);
  switch (choice.command) {
    case 'AdmitAgency': {
      const agencyId =
        choice.collide || choice.target > 2
          ? agencyAmong()
          : nextId('a', 5, ofType(facts, 'AgencyAdmitted').length);
      return { agencyId, name: `Agency ${agencyId.slice(1)}`, ...effective(choice, facts, now) };
    }
    case 'RecordExit':
      return {
        agencyId: agencyAmong('active', 'pending_expulsion'),
        ...effective(choice, facts, now),
      };
    case 'RecordDeduction':
      return deductionData(choice, facts, now, agencyAmong('active', 'pending_expulsion'));
    case 'RecordRevocation':
      return { deductionId: pickDeduction(choice, facts, (one) => one.counts > 0), reason };
    case 'RecordPartialRevocation':
      return {
        deductionId: pickDeduction(choice, facts, (one) => one.counts > 1),
        points: Math.ceil(choice.points / 2),
        reason,
      };
    case 'RecordReinstatement': {
      const deductionId = pickDeduction(choice, facts, (one) => one.counts < one.points);
      return { deductionId, ...(choice.period === null ? {} : { points: choice.points }), reason };
    }
    case 'CorrectDeduction':
      return correctionData(choice, facts, now, reason);
    case 'InitiateAppeal':
      return appealData(choice, oracle, now, agencyAmong);
    case 'SubmitEvidence': {
      const items = [
        {
          evidenceId: `e${String(choice.target)}`,
          title: 'Replay',
          mediaType: 'video/mp4',
          sha256: 'ab'.repeat(32),
        },
      ];
      const waiting = (one: Appeal): boolean =>
        isOpen(one) && !one.late && (!one.hasEvidence || choice.late?.aim === 'now');
      const urgent = appeals(facts).some((one) => waiting(one) && isClose(one.evidenceBy, now));
      const isLikely = (one: Appeal): boolean =>
        waiting(one) && (choice.late !== null || !urgent || isClose(one.evidenceBy, now));
      const appealId = pickAppeal(choice, facts, isLikely);
      return { appealId, items, ...statedAfter('submittedAt', appealId, choice, oracle, now) };
    }
    case 'WithdrawAppeal': {
      const appealId = pickAppeal(choice, facts, isOpen);
      return {
        appealId,
        ...(choice.text === 0 ? {} : { reason }),
        ...statedAfter('withdrawnAt', appealId, choice, oracle, now),
      };
    }
    case 'DecideAppeal': {
      const decision = decisionData(choice, facts, reason);
      const appealId = String(decision['appealId']);
      return { ...decision, ...statedAfter('decidedAt', appealId, choice, oracle, now) };
    }
    case 'RecordExpulsion':
      return {
        agencyId: agencyAmong('pending_expulsion'),
        reason,
        ...effective(choice, facts, now),
      };
    case 'RevokeExpulsion':
      return { agencyId: agencyAmong('expelled'), reason };
    case 'ApplyForReentry':
      return { agencyId: agencyAmong('expelled') };
    case 'RecordReadmission':
      return { agencyId: agencyAmong('expelled', 'exited') };
    case 'ObservePlatformBalance': {
      const observedAt = Math.min(instantOf(choice.when, facts, now) ?? now, now);
      return {
        agencyId: agencyAmong(),
        balance: choice.fitting ? 40 * choice.count : 0,
        observedAt: formatInstant(observedAt),
      };
    }
    default: {
      const evidenceId = `e${String(choice.target)}`;
      return {
        evidenceId,
        subject: { kind: 'agency', id: agencyAmong() },
        title: reason,
        mediaType: 'image/png',
        sha256: 'cd'.repeat(32),
      };
    }
  }
}

/** Says whether the command has an object to act upon; without one, a command is mostly noise. */
export function isApt(
  { command, late }: Pick<Choice, 'command' | 'late'>,
  facts: readonly Fact[],
  now: number,
): boolean {
  const some = (...likely: Standing[]): boolean =>
    ofType(facts, 'AgencyAdmitted').some(({ agencyId }) =>
      likely.includes(standingAt(facts, agencyId, now)),
    );
  switch (command) {
    case 'RecordExpulsion':
      return some('pending_expulsion');
    case 'RevokeExpulsion':
    case 'ApplyForReentry':
      return some('expelled');
    case 'RecordReadmission':
      return some('expelled', 'exited');
    case 'SubmitEvidence':
      return appeals(facts).some(
        (one) =>
          isOpen(one) && !one.late && !one.hasEvidence && (late !== null || one.evidenceBy >= now),
      );
    case 'WithdrawAppeal':
    case 'DecideAppeal':
      return appeals(facts).some(isOpen);
    case 'RecordReinstatement':
      return deductions(facts).some((one) => one.counts < one.points);
    case 'InitiateAppeal':
      return deductions(facts).some((one) => one.counts > 0);
    default:
      return true;
  }
}

function deductionData(
  choice: Choice,
  facts: readonly Fact[],
  now: number,
  agencyId: string,
): Data {
  const ids = ofType(facts, 'DeductionImposed').map((fact) => fact.deductionId);
  const deductionId = choice.collide
    ? (ids.at(-1 - choice.target) ?? 'd1')
    : `d${String(ids.length + 1)}`;
  const twin =
    choice.text === 1 ? deductions(facts).findLast((one) => one.agencyId === agencyId) : undefined;
  const effectiveAt = instantOf(choice.when, facts, now);
  const before = Math.min(effectiveAt ?? now, now);
  const contradictory = !choice.fitting && choice.text === 2;
  const occurredAt = contradictory
    ? before + 1
    : (twin?.occurredAt ?? plusDays(before, -choice.occurredDaysBefore));
  const fixed = { 'operating-metric-missed': 40, 'newcomer-target-missed': 120 }[choice.clause];
  return {
    deductionId,
    agencyId,
    points: choice.fitting ? (fixed ?? choice.points) : choice.points,
    clause: choice.clause,
    occurredAt: formatInstant(occurredAt),
    ...(effectiveAt === null ? {} : { effectiveAt: formatInstant(effectiveAt) }),
    ...(choice.notified === null
      ? {}
      : { notifiedAt: formatInstant(plusDays(now, choice.notified)) }),
    ...(choice.deadline === null
      ? {}
      : { appealDeadline: formatInstant(plusDays(now, choice.deadline)) }),
    ...(choice.period === null ? {} : { period: statedPeriod(choice.period, before) }),
    ...(choice.month === null
      ? {}
      : {
          basis: {
            kind: 'assessment',
            month: `${yearOf(occurredAt)}-1${String(choice.month % 3)}`,
          },
        }),
  };
}

function statedPeriod(offset: number, instant: number): string {
  return String(Number(yearOf(instant)) + offset);
}

function correctionData(choice: Choice, facts: readonly Fact[], now: number, reason: string): Data {
  const deductionId = pickDeduction(choice, facts, () => true);
  const one = deductions(facts).find((each) => each.deductionId === deductionId);
  const effectiveAt = instantOf(choice.when, facts, now);
  const occurredAt = plusDays(
    Math.min(effectiveAt ?? one?.effectiveAt ?? now, now),
    -choice.occurredDaysBefore,
  );
  const mayPredate =
    effectiveAt !== null && one !== undefined && effectiveAt < one.occurredAt && choice.fitting;
  return {
    deductionId,
    reason,
    ...(choice.count === 1 || effectiveAt === null ? { points: choice.points } : {}),
    ...(choice.count === 3 ? { clause: choice.clause } : {}),
    ...(choice.count === 3 || mayPredate ? { occurredAt: formatInstant(occurredAt) } : {}),
    ...(effectiveAt === null ? {} : { effectiveAt: formatInstant(effectiveAt) }),
    ...(choice.period === null ? {} : { period: statedPeriod(choice.period, now) }),
    ...(choice.text === 1 ? { notifiedAt: formatInstant(occurredAt) } : {}),
    ...(choice.text === 2 ? { appealDeadline: formatInstant(plusDays(now, choice.count)) } : {}),
  };
}

function appealData(
  choice: Choice,
  oracle: Oracle,
  now: number,
  agencyAmong: (...likely: Standing[]) => string,
): Data {
  const { facts } = oracle;
  const ids = appeals(facts).map((one) => one.appealId);
  const appealId = choice.collide
    ? (ids.at(-1 - choice.target) ?? 'p1')
    : `p${String(ids.length + 1)}`;
  const agencyId = agencyAmong('pending_expulsion', 'expelled', 'active');
  const grounds = ['unfounded', 'wrong agency', 'mitigation'][choice.text] ?? 'unfounded';
  const standing = standingAt(facts, agencyId, now);
  if (standing === 'expelled' && choice.count < 3) {
    const expulsion = expulsions(facts, agencyId).findLast((one) => !one.revoked)?.seq ?? null;
    const stated = statedInitiation(choice, oracle, now, { agencyId, deductionIds: [], expulsion });
    return { appealId, agencyId, expulsion: true, grounds, ...stated };
  }
  const likely = deductions(facts).filter(
    (one) => choice.stray === 'all' || (one.agencyId === agencyId && one.counts > 0),
  );
  const urgency = (one: Deduction): number =>
    isClose(deductionWindow(one), now) ? 2 : Number(deductionWindow(one) > now);
  const urgent = likely.toSorted(
    (a, b) => (choice.late === null ? urgency(b) - urgency(a) : 0) || b.seq - a.seq,
  );
  const aimed = urgent[0] !== undefined && urgency(urgent[0]) === 2;
  const named = urgent
    .slice(aimed ? 0 : choice.target % Math.max(likely.length, 1))
    .slice(0, choice.count);
  const deductionIds =
    choice.stray === 'unknown' || named.length === 0
      ? ['d999']
      : named.map((one) => one.deductionId);
  const kind =
    standing === 'pending_expulsion'
      ? choice.fitting
        ? 'last_chance'
        : 'ordinary'
      : choice.fitting
        ? null
        : 'last_chance';
  const stated = statedInitiation(choice, oracle, now, { agencyId, deductionIds, expulsion: null });
  return {
    ...{ appealId, agencyId, deductionIds, grounds },
    ...(kind === null ? {} : { kind }),
    ...stated,
  };
}

/** States when an appeal was initiated, aimed at the window of what it names; or does not. */
function statedInitiation(
  choice: Choice,
  oracle: Oracle,
  now: number,
  names: { agencyId: string; deductionIds: readonly string[]; expulsion: number | null },
): Data {
  const { facts } = oracle;
  const pending = choice.text === 1 ? (pendings(facts, names.agencyId).at(-1)?.seq ?? null) : null;
  const occurred = deductions(facts)
    .filter(({ deductionId }) => names.deductionIds.includes(deductionId))
    .map(({ occurredAt }) => occurredAt);
  const window = initiationWindow(facts, { ...names, pending });
  return stated('initiatedAt', choice, oracle, now, {
    start: occurred.length === 0 ? now - 90 * 24 * 3_600_000 : Math.max(...occurred),
    window: Number.isFinite(window) ? window : now,
    within: (hours) => window - hours * 3_600_000,
  });
}

/** States when a later act on an appeal happened; or does not. */
function statedAfter(
  key: string,
  appealId: string,
  choice: Choice,
  oracle: Oracle,
  now: number,
): Data {
  const one = appeals(oracle.facts).find((each) => each.appealId === appealId);
  const start = one?.initiatedAt ?? now;
  return stated(key, choice, oracle, now, {
    ...{ start, window: one?.evidenceBy ?? now },
    within: (hours) => start + hours * 3_600_000,
  });
}

interface Aims {
  /** The first instant that can be stated. */
  readonly start: number;
  readonly window: number;
  /** An instant that is mostly in time. */
  readonly within: (hours: number) => number;
}

/** States mostly an instant that is taken; an operator takes none but a decision's. */
function stated(
  key: string,
  { late, fitting }: Choice,
  { mode }: Oracle,
  now: number,
  { start, window, within }: Aims,
): Data {
  const isTaken = mode === 'observer' || key === 'decidedAt';
  if (late === null || (!isTaken && fitting)) return {};
  const { aim, hours, offset } = late;
  const possible = Math.min(now, fitting ? Math.max(within(hours), start) : within(hours));
  const aims: Readonly<Record<string, number>> = {
    window: fitting && window + offset > now ? possible : window + offset,
    start: start + offset,
    now: now + offset,
  };
  return { [key]: formatInstant(aims[aim] ?? possible) };
}

function decisionData(choice: Choice, facts: readonly Fact[], reason: string): Data {
  const appealId = pickAppeal(choice, facts, isOpen);
  const named = appeals(facts).find((one) => one.appealId === appealId)?.deductionIds ?? [];
  if (choice.outcome !== 'partly_upheld') return { appealId, outcome: choice.outcome, reason };
  const of = choice.stray === 'all' ? ['d1'] : named.slice(0, choice.count);
  const keeps = choice.fitting ? Math.floor(choice.points / 2) : choice.points;
  const adjustments = of.map((deductionId, index) => ({
    deductionId,
    points: choice.text === 1 ? 0 : Math.max(keeps - index, 0),
  }));
  return {
    appealId,
    outcome: 'partly_upheld',
    ...(adjustments.length === 0 ? {} : { adjustments }),
    reason,
  };
}

// Picking

/**
 * An agency of the likely standings, in the order of the standings; any agency if there are none.
 */
function pickAgency(
  choice: Choice,
  facts: readonly Fact[],
  now: number,
  likely: readonly Standing[],
): string {
  if (choice.agency === 9) return 'a9';
  const all = ofType(facts, 'AgencyAdmitted').map((fact) => fact.agencyId);
  const fitting = likely.flatMap((standing) =>
    all.filter((agencyId) => standingAt(facts, agencyId, now) === standing),
  );
  const urgent = fitting.filter((agencyId) =>
    closingsOf(facts, agencyId).some((closing) => isClose(closing, now)),
  );
  const open = fitting.filter((agencyId) =>
    closingsOf(facts, agencyId).some((closing) => closing > now),
  );
  const byUrgency =
    urgent.length > 0
      ? urgent
      : choice.command === 'InitiateAppeal' && open.length > 0
        ? open
        : fitting;
  const from = fitting.length > 0 && choice.stray === 'likely' ? byUrgency : all;
  return from[choice.agency % Math.max(from.length, 1)] ?? 'a1';
}

/** The closing instants of an agency: its windows to appeal, its last chances and its bans. */
function closingsOf(facts: readonly Fact[], agencyId: string): number[] {
  return [
    ...deductions(facts)
      .filter((one) => one.agencyId === agencyId && one.counts > 0)
      .map(deductionWindow),
    ...pendings(facts, agencyId).map((pending) => pending.closesAt),
    ...expulsions(facts, agencyId).map(reentryFrom),
  ];
}

function isClose(instant: number, now: number): boolean {
  return Math.abs(instant - now) <= 1;
}

function pickDeduction(
  choice: Choice,
  facts: readonly Fact[],
  isLikely: (one: Deduction) => boolean,
): string {
  return pick(choice, deductions(facts), isLikely)?.deductionId ?? 'd999';
}

function pickAppeal(
  choice: Choice,
  facts: readonly Fact[],
  isLikely: (one: Appeal) => boolean,
): string {
  return pick(choice, appeals(facts), isLikely)?.appealId ?? 'p999';
}

function pick<T>(choice: Choice, all: readonly T[], isLikely: (one: T) => boolean): T | undefined {
  if (choice.stray === 'unknown') return undefined;
  const likely = all.filter(isLikely);
  const from = (choice.stray === 'likely' && likely.length > 0 ? likely : all).toReversed();
  return from[choice.target % Math.max(from.length, 1)];
}

function isOpen(one: Appeal): boolean {
  return one.outcome === null && !one.withdrawn;
}

function nextId(prefix: string, upTo: number, taken: number): string {
  return `${prefix}${String(Math.min(taken + 1, upTo))}`;
}

/** For commands that may not be about the future, though now and then one is. */
function effective(choice: Choice, facts: readonly Fact[], now: number): Data {
  const instant = instantOf(choice.when, facts, now);
  if (instant === null || (instant > now && choice.stray === 'likely')) return {};
  return { effectiveAt: formatInstant(instant) };
}

function instantOf(when: When, facts: readonly Fact[], now: number): number | null {
  switch (when.kind) {
    case 'absent':
      return null;
    case 'now':
      return now + when.ms;
    case 'days':
      return plusDays(now, when.days);
    case 'limit':
      return plusDays(now, 366) + when.ms;
    case 'instant': {
      const near = interestingInstants(facts).filter(
        (instant) => Math.abs(instant - now) < 400 * 24 * 3_600_000,
      );
      const instant = near[when.pick % Math.max(near.length, 1)];
      return instant === undefined ? null : instant + when.offset;
    }
  }
}
