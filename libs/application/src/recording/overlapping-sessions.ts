import {
  earlierOf,
  endOfTime,
  overlapsSought,
  plusHours,
  type Instant,
  type LedgerEvent,
  type SessionSpan,
} from '@penalty-ledger/ledger';
import { BoundedCache } from '@penalty-ledger/event-store';
import {
  sessionAt,
  sessionsFrom,
  sessionsWithin,
  type ReadModels,
} from '@penalty-ledger/projections';
import { warmCreators } from './writer-states.js';

/** A creator's session, as far as overlaps go by it. */
type CreatorSession = SessionSpan & { readonly creatorId: string };

/** A session as its last event left it. */
interface Unfolded extends CreatorSession {
  readonly eventId: string;
  readonly stream: string;
  /** Corrected or voided, so that the read models have it otherwise. */
  readonly changed: boolean;
  readonly voided: boolean;
}

/** The sessions that overlap one, and the streams of their events that may not be stored yet. */
export interface Overlaps {
  readonly sessions: readonly SessionSpan[];
  readonly streams: Iterable<string>;
}

/** A time of a creator without any session: from one instant up to, but not including, another. */
interface FreeTime {
  readonly from: Instant;
  readonly to: Instant;
}

const none: Overlaps = { sessions: [], streams: [] };

/**
 * The sessions that overlap one: those in the read models, and those of events appended since. It
 * looks only at sessions near it, because a creator has thousands.
 */
export class OverlappingSessions {
  readonly #within: ReturnType<typeof sessionsWithin>;
  readonly #from: ReturnType<typeof sessionsFrom>;
  readonly #sessionAt: ReturnType<typeof sessionAt>;
  /** Those of events that the read models do not hold yet, by id. */
  readonly #unfolded = new Map<string, Unfolded>();
  /** Those of them that are not void, by creator. */
  readonly #byCreator = new Map<string, Timeline>();
  /** The number of those that the read models have otherwise. */
  #changed = 0;
  /**
   * The free time after the session looked at last, by creator. Sessions come in the order of time,
   * so that the next one is mostly in it, and an import asks the read models once a creator.
   */
  readonly #free = new BoundedCache<string, FreeTime>(warmCreators);

  constructor({ database }: ReadModels) {
    this.#within = sessionsWithin(database);
    this.#from = sessionsFrom(database);
    this.#sessionAt = sessionAt(database);
  }

  /** The first `overlapsSought` by start and id, as they stand, without the session itself. */
  of(session: CreatorSession): Overlaps {
    const { creatorId, startedAt, endedAt } = session;
    const free = this.#free.get(creatorId);
    if (free !== undefined && free.from <= startedAt && endedAt <= free.to) return none;
    const { nextStart, ofDays } = this.#from(creatorId, plusHours(startedAt, -24));
    const isAlone = ofDays === 0 && (nextStart ?? endOfTime) >= endedAt;
    const near = isAlone ? [] : this.#near(session);
    const overlaps = this.#overlapsOf(session, near);
    // What is free rests on no event that may not be stored yet.
    if (near.length === 0 && overlaps.sessions.length === 0) {
      const next = isAlone ? nextStart : this.#from(creatorId, endedAt).nextStart;
      const unfolded = this.#byCreator.get(creatorId)?.nextStart(endedAt);
      const to = earlierOf(next ?? endOfTime, unfolded ?? endOfTime);
      this.#free.set(creatorId, { from: startedAt, to });
    }
    return overlaps;
  }

  /** Takes the session of an event that was appended. */
  take(event: LedgerEvent): void {
    switch (event.type) {
      case 'SessionRecorded':
        this.#put({ ...spanOf(event.data), ...origin(event), changed: false, voided: false });
        return;
      case 'SessionCorrected': {
        // A correction waits for all events before it, so the read models have them.
        const voided = this.#sessionAt(event.data.sessionId, endOfTime)?.voided === true;
        this.#put({ ...spanOf(event.data), ...origin(event), changed: true, voided });
        return;
      }
      case 'SessionVoided': {
        const session = this.#sessionAt(event.data.sessionId, endOfTime);
        if (session !== undefined)
          this.#put({ ...spanOf(session), ...origin(event), changed: true, voided: true });
        return;
      }
      default:
    }
  }

  /** The read models hold these events from now on. */
  leaveToReadModels(events: readonly LedgerEvent[]): void {
    for (const { id, data } of events) {
      if (!('sessionId' in data)) continue;
      const unfolded = this.#unfolded.get(data.sessionId);
      if (unfolded?.eventId === id) this.#remove(unfolded);
    }
  }

  /** Forgets what the read models said, because they may have been damaged then. */
  forgetLookUp(): void {
    this.#free.clear();
  }

  /** Those in the read models, itself and those that have changed since among them. */
  #near({ creatorId, startedAt, endedAt }: CreatorSession): readonly SessionSpan[] {
    return this.#within({
      creatorId,
      startsBefore: endedAt,
      endsAfter: startedAt,
      knownAt: endOfTime,
      // Enough of them, when the others are left out.
      limit: overlapsSought + this.#changed + 1,
    });
  }

  #overlapsOf(
    { creatorId, sessionId, startedAt, endedAt }: CreatorSession,
    near: readonly SessionSpan[],
  ): Overlaps {
    const streams = new Set<string>();
    const sessions: SessionSpan[] = [];
    for (const each of near) {
      const unfolded = this.#unfolded.get(each.sessionId);
      if (unfolded !== undefined) streams.add(unfolded.stream);
      else if (each.sessionId !== sessionId) sessions.push(each);
    }
    for (const each of this.#byCreator.get(creatorId)?.within(startedAt, endedAt) ?? []) {
      if (each.sessionId === sessionId) continue;
      streams.add(each.stream);
      sessions.push(each);
    }
    return { sessions: sessions.sort(byStart).slice(0, overlapsSought), streams };
  }

  #put(session: Unfolded): void {
    const before = this.#unfolded.get(session.sessionId);
    if (before !== undefined) this.#remove(before);
    this.#unfolded.set(session.sessionId, session);
    if (session.changed) this.#changed += 1;
    if (session.voided) return;
    this.#occupy(session);
    const timeline = this.#byCreator.get(session.creatorId) ?? new Timeline();
    this.#byCreator.set(session.creatorId, timeline);
    timeline.add(session);
  }

  /** Leaves what is free behind a session; most are at the beginning of it. */
  #occupy({ creatorId, startedAt, endedAt }: CreatorSession): void {
    const free = this.#free.get(creatorId);
    if (free === undefined || endedAt <= free.from || free.to <= startedAt) return;
    if (endedAt < free.to) this.#free.set(creatorId, { from: endedAt, to: free.to });
    else this.#free.delete(creatorId);
  }

  #remove(session: Unfolded): void {
    this.#unfolded.delete(session.sessionId);
    if (session.changed) this.#changed -= 1;
    const timeline = this.#byCreator.get(session.creatorId);
    timeline?.delete(session);
    if (timeline?.isEmpty === true) this.#byCreator.delete(session.creatorId);
  }
}

/** Sessions of one creator, in the order of start and id. */
class Timeline {
  readonly #hours: Unfolded[] = [];
  /** Those of a day or longer apart, so that the others are looked for near the time alone. */
  readonly #days: Unfolded[] = [];

  get isEmpty(): boolean {
    return this.#hours.length === 0 && this.#days.length === 0;
  }

  add(session: Unfolded): void {
    const list = this.#listOf(session);
    list.splice(placeIn(list, session), 0, session);
  }

  delete(session: Unfolded): void {
    const list = this.#listOf(session);
    const place = placeIn(list, session);
    if (list[place] === session) list.splice(place, 1);
  }

  /** Those that go on at some time from one instant up to, but not including, another. */
  within(from: Instant, to: Instant): readonly Unfolded[] {
    const dayBefore = plusHours(from, -24);
    return [
      ...this.#days.filter(({ startedAt, endedAt }) => startedAt < to && endedAt > from),
      ...this.#hours
        .slice(
          placeIn(this.#hours, { startedAt: dayBefore, sessionId: '' }),
          placeIn(this.#hours, { startedAt: to, sessionId: '' }),
        )
        .filter(({ endedAt }) => endedAt > from),
    ];
  }

  /** The first start at or after an instant. */
  nextStart(from: Instant): Instant | undefined {
    const place = { startedAt: from, sessionId: '' };
    const [hours, days] = [this.#hours, this.#days].map(
      (list) => list[placeIn(list, place)]?.startedAt,
    );
    return hours === undefined || days === undefined ? (hours ?? days) : earlierOf(hours, days);
  }

  #listOf({ startedAt, endedAt }: SessionSpan): Unfolded[] {
    return endedAt >= plusHours(startedAt, 24) ? this.#days : this.#hours;
  }
}

type Place = Pick<SessionSpan, 'sessionId' | 'startedAt'>;

/** The index of the first that is not before a place. */
function placeIn(list: readonly Unfolded[], place: Place): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = list[middle];
    if (at !== undefined && byStart(at, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byStart(a: Place, b: Place): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return a.sessionId === b.sessionId ? 0 : a.sessionId < b.sessionId ? -1 : 1;
}

function spanOf({ creatorId, endedAt, sessionId, startedAt }: CreatorSession): CreatorSession {
  return { creatorId, endedAt, sessionId, startedAt };
}

function origin({ id, stream }: LedgerEvent): Pick<Unfolded, 'eventId' | 'stream'> {
  return { eventId: id, stream };
}
