import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AgencyMark, Clock } from '@penalty-ledger/application';
import type { Notified, NotifiedMatter, Webhook } from '@penalty-ledger/application/webhooks';
import { epochMsOf, plusHours, type Instant } from '@penalty-ledger/ledger';

/** The source of what webhooks are notified of. Marks are as of the last {@link refresh}. */
export interface AgencySource<Item> {
  /** Takes in what was appended. */
  refresh(): Promise<void>;
  /** Counts the events about rulebooks: what holds for any agency may follow from one. */
  rulebookEvents(): Promise<number>;
  /** In the order of their ids, in pages, after an id. */
  agencies(after: string, limit: number): readonly AgencyMark[];
  agency(agencyId: string): AgencyMark | undefined;
  /** The items of an agency as of now. */
  itemsOf(agencyId: string): Promise<readonly Item[]>;
}

export interface WatchParts<Item> {
  readonly source: AgencySource<Item>;
  readonly notified: Notified;
  readonly clock: Clock;
  /** Called when a look failed for an agency or as a whole; the next look tries again. */
  readonly onError: (error: unknown) => void;
}

/** The matter of a watch: which webhooks want it, and when an item is due. */
export interface Matter<Item> {
  /** The hours before its instant at which a webhook wants an item; `undefined` if never. */
  readonly withinHours: (webhook: Webhook) => number | undefined;
  /**
   * Says whether webhooks are to be notified of an item now.
   *
   * @param until now and the hours that the webhook wants it before
   */
  readonly isDue: (item: Item, now: Instant, until: Instant) => boolean;
  /** The id of an item; a webhook is notified again only when its instant is another one. */
  readonly noteOf: (item: Item) => NotifiedMatter;
  readonly agencyOf: (item: Item) => string;
  /** The order of items in messages. */
  readonly order: (a: Item, b: Item) => number;
  /**
   * Says whether an agency is read again only when something was recorded in its own stream; else
   * at every look.
   */
  readonly followsMarks: boolean;
  /** The time from one look to the next: about the longest that a notification is late. */
  readonly everyMs: number;
}

const pageSize = 500;

interface Watched<Item> {
  readonly events: number;
  readonly items: readonly Item[];
}

/**
 * Knows what webhooks want to be notified of, without reading every agency at each question. A look
 * reads a row of the read models for each agency, and lets requests through between any two whose
 * items it reads. Nothing is kept while no webhook wants any.
 */
export class AgencyWatch<Item> {
  readonly #agencies = new Map<string, Watched<Item>>();
  readonly #wakes = new EventEmitter().setMaxListeners(0);
  readonly #stop = new AbortController();
  #rulebookEvents: number | undefined;
  #last: { readonly scope: string; readonly at: Instant } | undefined;
  #looking: Promise<void> | undefined;
  #looks = 0;

  constructor(
    private readonly parts: WatchParts<Item>,
    private readonly matter: Matter<Item>,
  ) {}

  /** Changes whenever there may be more to notify of. */
  get looks(): number {
    return this.#looks;
  }

  /** Waits for a look after the one {@link looks} named; also returns when the signal aborts. */
  async lookAfter(looks: number, signal: AbortSignal): Promise<void> {
    if (this.#looks !== looks || signal.aborted) return;
    await once(this.#wakes, 'look', { signal }).catch(() => undefined);
  }

  /** Says whether a webhook wants to be notified at all. */
  isWantedBy(webhook: Webhook): boolean {
    return this.matter.withinHours(webhook) !== undefined;
  }

  /** Gives what is noted of an item once a receiver has accepted it. */
  noteOf(item: Item): NotifiedMatter {
    return this.matter.noteOf(item);
  }

  /**
   * Begins a look when one is due, or when other agencies are wanted than before. It is called from
   * time to time, with the webhooks that are delivered to.
   */
  refresh(webhooks: readonly Webhook[]): void {
    const wanted = webhooks
      .filter((webhook) => this.isWantedBy(webhook))
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
   * The items to notify a webhook of now, at most so many, in their order: due, and not notified
   * with this instant. They are as the ledger has them at this moment, not as of the last look.
   */
  async dueTo(webhook: Webhook, limit: number): Promise<readonly Item[]> {
    const found = this.#selectFor(webhook, limit);
    if (found.length === 0) return found;
    const agencies = new Set(found.map((item) => this.matter.agencyOf(item)));
    await this.parts.source.refresh();
    for (const agencyId of agencies) {
      try {
        if (await this.#readIfChanged(this.parts.source.agency(agencyId))) await nextTurn();
      } catch (error) {
        agencies.delete(agencyId);
        this.parts.onError(error);
      }
    }
    return this.#selectFor(webhook, limit).filter((item) =>
      agencies.has(this.matter.agencyOf(item)),
    );
  }

  #selectFor(webhook: Webhook, limit: number): readonly Item[] {
    const { withinHours, isDue, noteOf, order } = this.matter;
    const hours = withinHours(webhook);
    if (hours === undefined) return [];
    const now = this.parts.clock.now();
    const until = plusHours(now, hours);
    const { id, agencyId } = webhook;
    const notified = this.parts.notified.notifiedTo(id);
    const watched =
      agencyId === undefined ? this.#agencies.values() : [this.#agencies.get(agencyId)];
    return [...watched]
      .flatMap((each) => each?.items ?? [])
      .filter((item) => {
        const { uid, at } = noteOf(item);
        return notified.get(uid) !== at && isDue(item, now, until);
      })
      .sort(order)
      .slice(0, limit);
  }

  #isTimeFor(scope: readonly string[] | undefined): boolean {
    if (this.#last === undefined || this.#last.scope !== nameOf(scope)) return true;
    // A clock that was set back must not stop the looks.
    const sinceMs = epochMsOf(this.parts.clock.now()) - epochMsOf(this.#last.at);
    return Math.abs(sinceMs) >= this.matter.everyMs;
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
    const kept = this.#agencies.get(agencyId);
    if (this.matter.followsMarks && kept?.events === events) return false;
    const items = await this.parts.source.itemsOf(agencyId);
    // Recorded by a node whose clock is ahead: not known here yet, so it is to be read again.
    const readUpTo = lastRecordedAt > this.parts.clock.now() ? -1 : events;
    // Another reading of it may have begun later and ended before.
    if ((this.#agencies.get(agencyId)?.events ?? -1) <= readUpTo || readUpTo === -1)
      this.#agencies.set(agencyId, { events: readUpTo, items });
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
