import {
  accepted,
  refused,
  type Decision,
  type DecisionContext,
  type Refused,
} from '../decision.js';
import type { DecidedEvent, EventFacts } from '../event.js';
import type { Instant } from '../instant.js';
import {
  closed,
  DateSchema,
  described,
  enumOf,
  IdSchema,
  InstantSchema,
  MonthSchema,
  nullable,
  TextSchema,
  Type,
  VerticalSchema,
  type Shape,
  wanted,
} from '../schema.js';
import type { LedgerZone } from '../zone.js';
import { sumOf, SumSchema, type Sum } from './sum.js';
import { aliMcnSupport, type SupportTerms } from './support-terms.js';
import type { RankedAgency } from './vertical.js';

/** An hour as allocated. It has no holder when fewer agencies are ranked than there are hours. */
export interface AllocatedSlot {
  readonly agencyId?: string;
  readonly hour: number;
  readonly positions: number;
}

/**
 * The data of each event of a date's slots, by type, at schema version 1 (`docs/spec/event.md`,
 * "Traffic support").
 */
export interface SlotsEventData {
  SlotsAllocated: {
    readonly date: string;
    /** The month of the ranking. */
    readonly month: string;
    readonly ranking: readonly RankedAgency[];
    readonly slots: readonly AllocatedSlot[];
    readonly vertical: string;
  };
  SlotWaived: {
    readonly agencyId: string;
    readonly date: string;
    readonly hour: number;
    /** The next in rank without an hour, who gets this one. */
    readonly movedUp?: string;
  };
  SlotAssigned: {
    readonly agencyId: string;
    readonly creatorIds: readonly string[];
    readonly date: string;
    readonly hour: number;
  };
  BlackoutDeclared: { readonly date: string; readonly reason: string };
}

export type SlotsEventType = keyof SlotsEventData;

/** An event of a date's slots as it is decided. */
export type SlotsEvent = DecidedEvent<SlotsEventData>;

/** Every type of a stream of slots and the schema version it is written in. */
export const eventVersions: Readonly<Record<SlotsEventType, number>> = {
  SlotsAllocated: 1,
  SlotWaived: 1,
  SlotAssigned: 1,
  BlackoutDeclared: 1,
};

/** An hour as it stands. */
export interface Slot {
  readonly hour: number;
  readonly positions: number;
  /** The agency that holds it. */
  readonly agencyId: string | undefined;
  /** The creators the agency assigned it to; empty until it is assigned. */
  readonly creatorIds: readonly string[];
}

/** A date's slots. At K they are the fold of the stream's events recorded at or before K. */
export interface Slots {
  readonly blackout: string | undefined;
  readonly allocation:
    | {
        readonly vertical: string;
        readonly month: string;
        readonly ranking: readonly RankedAgency[];
        readonly slots: readonly Slot[];
        readonly waived: readonly SlotsEventData['SlotWaived'][];
      }
    | undefined;
}

export const empty: Slots = { blackout: undefined, allocation: undefined };

export function evolve(slots: Slots, event: EventFacts<SlotsEventData>): Slots {
  switch (event.type) {
    case 'SlotsAllocated': {
      const { vertical, month, ranking } = event.data;
      const hours = event.data.slots.map(({ hour, positions, agencyId }) => ({
        hour,
        positions,
        agencyId,
        creatorIds: [],
      }));
      return { ...slots, allocation: { vertical, month, ranking, slots: hours, waived: [] } };
    }
    case 'SlotWaived': {
      const { hour, movedUp } = event.data;
      const changed = withSlot(slots, hour, { agencyId: movedUp, creatorIds: [] });
      return changed.allocation === undefined
        ? changed
        : {
            ...changed,
            allocation: {
              ...changed.allocation,
              waived: [...changed.allocation.waived, event.data],
            },
          };
    }
    case 'SlotAssigned':
      return withSlot(slots, event.data.hour, { creatorIds: event.data.creatorIds });
    case 'BlackoutDeclared':
      return { ...slots, blackout: event.data.reason };
  }
}

function withSlot(slots: Slots, hour: number, change: Partial<Slot>): Slots {
  const { allocation } = slots;
  if (allocation === undefined) return slots;
  const changed = allocation.slots.map((slot) =>
    slot.hour === hour ? { ...slot, ...change } : slot,
  );
  return { ...slots, allocation: { ...allocation, slots: changed } };
}

/** Any hour may be requested; an hour without a slot gives `no_slot`. */
const Hour = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: wanted('an hour of the day: 10', '一天中的小时：10'),
});

/** The data of each command on a date's slots (interchange §2). */
export const commandSchemas = {
  AllocateSlots: Type.Object(
    { date: DateSchema, vertical: VerticalSchema, month: MonthSchema },
    { additionalProperties: false },
  ),
  WaiveSlot: Type.Object(
    { date: DateSchema, hour: Hour, agencyId: IdSchema },
    { additionalProperties: false },
  ),
  AssignSlot: Type.Object(
    {
      date: DateSchema,
      hour: Hour,
      agencyId: IdSchema,
      creatorIds: Type.Array(IdSchema, {
        maxItems: 500,
        uniqueItems: true,
        description: wanted('at most 500 creator ids, each once', '最多 500 个达人编号，不得重复'),
      }),
    },
    { additionalProperties: false },
  ),
  DeclareBlackout: Type.Object(
    { date: DateSchema, reason: TextSchema },
    { additionalProperties: false },
  ),
} as const;

export interface SlotsCommandData {
  readonly AllocateSlots: {
    readonly date: string;
    readonly vertical: string;
    readonly month: string;
  };
  readonly WaiveSlot: { readonly date: string; readonly hour: number; readonly agencyId: string };
  readonly AssignSlot: SlotsCommandData['WaiveSlot'] & { readonly creatorIds: readonly string[] };
  readonly DeclareBlackout: { readonly date: string; readonly reason: string };
}

/** A checked command on the slots of one date. */
export type SlotsCommand = {
  [Name in keyof SlotsCommandData]: {
    readonly command: Name;
    readonly data: SlotsCommandData[Name];
  };
}[keyof SlotsCommandData];

type When = Pick<DecisionContext, 'now' | 'rulebooks'>;

/**
 * Gives the hours of a date away in rank order.
 *
 * @param ranking of the command's month and vertical, as known now
 */
export function allocateSlots(
  { date, vertical, month }: SlotsCommandData['AllocateSlots'],
  slots: Slots,
  ranking: readonly RankedAgency[],
  { now, rulebooks }: When,
  terms: SupportTerms = aliMcnSupport,
): Decision<SlotsEvent> {
  if (slots.blackout !== undefined)
    return refused('blackout_date', {
      en: `${date} is a blackout date; choose another`,
      zh: `${date} 停排；请另选日期`,
    });
  if (slots.allocation !== undefined)
    return refused('already_allocated', {
      en: `the slots of ${date} are allocated for "${slots.allocation.vertical}"`,
      zh: `${date} 的流量位已分配给垂类 "${slots.allocation.vertical}"`,
    });
  const allocated = terms.slotHours.map((hour, rank) => ({
    ...(ranking[rank] !== undefined && { agencyId: ranking[rank].agencyId }),
    hour,
    positions: terms.positionsPerSlot,
  }));
  return accepted({
    type: 'SlotsAllocated',
    data: { date, month, ranking, slots: allocated, vertical },
    rulebook: rulebooks.inForceAt(now).reference,
  });
}

/**
 * Gives up an hour. It goes to the next in rank that has no hour of the date and has given none up.
 */
export function waiveSlot(
  { date, hour, agencyId }: SlotsCommandData['WaiveSlot'],
  slots: Slots,
): Decision<SlotsEvent> {
  const { allocation } = slots;
  if (allocation === undefined || !hasSlot(slots, hour, agencyId))
    return noSlot(date, hour, agencyId);
  const served = new Set([...allocation.slots, ...allocation.waived].map((each) => each.agencyId));
  const movedUp = allocation.ranking.find((ranked) => !served.has(ranked.agencyId))?.agencyId;
  return accepted({
    type: 'SlotWaived',
    data: { agencyId, date, hour, ...(movedUp !== undefined && { movedUp }) },
  });
}

/**
 * Assigns an hour to creators. A new assignment replaces the one before.
 *
 * @param qualified the agency's creators that are qualified in the allocation's vertical and month,
 * see `qualifiedCreators`
 */
export function assignSlot(
  { date, hour, agencyId, creatorIds }: SlotsCommandData['AssignSlot'],
  slots: Slots,
  qualified: ReadonlySet<string>,
  { now, rulebooks }: When,
  terms: SupportTerms = aliMcnSupport,
): Decision<SlotsEvent> {
  if (!hasSlot(slots, hour, agencyId)) return noSlot(date, hour, agencyId);
  if (creatorIds.length < terms.minAssignedCreators) {
    return refused('too_few_creators', {
      en:
        `data.creatorIds: ${creatorIds.length}; ` +
        `a slot goes to at least ${terms.minAssignedCreators} creators`,
      zh:
        `data.creatorIds：${creatorIds.length} 位；一个流量位至少安排 ` +
        `${terms.minAssignedCreators} 位达人`,
    });
  }
  const stranger = creatorIds.find((creatorId) => !qualified.has(creatorId));
  if (stranger !== undefined) {
    return refused('not_qualified', {
      en:
        `data.creatorIds: "${stranger}" is not one of ` +
        `the creators agency "${agencyId}" is ranked with`,
      zh: `data.creatorIds："${stranger}" 不属于机构 "${agencyId}" 参与排名的达人`,
    });
  }
  return accepted({
    type: 'SlotAssigned',
    data: { agencyId, creatorIds, date, hour },
    rulebook: rulebooks.inForceAt(now).reference,
  });
}

/** No slot exists on the date from then on; what was allocated stays as a record. */
export function declareBlackout({
  date,
  reason,
}: SlotsCommandData['DeclareBlackout']): Decision<SlotsEvent> {
  return accepted({ type: 'BlackoutDeclared', data: { date, reason } });
}

function hasSlot({ blackout, allocation }: Slots, hour: number, agencyId: string): boolean {
  return (
    blackout === undefined &&
    allocation?.slots.some((slot) => slot.hour === hour && slot.agencyId === agencyId) === true
  );
}

function noSlot(date: string, hour: number, agencyId: string): Refused {
  return refused('no_slot', {
    en: `agency "${agencyId}" has no slot at ${hour}:00 on ${date}`,
    zh: `机构 "${agencyId}" 在 ${date} ${hour}:00 没有流量位`,
  });
}

/**
 * The state of an hour at an instant. `waived`: no creator was assigned before it began, which
 * counts as giving it up; then it is too late for another agency to move up.
 */
export type SlotStatus = Shape<typeof SlotStatusSchema>;
const SlotStatusSchema = enumOf(['vacant', 'allocated', 'assigned', 'waived', 'blackout']);

/** The slots of a date, for people and programs. */
export type SlotsAnswer = Shape<typeof SlotsAnswerSchema>;
export const SlotsAnswerSchema = closed({
  date: DateSchema,
  effectiveAt: InstantSchema,
  blackout: nullable(Type.String(), 'why the date has no slots; null when it has'),
  vertical: nullable(VerticalSchema),
  month: nullable(MonthSchema),
  slots: Type.Array(
    closed({
      hour: Type.Integer(),
      positions: Type.Integer(),
      startsAt: InstantSchema,
      endsAt: InstantSchema,
      agencyId: nullable(IdSchema),
      status: SlotStatusSchema,
      creatorIds: Type.Array(IdSchema),
    }),
  ),
  waived: Type.Array(
    closed({ hour: Type.Integer(), agencyId: IdSchema, movedUp: nullable(IdSchema) }),
    { description: 'the hours given up by an act, in the order it was recorded' },
  ),
});

/** Answers for the slots known at K (the fold up to K) as they stand at `effectiveAt` (E). */
export function slotsAnswer(
  date: string,
  slots: Slots,
  effectiveAt: Instant,
  zone: LedgerZone,
): SlotsAnswer {
  const { blackout = null, allocation } = slots;
  return {
    date,
    effectiveAt: zone.format(effectiveAt),
    blackout,
    vertical: allocation?.vertical ?? null,
    month: allocation?.month ?? null,
    slots: (allocation?.slots ?? []).map((slot) => {
      const { hour, positions, agencyId = null, creatorIds } = slot;
      const startsAt = zone.startOfHour(date, hour);
      const status: SlotStatus =
        blackout !== null ? 'blackout' : statusAt(slot, startsAt, effectiveAt);
      const endsAt = zone.format(zone.startOfHour(date, hour + 1));
      return {
        hour,
        positions,
        startsAt: zone.format(startsAt),
        endsAt,
        agencyId,
        status,
        creatorIds,
      };
    }),
    waived: (allocation?.waived ?? []).map(({ hour, agencyId, movedUp = null }) => ({
      hour,
      agencyId,
      movedUp,
    })),
  };
}

function statusAt(
  { agencyId, creatorIds }: Slot,
  startsAt: Instant,
  effectiveAt: Instant,
): SlotStatus {
  if (agencyId === undefined) return 'vacant';
  if (creatorIds.length > 0) return 'assigned';
  return effectiveAt >= startsAt ? 'waived' : 'allocated';
}

/** A session that is not voided, with the agency it belongs to. */
export interface SessionOfSlot {
  readonly agencyId: string;
  readonly creatorId: string;
  readonly startedAt: Instant;
  readonly sales?: readonly { readonly vertical: string; readonly amountFen: number }[];
  readonly newFollowers?: number;
}

export type SlotResult = Shape<typeof SlotResultSchema>;
export const SlotResultSchema = closed({
  hour: Type.Integer(),
  agencyId: IdSchema,
  sessions: Type.Integer(),
  sales: described(SumSchema, 'of the allocation’s vertical, in fen'),
  newFollowers: SumSchema,
});

/**
 * The results of each assigned hour: the sessions its creators started in it with its agency. A
 * session belongs entirely to the hour of its start, as it belongs to the date of its start (rules
 * §6). So a session never counts for two slots.
 */
export function slotResults(
  date: string,
  { blackout, allocation }: Slots,
  sessions: Iterable<SessionOfSlot>,
  zone: LedgerZone,
): SlotResult[] {
  if (allocation === undefined || blackout !== undefined) return [];
  const given = [...sessions];
  return allocation.slots.flatMap(({ hour, agencyId, creatorIds }) => {
    if (agencyId === undefined || creatorIds.length === 0) return [];
    const [start, end] = [zone.startOfHour(date, hour), zone.startOfHour(date, hour + 1)];
    const own = given.filter(
      (session) =>
        session.agencyId === agencyId &&
        creatorIds.includes(session.creatorId) &&
        session.startedAt >= start &&
        session.startedAt < end,
    );
    const sold = own
      .flatMap(({ sales = [] }) => sales)
      .filter(({ vertical }) => vertical === allocation.vertical);
    return [
      {
        hour,
        agencyId,
        sessions: own.length,
        sales: total(sold.map(({ amountFen }) => amountFen)),
        newFollowers: total(own.map(({ newFollowers = 0 }) => newFollowers)),
      },
    ];
  });
}

function total(amounts: readonly number[]): Sum {
  return sumOf(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n));
}
