import {
  dateOf,
  endOfMonth,
  formatInstant,
  monthOf,
  monthsAfter,
  plusDays,
  registration,
  startOfMonth,
} from './calendar.js';
import { complaints } from './complaints.js';
import {
  agencyOf,
  belongsTo,
  boundAt,
  boundDuring,
  rosterChanges,
  sessions,
  sessionsOf,
} from './creators.js';
import { ofType, type Fact, type Sale } from './facts.js';
import { standingAt } from './questions.js';
import { slotHours } from './rules.js';
import { allocation, holderOf, isBlackout, qualifiedCreators, verticalOf } from './support.js';

/**
 * The choices of an abstract step for an operation. Its numbers are relative to the oracle's
 * knowledge at that step.
 */
export interface Operation {
  readonly command: string;
  readonly agency: number;
  readonly creator: number;
  /** The place among the likely sessions, complaints, proposals or slots, newest first. */
  readonly target: number;
  readonly stray: string;
  readonly collide: boolean;
  /** Sessions or creators in a burst; creators of a slot. */
  readonly n: number;
  readonly tilt: number;
  readonly scope: 'creator' | 'team' | 'all' | 'partial';
  /** Months back; null for the month of which there is most to tell. */
  readonly month: number | null;
  /** The length of a session beyond thirty minutes, in milliseconds. */
  readonly beyond: number;
  readonly anchor: Anchor;
  readonly vertical: number;
  readonly amount: number | null;
  readonly second: number | null;
  readonly content: number | null;
  readonly outcome: string;
  readonly complainant: string;
  readonly named: string;
  readonly offset: number;
  readonly days: number;
  readonly fitting: boolean;
  readonly text: number;
}

export type Anchor =
  'absent' | 'spread' | 'first' | 'last' | 'midnight' | 'change' | 'days' | 'ahead';

export interface Command {
  readonly command: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Data = Record<string, unknown>;

export const creatorPool: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `c${String(index + 1)}`,
);
export const verticals = ['beauty', 'fashion', 'food', '美妆'];
const halfHour = 30 * 60_000;

/**
 * A team, one of its creators, or everyone; each command is made after those before it were
 * applied.
 */
export function* commandsOf(
  one: Operation,
  factsNow: () => readonly Fact[],
  now: number,
): Generator<Command> {
  const facts = factsNow();
  switch (one.command) {
    case 'Burst':
      yield* burst(one, factsNow, now);
      return;
    case 'Season': {
      const month = monthBack(now, 1);
      yield* burst(
        {
          ...one,
          // In March 2019 three in five pass under one version and not under the other.
          scope: one.scope === 'partial' || month === '2019-03' ? 'partial' : 'all',
          n: 20,
          month: 1,
          amount: one.amount ?? 100,
          second: null,
        },
        factsNow,
        now,
      );
      if (one.text !== 1) yield* rivalSale(one, factsNow, now);
      yield { command: 'ComputeAssessment', data: { month } };
      const vertical = verticals[one.vertical] ?? 'beauty';
      yield {
        command: 'AllocateSlots',
        data: { date: slotDate(one, factsNow(), now), vertical, month },
      };
      return;
    }
    case 'Expel': {
      const agencyId = pickAgency(one, facts, now);
      const deductionId = `d${String(ofType(facts, 'DeductionImposed').length + 1)}`;
      const occurredAt = formatInstant(now);
      const clause = 'newcomer-target-missed';
      yield one.text === 0 || standingAt(facts, agencyId, now) === 'pending_expulsion'
        ? {
            command: 'RecordExpulsion',
            data: { agencyId, reason: 'threshold', ...past(one, facts, now) },
          }
        : {
            command: 'RecordDeduction',
            data: { deductionId, agencyId, points: 120, clause, occurredAt },
          };
      return;
    }
    case 'Return': {
      const expelled = agencies(facts).filter(
        (agencyId) => standingAt(facts, agencyId, now) === 'expelled',
      );
      const agencyId =
        expelled[one.target % Math.max(expelled.length, 1)] ?? pickAgency(one, facts, now);
      yield one.named === 'agency'
        ? { command: 'RecordReadmission', data: { agencyId } }
        : { command: 'RevokeExpulsion', data: { agencyId, reason: 'no basis' } };
      return;
    }
    case 'Staff': {
      const free = creatorPool
        .filter((creatorId) => agencyOf(facts, creatorId, now) === null)
        .slice(0, one.n);
      const agencyId = pickAgency(one, facts, now);
      for (const creatorId of free) {
        yield {
          command: 'BindCreator',
          data: { agencyId, creatorId, ...effective(one, factsNow(), creatorId, now) },
        };
      }
      return;
    }
    case 'Transfer': {
      const creatorId = pickCreator(one, facts, now);
      const from = agencyOf(facts, creatorId, now) ?? pickAgency(one, facts, now);
      const when = effective(one, facts, creatorId, now);
      yield { command: 'UnbindCreator', data: { agencyId: from, creatorId, ...when } };
      const others = agencies(facts).filter((agencyId) => agencyId !== from);
      const agencyId = others[one.agency % Math.max(others.length, 1)] ?? from;
      yield { command: 'BindCreator', data: { agencyId, creatorId, ...when } };
      return;
    }
    case 'DeductAssessed':
      yield { command: 'RecordDeduction', data: assessedDeduction(one, facts, now) };
      return;
    default: {
      let { command } = one;
      while (one.stray === 'likely' && !isApt(command, facts, now)) command = instead(command);
      yield { command, data: dataOf({ ...one, command }, facts, now) };
    }
  }
}

function* burst(one: Operation, factsNow: () => readonly Fact[], now: number): Generator<Command> {
  const facts = factsNow();
  const month = one.month === null ? busyMonth(now) : monthBack(now, one.month);
  const start = startOfMonth(month);
  const end = endOfMonth(month);
  const teamOf = (agencyId: string): string[] => boundDuring(facts, agencyId, start, end);
  const team = teamOf(pickAgency(one, facts, now));
  const teams = agencies(facts).map(teamOf);
  const who = {
    creator: [team[one.creator % Math.max(team.length, 1)] ?? 'c1'],
    team,
    all: teams.filter(({ length }) => length >= 5).flat(),
    // Three in five of each, or more, or less.
    partial: teams.flatMap((each) => each.slice(0, Math.ceil(((6 + one.tilt) * each.length) / 10))),
  }[one.scope];
  const length = halfHour + one.beyond;
  for (const [index, creatorId] of [...new Set(who)].entries()) {
    const n = index === 0 && one.scope !== 'partial' ? Math.max(one.n + one.tilt, 1) : one.n;
    const bound = bindingsOf(facts, creatorId).findLast(
      ({ from, until }) => from < end && until > start,
    );
    const earliest = Math.max(start, bound?.from ?? start);
    const latest = Math.min(end - 1, (bound?.until ?? end) - 1, now - length);
    if (latest < earliest) continue;
    for (let session = 0; session < n; session++) {
      const share = Math.floor(((latest - earliest) * session) / n);
      const startedAt = one.anchor === 'last' ? latest - share : earliest + share;
      const times = {
        startedAt: formatInstant(startedAt),
        endedAt: formatInstant(startedAt + length),
      };
      const sessionId = nextSession(factsNow());
      yield {
        command: 'RecordSession',
        data: { sessionId, creatorId, ...times, ...content(one), ...sales(one) },
      };
      if (nextSession(factsNow()) === sessionId) break;
    }
  }
}

/**
 * Sales of one creator in other verticals, so that the vertical's share is just a tenth of all, or
 * just less.
 */
function* rivalSale(
  one: Operation,
  factsNow: () => readonly Fact[],
  now: number,
): Generator<Command> {
  const facts = factsNow();
  const month = monthBack(now, 1);
  const agencyId = pickAgency(one, facts, now);
  const vertical = verticals[one.vertical] ?? 'beauty';
  const sold = sessionsOf(facts, month).filter((each) => belongsTo(facts, each) === agencyId);
  if (boundAt(facts, agencyId, now).length <= 5) return;
  const amount = sold
    .flatMap((each) => each.sales)
    .reduce((sum, sale) => sum + (sale.vertical === vertical ? 9 : -1) * sale.amountFen, 0);
  const last = sold.at(-1);
  if (last === undefined || amount <= 0) return;
  const { creatorId, startedAt, endedAt } = last;
  yield {
    command: 'RecordSession',
    data: {
      sessionId: nextSession(facts),
      creatorId,
      startedAt: formatInstant(startedAt),
      endedAt: formatInstant(endedAt),
      sales: [
        {
          vertical: verticals[(one.vertical + 1) % 3],
          amountFen: amount + (one.fitting ? 0 : 1) + one.tilt,
        },
      ],
    },
  };
}

function dataOf(one: Operation, facts: readonly Fact[], now: number): Data {
  const reason = ['as reported', 'after review', 'by mistake'][one.text] ?? 'as reported';
  switch (one.command) {
    case 'BindCreator': {
      const free = creatorPool.filter((creatorId) => agencyOf(facts, creatorId, now) === null);
      const creatorId =
        one.stray === 'likely' && free.length > 0
          ? (free[one.creator % free.length] ?? 'c1')
          : pickCreator(one, facts, now);
      const name = one.text === 1 ? { name: `Creator ${creatorId}` } : {};
      return {
        agencyId: pickAgency(one, facts, now),
        creatorId,
        ...name,
        ...effective(one, facts, creatorId, now),
      };
    }
    case 'UnbindCreator': {
      const creatorId = pickCreator(one, facts, now);
      const agencyId =
        (one.stray === 'likely' ? agencyOf(facts, creatorId, now) : null) ??
        pickAgency(one, facts, now);
      return { agencyId, creatorId, ...effective(one, facts, creatorId, now) };
    }
    case 'GrantExposureRight':
    case 'WithdrawExposureRight': {
      const creatorId = pickCreator(one, facts, now);
      return { creatorId, ...effective(one, facts, creatorId, now) };
    }
    case 'RecordSession':
      return sessionData(one, facts, now);
    case 'CorrectSession':
      return correctionData(one, facts, now, reason);
    case 'VoidSession':
      return {
        sessionId:
          pick(one, sessions(facts), (each) => each.isVoid === (one.text === 2))?.sessionId ??
          's999',
        reason,
      };
    case 'FileComplaint':
      return complaintData(one, facts, now);
    case 'CloseComplaint':
      return {
        complaintId: pickComplaint(one, facts, (each) => each.outcome === null),
        outcome: one.outcome,
        ...(one.text === 0 ? {} : { reason }),
      };
    case 'MergeComplaints': {
      const all = complaints(facts);
      const into = all[one.target % Math.max(all.length, 1)];
      const from = all
        .filter(({ agencyId }) => agencyId === into?.agencyId || !one.fitting)
        .map(({ complaintId }) => complaintId)
        .filter((id) => id !== into?.complaintId || one.text === 2)
        .slice(-2);
      return {
        into: one.stray === 'unknown' ? 'k999' : (into?.complaintId ?? 'k1'),
        from: one.stray === 'all' || from.length === 0 ? [...from, 'k998'] : from,
      };
    }
    case 'UnmergeComplaint':
      return { complaintId: pickComplaint(one, facts, (each) => each.mergedInto !== null) };
    case 'ComputeAssessment': {
      const month = one.month === null ? notifiedMonth(facts, now) : monthBack(now, one.month);
      return {
        month,
        ...(one.named === 'agency' ? { agencyId: pickAgency(one, facts, now) } : {}),
      };
    }
    case 'RecordGrowthPost': {
      const ids = ofType(facts, 'GrowthPostRecorded').map(({ postId }) => postId);
      return {
        agencyId: pickAgency(one, facts, now),
        postId: one.collide ? (ids.at(-1) ?? 'g1') : `g${String(ids.length + 1)}`,
        occurredAt: formatInstant(instantOf(one, facts, null, now) ?? now),
      };
    }
    case 'AllocateSlots':
      return allocationData(one, facts, now);
    case 'WaiveSlot':
      return slotData(one, facts);
    case 'AssignSlot': {
      const slot = slotData(one, facts);
      const { month, vertical } = allocation(facts, slot.date) ?? {
        month: monthOf(now),
        vertical: 'beauty',
      };
      const qualified = qualifiedCreators(facts, slot.agencyId, month, vertical);
      const chosen = qualified.slice(0, one.fitting ? Math.max(one.n, 5) : one.n % 5);
      const creatorIds =
        one.stray === 'likely' && one.text !== 1 ? chosen : [...chosen.slice(1), 'c9', 'c10'];
      return { ...slot, creatorIds: [...new Set(creatorIds.length === 0 ? ['c1'] : creatorIds)] };
    }
    case 'ProposeTheme': {
      const ids = ofType(facts, 'ThemeProposed').map(({ proposalId }) => proposalId);
      return {
        proposalId: one.collide ? (ids.at(-1) ?? 't1') : `t${String(ids.length + 1)}`,
        agencyId: pickAgency(one, facts, now),
        month: monthsAfter(monthOf(now), one.fitting || one.month === null ? 1 : one.month),
        title: reason,
      };
    }
    case 'SelectTheme':
      return {
        proposalId: pick(one, ofType(facts, 'ThemeProposed'), () => true)?.proposalId ?? 't999',
      };
    default:
      return { date: slotDate(one, facts, now), reason };
  }
}

/** Says whether the command has an object to act upon; without one, a command is mostly noise. */
function isApt(command: string, facts: readonly Fact[], now: number): boolean {
  switch (command) {
    case 'UnbindCreator':
      return creatorPool.some((creatorId) => agencyOf(facts, creatorId, now) !== null);
    case 'CorrectSession':
    case 'VoidSession':
      return sessions(facts).length > 0;
    case 'CloseComplaint':
      return complaints(facts).some((each) => each.outcome === null);
    case 'MergeComplaints':
      return complaints(facts).length > 1;
    case 'UnmergeComplaint':
      return complaints(facts).some((each) => each.mergedInto !== null);
    case 'WaiveSlot':
    case 'AssignSlot':
      return slotsHeld(facts).length > 0;
    case 'SelectTheme':
      return ofType(facts, 'ThemeProposed').length > 0;
    default:
      return true;
  }
}

function instead(command: string): string {
  const usual: Readonly<Record<string, string>> = {
    CloseComplaint: 'FileComplaint',
    MergeComplaints: 'FileComplaint',
    UnmergeComplaint: 'MergeComplaints',
    WaiveSlot: 'AllocateSlots',
    AssignSlot: 'ComputeAssessment',
    SelectTheme: 'ProposeTheme',
  };
  return usual[command] ?? 'RecordSession';
}

function sessionData(one: Operation, facts: readonly Fact[], now: number): Data {
  const creatorId = pickCreator(one, facts, now);
  const length = one.fitting ? halfHour + one.beyond : one.text === 2 ? 0 : 1;
  const startedAt = Math.min(
    besideAnother(one, facts, creatorId) ?? instantOf(one, facts, creatorId, now) ?? now,
    one.anchor === 'ahead' ? now : now - length,
  );
  const ids = ofType(facts, 'SessionRecorded').map(({ sessionId }) => sessionId);
  return {
    sessionId: one.collide ? (ids.at(-1 - one.target) ?? 's1') : nextSession(facts),
    creatorId,
    startedAt: formatInstant(startedAt),
    endedAt: formatInstant(startedAt + length),
    ...content(one),
    ...sales(one),
    ...(one.text === 1 ? { newFollowers: one.target, views: one.n } : {}),
  };
}

/**
 * The end of another session of the creator, or a millisecond to either side; or its start. Nothing
 * in three of four.
 */
function besideAnother(
  one: Operation,
  facts: readonly Fact[],
  creatorId: string | undefined,
): number | undefined {
  if (one.content !== null) return undefined;
  const others = sessions(facts).filter((each) => each.creatorId === creatorId);
  const other = others[one.target % Math.max(others.length, 1)];
  if (other === undefined) return undefined;
  return (one.second === null ? other.endedAt : other.startedAt) + one.tilt;
}

function correctionData(one: Operation, facts: readonly Fact[], now: number, reason: string): Data {
  const of = pick(one, sessions(facts), (each) => !each.isVoid);
  const anchor = one.anchor === 'days' || one.anchor === 'ahead' ? 'change' : one.anchor;
  const startedAt =
    besideAnother(one, facts, of?.creatorId) ??
    instantOf({ ...one, anchor }, facts, of?.creatorId ?? null, now);
  const moves = one.named === 'agency' && startedAt !== null;
  const from = moves ? startedAt : (of?.startedAt ?? now);
  const endedAt = one.fitting ? Math.min(from + halfHour + one.beyond, now) : from - one.offset;
  return {
    sessionId: of?.sessionId ?? 's999',
    reason,
    ...(moves ? { startedAt: formatInstant(startedAt) } : {}),
    ...(one.text === 1 ? {} : { endedAt: formatInstant(endedAt) }),
    ...(one.text === 0 ? {} : { ...content(one), ...sales(one) }),
  };
}

function complaintData(one: Operation, facts: readonly Fact[], now: number): Data {
  const ids = complaints(facts).map(({ complaintId }) => complaintId);
  const creatorId = pickCreator(one, facts, now);
  const agencyId = pickAgency(one, facts, now);
  const both = one.text === 2 && !one.fitting;
  return {
    complaintId: one.collide ? (ids.at(-1) ?? 'k1') : `k${String(ids.length + 1)}`,
    ...(one.named === 'agency' || both ? { agencyId } : {}),
    ...(one.named === 'creator' || both ? { creatorId } : {}),
    complainant: { kind: one.complainant, ...(one.text === 1 ? { id: 'm1' } : {}) },
    occurredAt: formatInstant(
      instantOf(one, facts, one.named === 'creator' ? creatorId : null, now) ?? now,
    ),
    subject: 'goods not as shown',
  };
}

/** 40 points for a month that was computed, or that was not. */
function assessedDeduction(one: Operation, facts: readonly Fact[], now: number): Data {
  const computed = pick(one, ofType(facts, 'AssessmentComputed'), ({ assessment }) =>
    one.fitting ? assessment.verdict === 'passed' : assessment.verdict === 'failed',
  );
  const month = one.named === 'agency' ? computed?.month : undefined;
  const complaintId = complaints(facts).at(-1)?.complaintId;
  return {
    deductionId: `d${String(ofType(facts, 'DeductionImposed').length + 1)}`,
    agencyId: computed?.agencyId ?? pickAgency(one, facts, now),
    points: 40,
    clause: 'operating-metric-missed',
    occurredAt: formatInstant(now),
    basis:
      one.text === 2 && complaintId !== undefined
        ? { kind: 'complaint', complaintId }
        : { kind: 'assessment', month: month ?? monthBack(now, one.month ?? 1) },
  };
}

/** An allocation for a month and vertical with qualified agencies, if there are any. */
function allocationData(one: Operation, facts: readonly Fact[], now: number): Data {
  const choices = [1, 0, 2].flatMap((back) =>
    verticals.slice(0, 2).map((vertical) => ({ month: monthBack(now, back), vertical })),
  );
  const likely = choices
    .map((choice) => ({
      ...choice,
      ranked: verticalOf(facts, now, choice.month, choice.vertical).ranking.length,
    }))
    .toSorted((a, b) => b.ranked - a.ranked)[0];
  const vertical = verticals[one.vertical] ?? 'beauty';
  const { month } = likely ?? { month: monthOf(now) };
  return {
    date: slotDate(one, facts, now),
    vertical: one.stray === 'likely' ? (likely?.vertical ?? vertical) : vertical,
    month: one.stray === 'likely' ? month : monthBack(now, one.month ?? 1),
  };
}

function slotDate(one: Operation, facts: readonly Fact[], now: number): string {
  const taken = ofType(facts, 'SlotsAllocated').map(({ date }) => date);
  if (one.stray !== 'likely' || one.command === 'DeclareBlackout') {
    return taken[one.target] ?? dateOf(plusDays(now, one.target + 1));
  }
  const black = ofType(facts, 'BlackoutDeclared').at(-1)?.date;
  if (black !== undefined && one.text === 2) return black;
  const ahead = Array.from({ length: 60 }, (_, days) => dateOf(plusDays(now, days + 1)));
  return ahead.find((date) => !taken.includes(date) && !isBlackout(facts, date)) ?? dateOf(now);
}

function slotsHeld(facts: readonly Fact[]): { date: string; hour: number; agencyId: string }[] {
  return ofType(facts, 'SlotsAllocated').flatMap(({ date }) =>
    slotHours.flatMap((hour) => {
      const agencyId = holderOf(facts, date, hour);
      return agencyId === null ? [] : [{ date, hour, agencyId }];
    }),
  );
}

function slotData(
  one: Operation,
  facts: readonly Fact[],
): { date: string; hour: number; agencyId: string } {
  const held = slotsHeld(facts).toReversed();
  const slot = held[one.target % Math.max(held.length, 1)] ?? {
    date: '2019-06-01',
    hour: 10,
    agencyId: 'a1',
  };
  if (one.stray === 'likely') return slot;
  const given = ofType(facts, 'SlotsAllocated').at(-1);
  return one.stray === 'all'
    ? { ...slot, hour: one.text === 2 ? 12 : 21 - slot.hour }
    : {
        ...slot,
        date: given?.date ?? slot.date,
        agencyId: agencies(facts)[one.target % 2] ?? 'a1',
      };
}

// Instants

export function monthBack(now: number, months: number): string {
  return monthsAfter(monthOf(now), -months);
}

/** The month before, while this one is young. */
function busyMonth(now: number): string {
  return now < plusDays(startOfMonth(monthOf(now)), 12) ? monthBack(now, 1) : monthOf(now);
}

/** Returns the past month, of the last three, in which the most sessions began. */
function notifiedMonth(facts: readonly Fact[], now: number): string {
  const months = sessions(facts).map(({ startedAt }) => monthOf(startedAt));
  const count = (month: string): number => months.filter((each) => each === month).length;
  return [1, 2, 3]
    .map((back) => monthBack(now, back))
    .reduce((best, month) => (count(month) > count(best) ? month : best));
}

function past(one: Operation, facts: readonly Fact[], now: number): Data {
  const instant = instantOf(one, facts, null, now);
  return instant === null || (instant > now && one.stray === 'likely')
    ? {}
    : { effectiveAt: formatInstant(instant) };
}

function instantOf(
  one: Operation,
  facts: readonly Fact[],
  creatorId: string | null,
  now: number,
): number | null {
  const edge = startOfMonth(monthOf(now));
  switch (one.anchor) {
    case 'absent':
      return null;
    case 'first':
      return edge + one.offset;
    case 'last':
      return startOfMonth(monthBack(now, one.target % 3)) + one.offset;
    case 'midnight':
      return startOfMonth(monthBack(now, one.target % 2)) - 10 * 60_000;
    case 'change': {
      const changes = (creatorId === null ? facts : rosterChanges(facts, creatorId)).flatMap(
        (fact) => ('effectiveAt' in fact && fact.effectiveAt !== null ? [fact.effectiveAt] : []),
      );
      const change = changes.toReversed()[one.target % Math.max(changes.length, 1)];
      return change === undefined ? null : change + one.offset;
    }
    case 'ahead':
      return now + 1;
    case 'spread':
      return now - one.days * 3_600_000;
    case 'days':
      return plusDays(now, -one.days);
  }
}

function effective(one: Operation, facts: readonly Fact[], creatorId: string, now: number): Data {
  const instant = instantOf(one, facts, creatorId, now);
  if (instant === null) return {};
  // Mostly in order, because a refusal tests few things.
  const earliest = Math.max(
    ...rosterChanges(facts, creatorId).map(({ effectiveAt }) => effectiveAt),
  );
  const ordered =
    one.stray === 'likely' && one.anchor !== 'change' ? Math.max(instant, earliest) : instant;
  return { effectiveAt: formatInstant(one.stray === 'likely' ? Math.min(ordered, now) : ordered) };
}

/** The ends of months and of registrations ahead, and what else takes effect. */
export function operationInstants(command: string, now: number): number[] {
  const months = [0, 1, 2].map((after) => monthsAfter(monthOf(now), after));
  const ends = months.map(endOfMonth);
  const registrations = months.map((month) => registration(monthsAfter(month, 1)));
  const own =
    command === 'ProposeTheme'
      ? registrations.flatMap(({ from, until }) => [from, until])
      : ends.slice(0, 1);
  return own.filter((instant) => instant > now).toSorted((a, b) => a - b);
}

// Picking

function agencies(facts: readonly Fact[]): string[] {
  return ofType(facts, 'AgencyAdmitted').map(({ agencyId }) => agencyId);
}

function pickAgency(one: Operation, facts: readonly Fact[], now: number): string {
  if (one.agency === 9) return 'a9';
  const all = agencies(facts);
  const standing = all.filter((agencyId) =>
    ['active', 'pending_expulsion'].includes(standingAt(facts, agencyId, now)),
  );
  const from = one.stray === 'likely' && standing.length > 0 ? standing : all;
  return from[one.agency % Math.max(from.length, 1)] ?? 'a1';
}

function pickCreator(one: Operation, facts: readonly Fact[], now: number): string {
  if (one.creator === 99) return 'c99';
  const bound = agencies(facts).flatMap((agencyId) => boundAt(facts, agencyId, now));
  const from = one.stray === 'likely' && bound.length > 0 ? bound : creatorPool;
  return from[one.creator % from.length] ?? 'c1';
}

function bindingsOf(facts: readonly Fact[], creatorId: string): { from: number; until: number }[] {
  const changes = rosterChanges(facts, creatorId).toSorted((a, b) => a.seq - b.seq);
  const ends = changes.filter(({ type }) => type === 'CreatorUnbound');
  return changes
    .filter(({ type }) => type === 'CreatorBound')
    .map((bound) => ({
      from: bound.effectiveAt,
      until: ends.find(({ seq }) => seq > bound.seq)?.effectiveAt ?? Infinity,
    }));
}

function pickComplaint(
  one: Operation,
  facts: readonly Fact[],
  isLikely: (each: ReturnType<typeof complaints>[number]) => boolean,
): string {
  return pick(one, complaints(facts), isLikely)?.complaintId ?? 'k999';
}

function pick<T>(one: Operation, all: readonly T[], isLikely: (each: T) => boolean): T | undefined {
  if (one.stray === 'unknown') return undefined;
  const likely = all.filter(isLikely);
  const from = (one.stray === 'likely' && likely.length > 0 ? likely : all).toReversed();
  return from[one.target % Math.max(from.length, 1)];
}

function nextSession(facts: readonly Fact[]): string {
  return `s${String(ofType(facts, 'SessionRecorded').length + 1)}`;
}

function content({ content }: Operation): Data {
  return content === null ? {} : { contentVertical: verticals[content] };
}

/** One vertical, or two that compete; now and then a list that is empty, or one vertical twice. */
function sales({ amount, second, vertical, text, target }: Operation): Data {
  if (amount === null) return {};
  const first: Sale = { vertical: verticals[vertical] ?? 'beauty', amountFen: amount };
  if (second === null) return { sales: [first] };
  if (text === 2) return { sales: target > 2 ? [] : [first, { ...first, amountFen: second }] };
  return { sales: [first, { vertical: verticals[(vertical + 1) % 3], amountFen: second }] };
}
