import type { InBoth } from '../in-both.js';
import {
  accepted,
  refused,
  withPersonal,
  type Decision,
  type DecisionContext,
} from '../decision.js';
import type { DecidedEvent, EventFacts } from '../event.js';
import { laterOf, type Instant, endOfTime } from '../instant.js';
import { IdSchema, InstantSchema, Type, type Static, wanted } from '../schema.js';
import type { Read } from '../command-instants.js';
import { isAdmitted, standingTerms, type Standing } from '../standing.js';

/** The subject whose key seals a creator's name. */
export function subjectOf(creatorId: string): string {
  return `creator:${creatorId}`;
}

/**
 * The data of each event of a creator's stream, by type, at schema version 1 (`docs/spec/event.md`,
 * "Roster and sessions").
 */
export interface CreatorEventData {
  CreatorBound: { readonly agencyId: string; readonly creatorId: string };
  CreatorUnbound: { readonly agencyId: string; readonly creatorId: string };
  ExposureRightGranted: { readonly creatorId: string };
  ExposureRightWithdrawn: { readonly creatorId: string };
}

export type CreatorEventType = keyof CreatorEventData;

/** A creator event as {@link decide} gives it. */
export type CreatorEvent = DecidedEvent<CreatorEventData>;

/** A creator event as it was recorded. */
export type RecordedCreatorEvent = EventFacts<CreatorEventData> & { readonly recordedAt: Instant };

/** Every type of a creator's stream and the schema version it is written in. */
export const eventVersions: Readonly<Record<CreatorEventType, number>> = {
  CreatorBound: 1,
  CreatorUnbound: 1,
  ExposureRightGranted: 1,
  ExposureRightWithdrawn: 1,
};

/** From `effectiveAt` on, known from `recordedAt` on. */
interface Change {
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
}

/** Bound to an agency, or to none. */
export interface BindingChange extends Change {
  readonly agencyId: string | undefined;
}

export interface ExposureChange extends Change {
  readonly granted: boolean;
}

/**
 * Everything recorded about one creator. `time_order` keeps each list in the order of both its
 * instants.
 */
export interface CreatorHistory {
  creatorId: string;
  readonly bindings: BindingChange[];
  readonly exposure: ExposureChange[];
}

export function empty(creatorId = ''): CreatorHistory {
  return { creatorId, bindings: [], exposure: [] };
}

/** Folds one event into a history, which is changed in place and given back. */
export function evolve(history: CreatorHistory, event: RecordedCreatorEvent): CreatorHistory {
  const { recordedAt, effectiveAt = recordedAt } = event;
  history.creatorId = event.data.creatorId;
  switch (event.type) {
    case 'CreatorBound':
      history.bindings.push({ recordedAt, effectiveAt, agencyId: event.data.agencyId });
      return history;
    case 'CreatorUnbound':
      history.bindings.push({ recordedAt, effectiveAt, agencyId: undefined });
      return history;
    case 'ExposureRightGranted':
    case 'ExposureRightWithdrawn':
      history.exposure.push({
        recordedAt,
        effectiveAt,
        granted: event.type === 'ExposureRightGranted',
      });
      return history;
  }
}

/**
 * The agency that answers for the creator at `effectiveAt` (E), as known at `knownAt` (K);
 * `undefined` when it is bound to none. A creator stays bound while its agency is expelled or gone:
 * only an unbinding ends it.
 */
export function agencyOfCreatorAt(
  history: CreatorHistory,
  effectiveAt: Instant,
  knownAt: Instant = endOfTime,
): string | undefined {
  return changeAt(history.bindings, effectiveAt, knownAt)?.agencyId;
}

/** Says whether the creator has the exposure right at (E, K). */
export function hasExposureRightAt(
  history: CreatorHistory,
  effectiveAt: Instant,
  knownAt: Instant = endOfTime,
): boolean {
  return changeAt(history.exposure, effectiveAt, knownAt)?.granted ?? false;
}

/**
 * The last change that holds. A loop from the end, because every session needs it and it is nearly
 * always the last one.
 */
function changeAt<C extends Change>(
  changes: readonly C[],
  effectiveAt: Instant,
  knownAt: Instant,
): C | undefined {
  for (let index = changes.length - 1; index >= 0; index -= 1) {
    const change = changes[index];
    if (change !== undefined && change.effectiveAt <= effectiveAt && change.recordedAt <= knownAt)
      return change;
  }
  return undefined;
}

/** A time for which a creator was bound to one agency: half-open, `to` left out while it lasts. */
export interface Binding {
  readonly agencyId: string;
  readonly from: Instant;
  readonly to?: Instant;
}

/**
 * The creator's bindings known at K, in the order of time. A binding that ended at the instant it
 * began is left out.
 */
export function bindingsOf(history: CreatorHistory, knownAt: Instant = endOfTime): Binding[] {
  const known = history.bindings.filter(({ recordedAt }) => recordedAt <= knownAt);
  return known.flatMap(({ agencyId, effectiveAt: from }, index) => {
    const to = known[index + 1]?.effectiveAt;
    if (agencyId === undefined || to === from) return [];
    return [to === undefined ? { agencyId, from } : { agencyId, from, to }];
  });
}

const roster = { effectiveAt: Type.Optional(InstantSchema) };

/** The data of each command on a creator (interchange §2, Roster). */
export const commandSchemas = {
  BindCreator: Type.Object(
    {
      agencyId: IdSchema,
      creatorId: IdSchema,
      name: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 400,
          description: wanted('a name of 1 to 400 characters', '1 至 400 个字符的名称'),
        }),
      ),
      ...roster,
    },
    { additionalProperties: false },
  ),
  UnbindCreator: Type.Object(
    { agencyId: IdSchema, creatorId: IdSchema, ...roster },
    { additionalProperties: false },
  ),
  GrantExposureRight: Type.Object(
    { creatorId: IdSchema, ...roster },
    { additionalProperties: false },
  ),
  WithdrawExposureRight: Type.Object(
    { creatorId: IdSchema, ...roster },
    { additionalProperties: false },
  ),
} as const;

export type CreatorCommandName = keyof typeof commandSchemas;

export type CreatorCommandData = {
  [Name in CreatorCommandName]: Read<Static<(typeof commandSchemas)[Name]>>;
};

/** A checked command on one creator. */
export type CreatorCommand = {
  [Name in CreatorCommandName]: { readonly command: Name; readonly data: CreatorCommandData[Name] };
}[CreatorCommandName];

/** Finds what is malformed in a command, without the ledger's content; `undefined` if nothing. */
export function problemOf(
  { data: { effectiveAt } }: CreatorCommand,
  { now, zone }: Pick<DecisionContext, 'now' | 'zone'>,
): InBoth | undefined {
  return effectiveAt !== undefined && effectiveAt > now
    ? {
        en:
          `data.effectiveAt: ${zone.format(effectiveAt)} is in the future; ` +
          `it must not be after ${zone.format(now)}`,
        zh: `data.effectiveAt：${zone.format(effectiveAt)} 晚于当前；不得晚于 ${zone.format(now)}`,
      }
    : undefined;
}

/**
 * Judges a command in which {@link problemOf} found nothing, and whose agency exists if it names
 * one.
 *
 * @param standingAt returns the standing of the command's agency at an instant, as known now
 */
export function decide(
  command: CreatorCommand,
  history: CreatorHistory,
  standingAt: (effectiveAt: Instant) => Standing,
  { now, zone }: Pick<DecisionContext, 'now' | 'zone'>,
): Decision<CreatorEvent> {
  const { creatorId, effectiveAt = now } = command.data;
  const last = lastChangeOf(history);
  if (last !== undefined && effectiveAt < last) {
    return refused('time_order', {
      en:
        `data.effectiveAt: ${zone.format(effectiveAt)} is before ` +
        `the creator's last roster change at ${zone.format(last)}`,
      zh:
        `data.effectiveAt：${zone.format(effectiveAt)} 早于该达人上一次绑定变动的时间 ` +
        zone.format(last),
    });
  }
  const boundTo = agencyOfCreatorAt(history, effectiveAt);
  switch (command.command) {
    case 'BindCreator': {
      const { agencyId, name } = command.data;
      const standing = standingAt(effectiveAt);
      if (!isAdmitted(standing))
        return refused('not_admitted', {
          en: `agency "${agencyId}" is ${standing} at ${zone.format(effectiveAt)}`,
          zh:
            `机构 "${agencyId}" 在 ${zone.format(effectiveAt)} ` +
            `的身份为${standingTerms[standing].zh}`,
        });
      if (boundTo !== undefined)
        return refused('already_bound', {
          en: `creator "${creatorId}" is bound to agency "${boundTo}"; unbind it first`,
          zh: `达人 "${creatorId}" 已绑定机构 "${boundTo}"；请先解绑`,
        });
      return accepted({
        type: 'CreatorBound',
        data: { agencyId, creatorId },
        effectiveAt,
        ...withPersonal({ name }),
      });
    }
    case 'UnbindCreator': {
      const { agencyId } = command.data;
      if (boundTo !== agencyId) {
        return refused(
          'not_bound',
          boundTo === undefined
            ? {
                en: `creator "${creatorId}" is bound to no agency at ${zone.format(effectiveAt)}`,
                zh: `达人 "${creatorId}" 在 ${zone.format(effectiveAt)} 未绑定任何机构`,
              }
            : {
                en:
                  `creator "${creatorId}" is bound to agency "${boundTo}" ` +
                  `at ${zone.format(effectiveAt)}`,
                zh: `达人 "${creatorId}" 在 ${zone.format(effectiveAt)} 绑定的是机构 "${boundTo}"`,
              },
        );
      }
      return accepted({ type: 'CreatorUnbound', data: { agencyId, creatorId }, effectiveAt });
    }
    case 'GrantExposureRight':
      return accepted({ type: 'ExposureRightGranted', data: { creatorId }, effectiveAt });
    case 'WithdrawExposureRight':
      return accepted({ type: 'ExposureRightWithdrawn', data: { creatorId }, effectiveAt });
  }
}

/** All four events are roster changes of the creator (interchange §2, the heading of the group). */
function lastChangeOf({ bindings, exposure }: CreatorHistory): Instant | undefined {
  const binding = bindings.at(-1)?.effectiveAt;
  const right = exposure.at(-1)?.effectiveAt;
  if (binding === undefined || right === undefined) return binding ?? right;
  return laterOf(binding, right);
}
