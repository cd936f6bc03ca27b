import {
  agencyStream,
  assessment,
  byCodeUnit,
  canonicalJson,
  creator,
  eventIn,
  LedgerZone,
  parseStream,
  readEvent,
  session,
  shape,
  type AssessedCreator,
  type CreatorHistory,
  type InBoth,
  type Rulebook,
  type RulebookRegister,
  type Session,
  type UncheckedEvent,
} from '@penalty-ledger/ledger';
import { isAssessed } from './assessed-streams.js';
import { PackError } from './pack-error.js';
import type { PackEvent, PackStreams } from './pack-events.js';

/** A session that an assessment counted, as it stood then. */
export interface CountedSession {
  readonly corrections: number;
  readonly effective: boolean;
  readonly endedAt: string;
  readonly sessionId: string;
  readonly startedAt: string;
}

/** A creator that was bound to the agency at some time in the month, as it was known then. */
export interface CountedCreator {
  readonly creatorId: string;
  /** The number of its effective sessions. */
  readonly effective: number;
  readonly exposed: boolean;
  /** Bound to the agency at the end of the month. */
  readonly inBase: boolean;
  /** By their start, then by their id. */
  readonly sessions: readonly CountedSession[];
}

/** The creators and sessions that the last assessment of a month rests on. */
export interface AssessedMonth {
  /** By their id. */
  readonly creators: readonly CountedCreator[];
  /** The rulebook's minutes of an effective session. */
  readonly minutes: number;
  readonly month: string;
  /** The revision of the assessment in the agency's stream. */
  readonly revision: number;
}

/** The greatest product of assessments that are counted again and of what they are counted from. */
const maxWork = 1_000_000;

/**
 * Checks that bindings and sessions can be counted: of their types' form, in their order, and that
 * each month has an assessment.
 *
 * @throws PackError `computation_events`; `computation_size` when it is too much work
 */
export function checkCountable(
  streams: PackStreams,
  agencyId: string,
  months: readonly string[],
): void {
  if (months.length === 0) return;
  let events = 0;
  for (const [stream, chain] of streams) {
    if (!isAssessed(stream, agencyId)) continue;
    events += chain.length;
    assertForms(stream, chain);
  }
  const own = (streams.get(agencyStream(agencyId)) ?? []).map(({ event }) => event);
  const assessments = own.filter((event) => isOneOf(event, months));
  const missing = months.find((month) => !assessments.some(({ data }) => data['month'] === month));
  if (missing !== undefined)
    throw new PackError('computation_events', {
      en: `there is no assessment of ${missing}`,
      zh: `没有 ${missing} 的考核测算`,
    });
  if (assessments.length * events > maxWork)
    throw new PackError('computation_size', {
      en: `${assessments.length} assessments over ${events} events: more work than is allowed`,
      zh: `${assessments.length} 次考核测算，涉及 ${events} 个事件：计算量超过上限`,
    });
}

/** Says whether an event is an assessment of one of these months. */
export function isOneOf({ type, data }: UncheckedEvent, months: readonly string[]): boolean {
  return type === 'AssessmentComputed' && months.some((month) => month === data['month']);
}

const { integerFrom, isId, isInstant, objectOf } = shape;
const isAny = (): boolean => true;

const sessionValues = {
  agencyId: isId,
  'contentVertical?': isAny,
  creatorId: isId,
  endedAt: isInstant,
  'findings?': isAny,
  'newFollowers?': isAny,
  'sales?': isAny,
  sessionId: isId,
  startedAt: isInstant,
  'views?': isAny,
};

/** By kind of stream and by type (`docs/spec/event.md`, "Roster and sessions"). */
const forms: Readonly<Record<string, Readonly<Record<string, shape.ShapeCheck>>>> = {
  sessions: {
    SessionRecorded: objectOf(sessionValues),
    SessionCorrected: objectOf({ ...sessionValues, corrected: isAny }),
    SessionVoided: objectOf({ agencyId: isId, sessionId: isId }),
  },
  creator: {
    CreatorBound: objectOf({ agencyId: isId, creatorId: isId }),
    CreatorUnbound: objectOf({ agencyId: isId, creatorId: isId }),
    ExposureRightGranted: objectOf({ creatorId: isId }),
    ExposureRightWithdrawn: objectOf({ creatorId: isId }),
  },
};

/** @throws PackError `computation_events` */
function assertForms(stream: string, chain: readonly PackEvent[]): void {
  const parsed = parseStream(stream);
  const known = forms[parsed?.kind ?? ''] ?? {};
  const creators = new Map<unknown, unknown>();
  let last = '';
  for (const { event } of chain) {
    const { data, effectiveAt = '', revision, schemaVersion, type } = event;
    const isOfForm = schemaVersion === 1 && Object.hasOwn(known, type) && known[type]?.(data);
    const follows =
      parsed?.kind === 'creator'
        ? data['creatorId'] === parsed.creatorId && effectiveAt !== '' && effectiveAt >= last
        : isNextOf(event, creators);
    if (isOfForm !== true || !follows)
      throw new PackError('computation_events', {
        en: `event ${revision} of "${stream}" cannot be counted: data of another form`,
        zh: `"${stream}" 的事件 ${revision} 无法计数：数据格式不符`,
      });
    last = effectiveAt;
    if (type === 'SessionRecorded') creators.set(data['sessionId'], data['creatorId']);
  }
}

/**
 * Says whether an event of a session can follow what was recorded of it: one record, then changes
 * of it, whose creator stays.
 *
 * @param creators by session
 */
function isNextOf(
  { data, type }: UncheckedEvent,
  creators: ReadonlyMap<unknown, unknown>,
): boolean {
  const { creatorId, endedAt, sessionId, startedAt } = data;
  const isSpan = String(startedAt) < String(endedAt);
  if (type === 'SessionRecorded') return !creators.has(sessionId) && isSpan;
  if (type === 'SessionVoided') return creators.has(sessionId);
  return creators.get(sessionId) === creatorId && isSpan;
}

/** Bindings and sessions, folded in the order of the log. */
export class AssessmentBasis {
  readonly #creators = new Map<string, CreatorHistory>();
  readonly #sessions = new Map<string, Session>();

  /** Takes the next event; those of other streams change nothing. */
  add(event: UncheckedEvent): void {
    const kind = parseStream(event.stream)?.kind;
    if (kind !== 'creator' && kind !== 'sessions') return;
    const read = readEvent({ body: canonicalJson(event) });
    if (kind === 'creator') {
      const change = eventIn('creator', read);
      const { creatorId } = change.data;
      const known = this.#creators.get(creatorId) ?? creator.empty(creatorId);
      this.#creators.set(creatorId, creator.evolve(known, change));
    } else {
      const fact = eventIn('sessions', read);
      const { sessionId } = fact.data;
      const next = session.evolve(this.#sessions.get(sessionId), fact);
      if (next !== undefined) this.#sessions.set(sessionId, next);
    }
  }

  /** Returns all that is known so far: later events do not change it. */
  creators(): readonly AssessedCreator[] {
    const sessions = new Map<string, Session[]>();
    for (const each of this.#sessions.values()) {
      if (each.voided) continue;
      const known = sessions.get(each.creatorId);
      if (known === undefined) sessions.set(each.creatorId, [each]);
      else known.push(each);
    }
    return [...this.#creators.values()].map((known) => ({
      creator: { ...known, bindings: [...known.bindings], exposure: [...known.exposure] },
      sessions: sessions.get(known.creatorId) ?? [],
    }));
  }
}

/**
 * The creators and sessions that were recorded before each of some assessments, by the event's id.
 *
 * @param events in the order of the log
 */
export function basesOf(
  events: readonly UncheckedEvent[],
  isWanted: (event: UncheckedEvent) => boolean,
): ReadonlyMap<string, readonly AssessedCreator[]> {
  const basis = new AssessmentBasis();
  const found = new Map<string, readonly AssessedCreator[]>();
  for (const event of events) {
    basis.add(event);
    if (isWanted(event)) found.set(event.id, basis.creators());
  }
  return found;
}

/**
 * Returns what the last assessment of each month was counted from.
 *
 * @throws PackError as {@link checkCountable}
 * @throws RangeError for a zone that this program does not know
 */
export function assessedMonthsOf(
  streams: PackStreams,
  register: RulebookRegister,
  agencyId: string,
  months: readonly string[],
  zoneId: string,
): readonly AssessedMonth[] {
  checkCountable(streams, agencyId, months);
  if (months.length === 0) return [];
  const zone = new LedgerZone(zoneId, '');
  const own = (streams.get(agencyStream(agencyId)) ?? []).map(({ event }) => event);
  const wanted = months.flatMap((month) => own.findLast((event) => isOneOf(event, [month])) ?? []);
  const ids = new Set(wanted.map(({ id }) => id));
  const bases = basesOf(inOrder(streams), ({ id }) => ids.has(id));
  const documents = [...register.shipped, ...register.published.map((each) => each.rulebook)];
  return wanted.map(({ data, id, revision, rulebook }) => {
    const { effectiveSessionMinutes: minutes } = assessmentTerms(
      documents.find(({ reference }) => reference.sha256 === rulebook?.sha256)?.document,
      'computation_events',
    );
    const month = String(data['month']);
    const span = assessment.spanOf(month, zone);
    const creators = (bases.get(id) ?? []).flatMap(
      (each) => assessment.boundCreator(each, agencyId, span) ?? [],
    );
    return {
      creators: creators
        .map(({ creatorId, exposed, inBase, sessions }): CountedCreator => {
          const counted = sessions.map(
            ({ corrections, endedAt, sessionId, startedAt }): CountedSession => ({
              corrections,
              effective: session.isEffective(startedAt, endedAt, minutes),
              endedAt,
              sessionId,
              startedAt,
            }),
          );
          return {
            creatorId,
            effective: counted.filter(({ effective }) => effective).length,
            exposed,
            inBase,
            sessions: counted.sort(
              (a, b) =>
                byCodeUnit(a.startedAt, b.startedAt) || byCodeUnit(a.sessionId, b.sessionId),
            ),
          };
        })
        .sort((a, b) => byCodeUnit(a.creatorId, b.creatorId)),
      minutes,
      month,
      revision,
    };
  });
}

/** The events of all streams in the order of the log. */
function inOrder(streams: PackStreams): readonly UncheckedEvent[] {
  return [...streams.values()]
    .flat()
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

/** The parameters of a rulebook that an assessment is counted by. */
const termNames = [
  'activityMinEffectiveSessions',
  'activityRate',
  'effectiveSessionMinutes',
  'headcountMin',
  'newcomerDays',
] as const;

/**
 * Reads the parameters that an assessment is counted by. Of the document little was checked.
 *
 * @throws PackError with the problem given, when one is missing or no integer from 0 on
 */
export function assessmentTerms(
  document: Pick<Rulebook, 'parameters'> | undefined,
  problem: 'computation_events' | 'decision_differs',
): Readonly<Record<(typeof termNames)[number], number>> {
  const parameters = (document?.parameters ?? {}) as unknown as Record<string, unknown>;
  const terms = termNames.map((name) => {
    const parameter = parameters[name];
    const value = shape.isObject(parameter) ? parameter['value'] : undefined;
    if (!integerFrom(0)(value)) throw new PackError(problem, noTerm(name));
    return [name, value];
  });
  return Object.fromEntries(terms) as Readonly<Record<(typeof termNames)[number], number>>;
}

function noTerm(name: string): InBoth {
  return {
    en: `the rulebook of an assessment has no ${name} that is an integer from 0 on`,
    zh: `考核测算所依据的规则缺少 ${name}，或其值不是不小于 0 的整数`,
  };
}
