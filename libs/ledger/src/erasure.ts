import { holdGroundTerms, type Hold } from './agency/answers/holds.js';
import { byCodeUnit } from './canonical-json.js';
import {
  accepted,
  refused,
  withPersonal,
  type Decision,
  type DecisionContext,
} from './decision.js';
import type { DecidedEvent, EventFacts } from './event.js';
import { joined, type InBoth } from './in-both.js';
import { endOfTime, type Instant } from './instant.js';
import type { Read } from './command-instants.js';
import { nounTerms } from './nouns.js';
import {
  closed,
  IdSchema,
  InstantSchema,
  TextSchema,
  Type,
  type Static,
  wanted,
} from './schema.js';
import type { LedgerZone } from './zone.js';

const SubjectSchema = Type.String({
  pattern: '^(?:agency|complaint|creator|evidence):[A-Za-z0-9._:-]{1,64}$',
  description: wanted(
    'agency:ID, complaint:ID, creator:ID or evidence:ID',
    'agency:ID、complaint:ID、creator:ID 或 evidence:ID',
  ),
});

/**
 * A person's request to destroy the only key that opens a subject's personal data
 * (`docs/spec/event.md`, "Personal data").
 */
export const eraseSubjectSchema = Type.Object(
  {
    subject: SubjectSchema,
    requestId: Type.Optional(IdSchema),
  },
  { additionalProperties: false },
);

/** `requestId` is the reference of the request; it stays, so it must not say who asked. */
export type EraseSubject = Static<typeof eraseSubjectSchema>;

/** The schema of each command's data, by command name. */
export const commandSchemas = {
  PlaceLegalHold: closed({
    holdId: IdSchema,
    subject: SubjectSchema,
    reason: TextSchema,
    until: Type.Optional(InstantSchema),
  }),
  LiftLegalHold: closed({ holdId: IdSchema, reason: TextSchema }),
} as const;

export type HoldCommandName = keyof typeof commandSchemas;

export type HoldCommandData = {
  [Name in HoldCommandName]: Read<Static<(typeof commandSchemas)[Name]>>;
};

/**
 * A person's order that a subject's key be kept, and its end. An order on an agency holds the keys
 * of its complaints, its evidence and its creators too.
 */
export type HoldCommand = {
  [Name in HoldCommandName]: { readonly command: Name; readonly data: HoldCommandData[Name] };
}[HoldCommandName];

export interface ErasureEventData {
  /**
   * The subject's key is destroyed when this is read: every reader that still finds the key
   * destroys it.
   */
  SubjectErased: EraseSubject;
  /** The erasure was refused, because of what holds the key: the longest first. */
  ErasureHeld: EraseSubject & { readonly holds: readonly Hold[] };
  LegalHoldPlaced: {
    readonly holdId: string;
    readonly subject: string;
    /** The first instant at which it holds no more. */
    readonly until?: Instant;
  };
  LegalHoldLifted: { readonly holdId: string; readonly subject: string };
}

export type ErasureEvent = DecidedEvent<ErasureEventData>;

export type RecordedErasureEvent = EventFacts<ErasureEventData> & {
  readonly recordedAt: Instant;
  readonly actor: string;
};

/** Every type of the stream and the schema version it is written in. */
export const eventVersions: Readonly<Record<keyof ErasureEventData, number>> = {
  SubjectErased: 1,
  ErasureHeld: 1,
  LegalHoldPlaced: 1,
  LegalHoldLifted: 1,
};

/** A hold that a person placed. */
export interface LegalHold {
  readonly holdId: string;
  readonly subject: string;
  readonly by: string;
  readonly until?: Instant;
  readonly liftedAt?: Instant;
}

/** An erasure that was refused and has not been made since. */
export interface WaitingErasure extends EraseSubject {
  readonly by: string;
  /** The first time that it was asked for. */
  readonly askedAt: Instant;
}

/** The holds and the erasures of a ledger. {@link evolve} changes it in place. */
export interface ErasureHistory {
  readonly holds: Map<string, LegalHold>;
  /** By subject. */
  readonly waiting: Map<string, WaitingErasure>;
}

export function emptyHistory(): ErasureHistory {
  return { holds: new Map(), waiting: new Map() };
}

/** Folds one event into a history, which is changed in place and returned. */
export function evolve(history: ErasureHistory, event: RecordedErasureEvent): ErasureHistory {
  const { recordedAt, actor: by } = event;
  switch (event.type) {
    case 'SubjectErased':
      history.waiting.delete(event.data.subject);
      return history;
    case 'ErasureHeld': {
      const { subject, requestId } = event.data;
      const { askedAt = recordedAt } = history.waiting.get(subject) ?? {};
      const asked = { subject, ...(requestId !== undefined && { requestId }), by, askedAt };
      history.waiting.set(subject, asked);
      return history;
    }
    case 'LegalHoldPlaced':
      history.holds.set(event.data.holdId, { ...event.data, by });
      return history;
    case 'LegalHoldLifted': {
      const { holdId, subject } = event.data;
      const placed = history.holds.get(holdId) ?? { holdId, subject, by };
      history.holds.set(holdId, { ...placed, liftedAt: recordedAt });
      return history;
    }
  }
}

/** The holds on these subjects that persons placed and that stand at `now`. */
export function legalHoldsOn(
  subjects: ReadonlySet<string>,
  { holds }: ErasureHistory,
  now: Instant,
): Hold[] {
  return [...holds.values()]
    .filter(({ subject, liftedAt }) => subjects.has(subject) && liftedAt === undefined)
    .filter(({ until = endOfTime }) => now < until)
    .map(({ holdId, by, until }) => ({
      by,
      ground: 'legal_hold',
      id: holdId,
      kind: 'hold',
      ...(until !== undefined && { until }),
    }));
}

/**
 * The reason why an erasure was refused. It is not a command of interchange §2 and has its own
 * codes.
 */
export type ErasureRefusal = 'legal_hold';

/** The state of a subject's key. */
export type KeyState = 'held' | 'destroyed' | 'never';

/** The refusal of a subject whose texts are not to be had: nothing was sealed, or it was erased. */
function unlessSealed(subject: string, key: KeyState) {
  switch (key) {
    case 'never':
      return refused('unknown_subject', {
        en: `nothing was ever sealed for "${subject}"; check the id`,
        zh: `从未为 "${subject}" 封存过任何内容；请核对编号`,
      });
    case 'destroyed':
      return refused('already_erased', {
        en: `the key of "${subject}" was destroyed before`,
        zh: `"${subject}" 的密钥此前已销毁`,
      });
    case 'held':
      return undefined;
  }
}

/** The most holds that a refused erasure lists: those that last longest. */
export const maxHolds = 100;

/**
 * Judges an erasure.
 *
 * @param key whether the subject has a key
 * @param holds what holds the subject's key
 */
export function eraseSubject(
  { subject, requestId }: EraseSubject,
  key: KeyState,
  holds: readonly Hold[],
): Decision<ErasureEvent> {
  const unsealed = unlessSealed(subject, key);
  if (unsealed !== undefined) return unsealed;
  const request = { ...(requestId !== undefined && { requestId }), subject };
  if (holds.length === 0) return accepted({ type: 'SubjectErased', data: request });
  return accepted({ type: 'ErasureHeld', data: { holds: inOrder(holds), ...request } });
}

/** The longest first, each once; those of one end by ground, kind and id. */
export function inOrder(holds: readonly Hold[]): Hold[] {
  const keyOf = ({ ground, kind, id }: Hold): string => `${ground}/${kind}/${id}`;
  const endOf = ({ until = endOfTime }: Hold): Instant => until;
  return [...new Map(holds.map((hold) => [keyOf(hold), hold])).values()]
    .sort((a, b) => byCodeUnit(endOf(b), endOf(a)) || byCodeUnit(keyOf(a), keyOf(b)))
    .slice(0, maxHolds);
}

/** A hold with its end in the ledger's zone. */
export type ShownHold = Omit<Hold, 'until'> & { readonly until?: string };

export function shownHold({ until, ...hold }: Hold, zone: LedgerZone): ShownHold {
  return until === undefined ? hold : { ...hold, until: zone.format(until) };
}

/** The most holds that a sentence names. */
const maxShown = 5;

/** Names what holds a subject's key, the longest first, and until when, as people read it. */
export function heldInBoth(holds: readonly Hold[], zone: LedgerZone): InBoth {
  const shown = holds.slice(0, maxShown).map((hold) => holdInBoth(shownHold(hold, zone)));
  const more = holds.length - shown.length;
  if (more > 0) shown.push({ en: `${String(more)} more`, zh: `另有 ${String(more)} 项` });
  return joined(shown);
}

/**
 * A hold as people read it: `legal hold "h1" by officer-1, until 2026-…`.
 *
 * @param hold its `until` as it is to be shown
 */
export function holdInBoth({ by, ground, id, kind, until: end }: ShownHold): InBoth {
  const term = holdGroundTerms[ground];
  const record =
    kind === 'hold'
      ? { en: `"${id}"`, zh: `"${id}"` }
      : { en: `${nounTerms[kind].en} "${id}"`, zh: `${nounTerms[kind].zh} "${id}"` };
  const placer =
    by === undefined ? { en: '', zh: '' } : { en: ` by ${by}`, zh: `（由 ${by} 设置）` };
  return {
    en:
      `${term.en}: ${record.en}${placer.en}, ` +
      (end === undefined ? 'without a set end' : `until ${end}`),
    zh: `${term.zh}：${record.zh}${placer.zh}，` + (end === undefined ? '未定期限' : `至 ${end}`),
  };
}

/** Finds what is wrong in a command at the instant it arrives, without the history. */
export function problemOf(
  { command, data }: HoldCommand,
  { now, zone }: Pick<DecisionContext, 'now' | 'zone'>,
): InBoth | undefined {
  if (command !== 'PlaceLegalHold' || data.until === undefined || data.until > now)
    return undefined;
  const until = zone.format(data.until);
  return {
    en: `data.until: ${until} is not after now, ${zone.format(now)}; give a later instant`,
    zh: `data.until：${until} 不晚于当前时间 ${zone.format(now)}；请给出更晚的时点`,
  };
}

/** Places a hold. A repeated id never gets here: it is a duplicate or a conflict. */
export function placeLegalHold(
  { holdId, subject, reason, until }: HoldCommandData['PlaceLegalHold'],
  key: KeyState,
): Decision<ErasureEvent> {
  return (
    unlessSealed(subject, key) ??
    accepted({
      type: 'LegalHoldPlaced',
      data: { holdId, subject, ...(until !== undefined && { until }) },
      ...withPersonal({ reason }),
    })
  );
}

/** Lifts a hold that stands. */
export function liftLegalHold(
  { holdId, reason }: HoldCommandData['LiftLegalHold'],
  { holds }: ErasureHistory,
  { now, zone }: Pick<DecisionContext, 'now' | 'zone'>,
): Decision<ErasureEvent> {
  const hold = holds.get(holdId);
  if (hold === undefined)
    return refused('unknown_hold', {
      en: `no legal hold "${holdId}" was placed; check the id`,
      zh: `没有设置法律保留 "${holdId}"；请核对编号`,
    });
  const { subject, liftedAt, until = endOfTime } = hold;
  const end = liftedAt ?? (until <= now ? until : undefined);
  if (end !== undefined)
    return refused('already_lifted', {
      en: `legal hold "${holdId}" ended ${zone.format(end)}`,
      zh: `法律保留 "${holdId}" 已于 ${zone.format(end)} 结束`,
    });
  return accepted({
    type: 'LegalHoldLifted',
    data: { holdId, subject },
    ...withPersonal({ reason }),
  });
}
