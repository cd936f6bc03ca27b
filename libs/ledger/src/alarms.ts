import { byCodeUnit } from './canonical-json.js';
import type { DecidedEvent, EventFacts } from './event.js';

/** One finding about the engine. Two are the same alarm when all of it is equal. */
export interface EngineAlarm {
  /** The kind: `events_expire`, `users_may_delete`; lower-case letters and `_`. */
  readonly code: string;
  /** The ledger's stream it is about; left out when it is about the engine. */
  readonly stream?: string;
  /** A description for people, without personal data or credentials. */
  readonly what: string;
}

export interface AlarmEventData {
  /** It was found, and did not stand before. */
  IntegrityAlarmRaised: EngineAlarm;
  /** It stood, and a look that could see it did not find it; never for one of {@link lasting}. */
  IntegrityAlarmCleared: EngineAlarm;
}

export type AlarmEvent = DecidedEvent<AlarmEventData>;

/** Every type of the stream and the schema version it is written in. */
export const eventVersions: Readonly<Record<keyof AlarmEventData, number>> = {
  IntegrityAlarmRaised: 1,
  IntegrityAlarmCleared: 1,
};

/** Findings of what has happened, which stands whether a later look meets it again or not. */
const lasting: ReadonlySet<string> = new Set(['late_append']);

/** The alarms that stand, by what tells them apart. */
export type StandingAlarms = ReadonlyMap<string, EngineAlarm>;

export const empty: StandingAlarms = new Map();

export function evolve(
  standing: StandingAlarms,
  event: EventFacts<AlarmEventData>,
): StandingAlarms {
  const next = new Map(standing);
  switch (event.type) {
    case 'IntegrityAlarmRaised':
      return next.set(nameOf(event.data), event.data);
    case 'IntegrityAlarmCleared':
      next.delete(nameOf(event.data));
      return next;
  }
}

/**
 * Returns the events that one check of the engine adds to the record: each alarm when it is raised,
 * and again when it has ended.
 *
 * @param found all findings of one check, in any order; repeated findings count once
 */
export function soundAlarms(
  found: readonly EngineAlarm[],
  standing: StandingAlarms,
): readonly AlarmEvent[] {
  const now = new Map(found.map((alarm) => [nameOf(alarm), alarmOf(alarm)]));
  const raised = inOrder(now).filter(([name]) => !standing.has(name));
  const cleared = inOrder(standing).filter(
    ([name, { code }]) => !now.has(name) && !lasting.has(code),
  );
  return [
    ...raised.map(([, data]) => ({ type: 'IntegrityAlarmRaised', data }) as const),
    ...cleared.map(([, data]) => ({ type: 'IntegrityAlarmCleared', data }) as const),
  ];
}

/** Drops every other member a finder may have added. */
function alarmOf({ code, stream, what }: EngineAlarm): EngineAlarm {
  return stream === undefined ? { code, what } : { code, stream, what };
}

function nameOf({ code, stream = '', what }: EngineAlarm): string {
  return `${code} ${stream} ${what}`;
}

function inOrder(alarms: StandingAlarms): readonly (readonly [string, EngineAlarm])[] {
  return [...alarms].sort(([one], [other]) => byCodeUnit(one, other));
}
