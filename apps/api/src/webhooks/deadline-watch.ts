import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  inOrderOfTime,
  type AgencyMark,
  type Clock,
  type Deadline,
} from '@penalty-ledger/application';
import type { NotifiedDeadlines, Webhook } from '@penalty-ledger/application/webhooks';
import { epochMsOf, plusHours, type Instant } from '@penalty-ledger/ledger';

/** The source of deadlines. Marks are as of the last {@link refresh}. */
export interface DeadlineSource {
  /** Takes in what was appended. */
  refresh(): Promise<void>;
  /** Counts the events about rulebooks: a deadline of any agency may follow from one. */
  rulebookEvents(): Promise<number>;
  /** In the order of their ids, in pages, after an id. */
  agencies(after: string, limit: number): readonly AgencyMark[];
  agency(agencyId: string): AgencyMark | undefined;
  /** Those of an agency that have not passed. */
  deadlinesOf(agencyId: string): Promise<readonly Deadline[]>;
}

export interface WatchParts {
  readonly source: DeadlineSource;
  readonly notified: NotifiedDeadlines;
  readonly clock: Clock;
  /** Called when a look failed for an agency or as a whole; the next look tries again. */
  readonly onError: (error: unknown) => void;
}

/** The time from one look to the next: the longest that a notification is late. */
const lookEveryMs = 60_000;

const pageSize = 500;

interface Watched {
  readonly events: number;
  readonly deadlines: readonly Deadline[];
}

/**
 * Knows the deadlines of the agencies that webhooks want, without folding every agency at each
 * question: an agency is folded once, and again only when something was recorded about it. A look
 * reads a row of the read models for each agency, and lets requests through between any two that it
 * folds. Nothing is kept while no webhook wants deadlines.
 */
export class DeadlineWatch {
  readonly #agencies = new Map<string, Watched>();
  readonly #wakes = new EventEmitter().setMaxListeners(0);
  readonly #stop = new AbortController();
  #rulebookEvents: number | undefined;
  #last: { readonly scope: string; readonly at: Instant } | undefined;
  #looking: Promise<void> | undefined;
  #looks = 0;

  constructor(
    private readonly parts: WatchParts,
    private readonly everyMs = lookEveryMs,
  ) {}

  /** Changes whenever there may be more to tell. */
  get looks(): number {
    return this.#looks;
  }

  /** Waits for a look after the one {@link looks} named; also returns when the signal aborts. */
  async lookAfter(looks: number, signal: AbortSignal): Promise<void> {
    if (this.#looks !== looks || signal.aborted) return;
    await once(this.#wakes, 'look', { signal }).catch(() => undefined);
  }

  /**
   * Begins a look when one is due, or when other agencies are wanted than before. It is called from
   * time to time, with the webhooks that are delivered to.
   */
  refresh(webhooks: readonly Webhook[]): void {
    const wanted = webhooks
      .filter(({ deadlines }) => deadlines !== undefined)
      .map(({ agencyId }) => agencyId);
    if (wanted.length === 0) {
      this.#agencies.clear();
      this.#last = undefined;
      return;
    }
    const ids = [...new Set(wanted)].filter((agencyId) => agencyId !== undefined).sort();
    const scope = wanted.includes(undefined) ? undefined : ids;
    if (this.#looking !== undefined || this.#stop.signal.aborted || !this.#isTimeFor(scope)) return;
    this.#looking = this.#look(scope)
      .catch((error: unknown) => this.#stop.signal.aborted || this.parts.onError(error))
      .then(() => {
        this.#looking = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  /**
   * The deadlines to notify a webhook of now, at most so many, in the order of time: within its
   * hours, not passed, and not notified with this instant. They are as the ledger has them at this
   * moment, not as of the last look.
   */
  async dueTo(webhook: Webhook, limit: number): Promise<readonly Deadline[]> {
    const found = this.#selectFor(webhook, limit);
    if (found.length === 0) return found;
    const agencies = new Set(found.map(({ agencyId }) => agencyId));
    await this.parts.source.refresh();
    for (const agencyId of agencies) {
      try {
        await this.#readIfChanged(this.parts.source.agency(agencyId));
      } catch (error) {
        agencies.delete(agencyId);
        this.parts.onError(error);
      }
    }
    return this.#selectFor(webhook, limit).filter(({ agencyId }) => agencies.has(agencyId));
  }

  #selectFor({ id, agencyId, deadlines: wanted }: Webhook, limit: number): readonly Deadline[] {
    if (wanted === undefined) return [];
    const now = this.parts.clock.now();
    const until = plusHours(now, wanted.withinHours);
    const notified = this.parts.notified.notifiedTo(id);
    const watched =
      agencyId === undefined ? this.#agencies.values() : [this.#agencies.get(agencyId)];
    return [...watched]
      .flatMap((each) => each?.deadlines ?? [])
      .filter(({ uid, at }) => at > now && at <= until && notified.get(uid) !== at)
      .sort(inOrderOfTime)
      .slice(0, limit);
  }

  #isTimeFor(scope: readonly string[] | undefined): boolean {
    if (this.#last === undefined || this.#last.scope !== nameOf(scope)) return true;
    // A clock that was set back must not stop the looks.
    return Math.abs(epochMsOf(this.parts.clock.now()) - epochMsOf(this.#last.at)) >= this.everyMs;
  }

  /** @param scope the agencies to look at, all unless given */
  async #look(scope: readonly string[] | undefined): Promise<void> {
    const { source, notified, clock } = this.parts;
    this.#last = { scope: nameOf(scope), at: clock.now() };
    notified.forgetPassed(this.#last.at);
    if (scope !== undefined)
      for (const agencyId of this.#agencies.keys())
        if (!scope.includes(agencyId)) this.#agencies.delete(agencyId);
    await source.refresh();
    const rulebookEvents = await source.rulebookEvents();
    if (rulebookEvents !== this.#rulebookEvents) this.#agencies.clear();
    this.#rulebookEvents = rulebookEvents;
    const failures: unknown[] = [];
    for (const page of this.#pagesOf(scope)) {
      for (const mark of page) {
        if (this.#stop.signal.aborted) return;
        // A failure of one agency must not keep back notifications about the others.
        const wasRead = await this.#readIfChanged(mark).catch((error: unknown) => {
          failures.push(error);
          return true;
        });
        if (wasRead) await nextTurn();
      }
      this.#wake();
      await nextTurn();
    }
    this.#wake();
    if (failures.length > 0) throw failures[0];
  }

  *#pagesOf(scope: readonly string[] | undefined): Generator<readonly AgencyMark[]> {
    const { source } = this.parts;
    if (scope !== undefined) {
      yield scope.flatMap((agencyId) => source.agency(agencyId) ?? []);
      return;
    }
    for (let page = source.agencies('', pageSize); page.length > 0;) {
      yield page;
      page = source.agencies(page.at(-1)?.agencyId ?? '', pageSize);
    }
  }

  /** Gives whether the agency was read. */
  async #readIfChanged(mark: AgencyMark | undefined): Promise<boolean> {
    if (mark === undefined) return false;
    const { agencyId, events, lastRecordedAt } = mark;
    if (this.#agencies.get(agencyId)?.events === events) return false;
    const deadlines = await this.parts.source.deadlinesOf(agencyId);
    // Recorded by a node whose clock is ahead: not known here yet, so it is to be read again.
    const readUpTo = lastRecordedAt > this.parts.clock.now() ? -1 : events;
    // Another reading of it may have begun later and ended before.
    if ((this.#agencies.get(agencyId)?.events ?? -1) <= readUpTo || readUpTo === -1)
      this.#agencies.set(agencyId, { events: readUpTo, deadlines });
    return true;
  }

  #wake(): void {
    this.#looks += 1;
    this.#wakes.emit('look');
  }
}

function nameOf(scope: readonly string[] | undefined): string {
  return scope === undefined ? 'all' : scope.map((agencyId) => `=${agencyId}`).join(' ');
}
