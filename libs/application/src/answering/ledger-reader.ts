import { comparePositions, type EventStore, type Position } from '@penalty-ledger/event-store';
import {
  agency,
  assessment,
  rulebooks,
  slots,
  themes,
  vertical,
  agencyStream,
  chinaCalendar,
  ledgerStream,
  LedgerZone,
  readEvent,
  slotsStream,
  themesStream,
  type AgencyEntry,
  type AgencyHistory,
  type AgencyMonth,
  type AnswerContext,
  type AppealAnswer,
  type AssessmentAnswer,
  type BalanceAnswer,
  type CommandLine,
  type Instant,
  type KnownRulebook,
  type LedgerEvent,
  type LedgerSettings,
  type RecordedThemesEvent,
  type SlotsEvent,
  type ThemesAnswer,
  type VerticalAnswer,
  type WhatIfAnswer,
} from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  agenciesOfLegalPerson,
  agencyPages,
  registrationKey,
  registrationLookup,
  sessionAt,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';
import type { Clock } from '../clock.js';
import { agencyName, sourcesOf } from './agency-sources.js';
import { deadlinesOf, inOrderOfTime, type Deadline } from './deadlines.js';
import { explainAnswer, type ExplainAnswer } from './explain.js';
import { complaintWithTexts, type ComplaintWithTexts } from './explained-basis.js';
import { firstAcceptances, type FirstAcceptance } from './first-acceptance.js';
import { ReaderStates } from './reader-states.js';
import type { KeyStore } from '../keys/key-store.js';
import { agencyMonths, assessedCreators } from '../streams/month-facts.js';
import { appealList, type AppealEntry, type AppealListQuery } from './lists/appeal-list.js';
import {
  complaintList,
  type ComplaintEntry,
  type ComplaintListQuery,
} from './lists/complaint-list.js';
import type { ListPage } from './lists/list-page.js';
import { sessionList, type SessionEntry, type SessionListQuery } from './lists/session-list.js';
import type { LedgerQuery } from './queries.js';
import { sessionAnswer, type SessionAnswer } from './session-answer.js';
import { slotsWithResults, type SlotsWithResults } from './slots-with-results.js';

/** Why a query has no answer (interchange §3). */
export interface QueryError {
  readonly error:
    | 'unknown_agency'
    | 'unknown_appeal'
    | 'unknown_complaint'
    | 'unknown_session'
    | 'unknown_rulebook'
    | 'invalid';
}

/** A month's themes as known at K. */
export interface ThemesAtK extends ThemesAnswer {
  readonly knownAt: string;
}

export type Answer =
  | AppealAnswer
  | AssessmentAnswer
  | BalanceAnswer
  | ComplaintWithTexts
  | ExplainAnswer
  | QueryError
  | SessionAnswer
  | SlotsWithResults
  | ThemesAtK
  | VerticalAnswer
  | WhatIfAnswer
  | readonly AgencyEntry[];

/** What was written elsewhere has not arrived here in time: ask again, or ask without it. */
export class NotCaughtUpError extends Error {
  readonly code = 'not_caught_up';
}

/** What a reader is made of. It does not own them. */
export interface ReaderParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  readonly zoneDataVersion: string;
  /** What *now* is in a real ledger; in a simulation it is the last instant of its own clock. */
  readonly clock: Clock;
}

type At = Pick<Extract<LedgerQuery, { query: 'balance' }>, 'agencyId' | 'effectiveAt' | 'knownAt'>;

/** The reading side of a ledger: answers questions at (E, K) from the agencies' histories. */
export class LedgerReader {
  readonly zone: LedgerZone;
  readonly #histories: ReaderStates;
  readonly #sessionAt;
  readonly #lookUp: (key: string) => Registration | undefined;
  readonly #pages;
  readonly #relatives;
  readonly #appealList;
  readonly #complaintList;
  readonly #sessionList;
  readonly #firstAcceptance;
  #refreshed: Promise<void> = Promise.resolve();
  #nextRefresh: Promise<void> | undefined;

  private constructor(
    readonly settings: LedgerSettings,
    readonly parts: ReaderParts,
  ) {
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    this.#histories = new ReaderStates(parts.store);
    this.#sessionAt = sessionAt(parts.readModels.database);
    this.#lookUp = registrationLookup(parts.readModels.database);
    this.#pages = agencyPages(parts.readModels.database);
    this.#relatives = agenciesOfLegalPerson(parts.readModels.database);
    this.#appealList = appealList(parts.readModels);
    this.#complaintList = complaintList(parts.readModels);
    this.#sessionList = sessionList(parts.readModels);
    this.#firstAcceptance = firstAcceptances(parts);
  }

  /** Opens the ledger a store holds, or gives `undefined` when it holds none. */
  static async open(parts: ReaderParts): Promise<LedgerReader | undefined> {
    for await (const [first] of parts.store.readStream(ledgerStream, { batchSize: 1 })) {
      if (first !== undefined)
        return new LedgerReader(readEvent(first).data as LedgerSettings, parts);
    }
    return undefined;
  }

  /** *Now*: the last instant of a simulation's clock, the clock's in a real ledger. */
  get now(): Instant {
    const { lastRecordedAt } = this.parts.readModels.progress;
    return this.settings.simulation && lastRecordedAt !== undefined
      ? lastRecordedAt
      : this.parts.clock.now();
  }

  /** Takes in what was appended before this call, by whomever. Calls that come while one is under way are served together by the next. */
  refresh(): Promise<void> {
    this.#nextRefresh ??= this.#refreshed.then(() => {
      this.#nextRefresh = undefined;
      const refreshing = this.#takeIn();
      this.#refreshed = refreshing.catch(() => undefined);
      return refreshing;
    });
    return this.#nextRefresh;
  }

  async #takeIn(): Promise<void> {
    this.parts.keys.refresh();
    const head = await this.parts.store.head();
    if (head === this.#histories.position) return;
    await catchUpInItsOwnThread(this.parts.readModels, this.parts.store);
    await this.#histories.bringUpTo(head);
  }

  /**
   * Waits until answers rest on everything up to a position, which another node gave for what was written there.
   *
   * @param position of this ledger's store
   * @param timeoutMs how long to wait, in milliseconds; 0 or more
   * @throws NotCaughtUpError when it is not there in time; StoreUnavailableError, RangeError for no position of this store
   */
  async atLeast(position: Position, timeoutMs: number): Promise<void> {
    if (!/^\d{1,20}(?:\/\d{1,20})?$/.test(position))
      throw new RangeError(
        `"${position}" is no position: give the one that the writing node answered with`,
      );
    if (this.#has(position)) return;
    await this.refresh();
    if (this.#has(position)) return;
    const { cursor } = this.parts.readModels.progress;
    const signal = AbortSignal.timeout(timeoutMs);
    for await (const batch of this.parts.store.follow({
      ...(cursor !== undefined && { after: cursor }),
      signal,
    }))
      if (comparePositions(batch.at(-1)?.position, position) >= 0) break;
    await this.refresh();
    if (this.#has(position)) return;
    throw new NotCaughtUpError(
      `position ${position} was not there within ${timeoutMs} ms; this node is at ${this.parts.readModels.progress.cursor ?? 'the beginning'}`,
    );
  }

  #has(position: Position): boolean {
    const { cursor } = this.parts.readModels.progress;
    return comparePositions(cursor, position) >= 0 && this.#histories.position !== undefined;
  }

  /** Answers one query of interchange §3 on everything appended so far. */
  async answer(query: LedgerQuery): Promise<Answer> {
    await this.refresh();
    switch (query.query) {
      case 'balance':
        return this.#ofAgency(query, (history, at, context) =>
          agency.balanceAnswer(history, { ...query, ...at }, context),
        );
      case 'explain':
        return this.#ofAgency(query, (history, at, context) =>
          explainAnswer(
            history,
            { ...query, ...at },
            {
              ...context,
              ...this.parts,
              session: this.#sessionAt,
              relatives: (person) => this.#agenciesOf(person),
            },
          ),
        );
      case 'whatif':
        return this.#whatIf(query);
      case 'appeal':
        return this.#appeal(query);
      case 'assessment':
        return this.#assessment(query);
      case 'vertical':
        return this.#vertical(query);
      case 'complaint':
        return this.#complaint(query);
      case 'session':
        return this.#session(query);
      case 'slots':
        return this.#slots(query);
      case 'themes':
        return this.#themes(query);
      case 'agencies':
        return this.#agencies(query);
    }
  }

  /**
   * The deadlines that fall after E (default: now), as known at K (default: now), in the order of time: of one agency, or of all.
   *
   * Of all agencies it folds every history that is not warm: for a ledger of 1,000 agencies seconds, not milliseconds.
   */
  async deadlines(
    query: {
      readonly agencyId?: string;
      readonly effectiveAt?: Instant;
      readonly knownAt?: Instant;
    } = {},
  ): Promise<readonly Deadline[] | QueryError> {
    await this.refresh();
    const { agencyId, effectiveAt } = query;
    const knownAt = this.#knownAt(query);
    if (agencyId !== undefined) {
      return this.#ofAgency({ ...query, agencyId }, (history, at, context) =>
        deadlinesOf(history, at, context),
      );
    }
    const deadlines: Deadline[] = [];
    const at = { effectiveAt: effectiveAt ?? this.now, knownAt };
    const context = this.#context(knownAt);
    for await (const history of this.#everyHistory(knownAt))
      deadlines.push(...deadlinesOf(history, at, context));
    return deadlines.sort(inOrderOfTime);
  }

  /** Appeals as known now, of one agency or of all, in pages. What a page costs does not grow with the ledger. */
  async appeals(query: AppealListQuery): Promise<ListPage<AppealEntry>> {
    await this.refresh();
    const { now } = this;
    return this.#appealList(query, now, { ...this.#context(now), calendar: chinaCalendar });
  }

  /** Complaints as known now, in pages, without what is sealed in them. What a page costs does not grow with the ledger. */
  async complaints(query: ComplaintListQuery): Promise<ListPage<ComplaintEntry>> {
    await this.refresh();
    return this.#complaintList(query, this.zone);
  }

  /** Every complaint about an agency as known now, with its texts, in the order they were filed. Reads the agency's stream once. */
  async complaintsOf(agencyId: string): Promise<readonly ComplaintWithTexts[] | QueryError> {
    await this.refresh();
    return this.#ofAgency({ agencyId }, async (history, { knownAt }) => {
      const { complaints } = await sourcesOf(agencyId, this.parts);
      return agency
        .complaintsAt(history, knownAt)
        .flatMap(
          ({ complaintId }) =>
            complaintWithTexts(history, complaintId, { complaints, knownAt, zone: this.zone }) ??
            [],
        );
    });
  }

  /** Sessions of an agency or a creator as known now, in pages. What a page costs does not grow with the ledger. */
  async sessions(query: SessionListQuery): Promise<ListPage<SessionEntry>> {
    await this.refresh();
    const { now } = this;
    return this.#sessionList(query, now, this.#context(now));
  }

  /** What a command was answered with when it was accepted, for a duplicate of it. */
  async firstAcceptance(line: CommandLine): Promise<FirstAcceptance> {
    await this.refresh();
    return this.#firstAcceptance(line);
  }

  /** An agency's name, for people: `erased` when its key was destroyed. */
  nameOf(agencyId: string): Promise<string | undefined> {
    return agencyName(agencyId, this.parts);
  }

  async #ofAgency<T>(
    query: At,
    answer: (
      history: AgencyHistory,
      at: { effectiveAt: Instant; knownAt: Instant },
      context: AnswerContext,
    ) => T | Promise<T>,
  ): Promise<T | QueryError> {
    const knownAt = this.#knownAt(query);
    const history = await this.#histories.agency(query.agencyId);
    if (!agency.isKnownAt(history, knownAt)) return { error: 'unknown_agency' };
    return answer(
      history,
      { effectiveAt: query.effectiveAt ?? this.now, knownAt },
      this.#context(knownAt),
    );
  }

  async #agenciesOf(legalPersonId: string): Promise<readonly AgencyHistory[]> {
    return Promise.all(
      this.#relatives(legalPersonId).map((agencyId) => this.#histories.agency(agencyId)),
    );
  }

  async #whatIf(
    query: Extract<LedgerQuery, { query: 'whatif' }>,
  ): Promise<WhatIfAnswer | QueryError> {
    const { without, points, attribution, rulebook } = query;
    return this.#ofAgency(query, (history, at, context): WhatIfAnswer | QueryError => {
      const other = rulebook === undefined ? undefined : namedRulebook(rulebook, context);
      if (rulebook !== undefined && other === undefined) return { error: 'unknown_rulebook' };
      return agency.whatIfAnswer(
        history,
        { agencyId: query.agencyId, ...at },
        {
          ...(without !== undefined && { without }),
          ...(points !== undefined && { points }),
          ...(attribution !== undefined && { attribution }),
          ...(other !== undefined && { rulebook: other }),
        },
        context,
      );
    });
  }

  async #appeal(
    query: Extract<LedgerQuery, { query: 'appeal' }>,
  ): Promise<AppealAnswer | QueryError> {
    const knownAt = this.#knownAt(query);
    const stream = this.#lookUp(registrationKey('appeal', query.appealId))?.stream;
    if (stream === undefined) return { error: 'unknown_appeal' };
    const history = await this.#histories.agency(stream.slice(agencyStream('').length));
    const context = { ...this.#context(knownAt), calendar: chinaCalendar };
    return (
      agency.appealAnswer(history, { appealId: query.appealId, knownAt }, context) ?? {
        error: 'unknown_appeal',
      }
    );
  }

  async #assessment({
    agencyId,
    month,
    knownAt,
  }: Extract<LedgerQuery, { query: 'assessment' }>): Promise<AssessmentAnswer | QueryError> {
    const at = { agencyId, ...(knownAt !== undefined && { knownAt }) };
    return this.#ofAgency(at, async (history, known, context) => {
      const creators = await assessedCreators(
        agencyId,
        month,
        known.knownAt,
        this.zone,
        this.parts.readModels.database,
        (creatorId) => this.#histories.creator(creatorId),
      );
      return assessment.assessmentAnswer(
        history,
        { agencyId, month, knownAt: known.knownAt },
        context,
        creators,
      );
    });
  }

  async #vertical(query: Extract<LedgerQuery, { query: 'vertical' }>): Promise<VerticalAnswer> {
    const at = { effectiveAt: query.effectiveAt ?? this.now, knownAt: this.#knownAt(query) };
    const sources = {
      ...this.#context(at.knownAt),
      agency: (agencyId: string) => this.#histories.agency(agencyId),
      creator: (creatorId: string) => this.#histories.creator(creatorId),
    };
    const months: AgencyMonth[] = [];
    for await (const each of agencyMonths(query.month, at, sources, this.parts.readModels))
      months.push(each);
    return vertical.verticalAnswer(
      { month: query.month, vertical: query.vertical, ...at },
      months,
      {
        zone: this.zone,
      },
    );
  }

  async #complaint(
    query: Extract<LedgerQuery, { query: 'complaint' }>,
  ): Promise<ComplaintWithTexts | QueryError> {
    const knownAt = this.#knownAt(query);
    const stream = this.#lookUp(registrationKey('complaint', query.complaintId))?.stream;
    if (stream === undefined) return { error: 'unknown_complaint' };
    const history = await this.#histories.agency(stream.slice(agencyStream('').length));
    const { complaints } = await sourcesOf(history.agencyId, this.parts);
    const context = { complaints, knownAt, zone: this.zone };
    return (
      complaintWithTexts(history, query.complaintId, context) ?? { error: 'unknown_complaint' }
    );
  }

  #session(query: Extract<LedgerQuery, { query: 'session' }>): SessionAnswer | QueryError {
    const knownAt = this.#knownAt(query);
    const session = this.#sessionAt(query.sessionId, knownAt);
    if (session === undefined) return { error: 'unknown_session' };
    return sessionAnswer(session, knownAt, this.#context(knownAt));
  }

  async #slots({
    date,
    ...query
  }: Extract<LedgerQuery, { query: 'slots' }>): Promise<SlotsWithResults> {
    const at = { date, effectiveAt: query.effectiveAt ?? this.now, knownAt: this.#knownAt(query) };
    const slotsOfDate = await this.#foldOf(
      slotsStream(date),
      at.knownAt,
      slots.empty,
      (state, event) => slots.evolve(state, event as unknown as SlotsEvent),
    );
    return slotsWithResults(at, slotsOfDate, this.zone, this.parts.readModels, (creatorId) =>
      this.#histories.creator(creatorId),
    );
  }

  async #themes(query: Extract<LedgerQuery, { query: 'themes' }>): Promise<ThemesAtK> {
    const knownAt = this.#knownAt(query);
    const themesOfMonth = await this.#foldOf(
      themesStream(query.month),
      knownAt,
      themes.empty,
      (state, event) => themes.evolve(state, event as unknown as RecordedThemesEvent),
    );
    return {
      ...themes.themesAnswer(query.month, themesOfMonth, this.zone),
      knownAt: this.zone.format(knownAt),
    };
  }

  /** A short stream as known at K. */
  async #foldOf<State>(
    stream: string,
    knownAt: Instant,
    initial: State,
    fold: (state: State, event: LedgerEvent) => State,
  ): Promise<State> {
    let state = initial;
    for await (const batch of this.parts.store.readStream(stream)) {
      for (const record of batch) {
        const event = readEvent(record);
        if (event.recordedAt <= knownAt) state = fold(state, event);
      }
    }
    return state;
  }

  async #agencies(
    query: Extract<LedgerQuery, { query: 'agencies' }>,
  ): Promise<readonly AgencyEntry[]> {
    const knownAt = this.#knownAt(query);
    const at = { effectiveAt: query.effectiveAt ?? this.now, knownAt };
    const context = this.#context(knownAt);
    const entries: AgencyEntry[] = [];
    for await (const history of this.#everyHistory(knownAt)) {
      const entry = agency.agencyEntry(history, at, context);
      if (query.standing === undefined || query.standing === entry.standing) entries.push(entry);
    }
    return entries;
  }

  /** The histories of all agencies recorded at or before K, in order of their ids. */
  async *#everyHistory(knownAt: Instant): AsyncGenerator<AgencyHistory> {
    for (
      let page = this.#pages(knownAt, '', 500);
      page.length > 0;
      page = this.#pages(knownAt, page.at(-1)?.agencyId ?? '', 500)
    ) {
      for (const { agencyId } of page) yield await this.#histories.agency(agencyId);
    }
  }

  /** A `knownAt` after now means now. */
  #knownAt({ knownAt }: { readonly knownAt?: Instant | undefined }): Instant {
    const { now } = this;
    return knownAt === undefined || knownAt > now ? now : knownAt;
  }

  #context(knownAt: Instant): AnswerContext {
    return { rulebooks: rulebooks.rulebooksAt(this.#histories.register, knownAt), zone: this.zone };
  }
}

/** A rulebook by id and version, or by its version alone where that names one. */
function namedRulebook(
  name: string | { readonly id: string; readonly rulebookVersion: string },
  { rulebooks }: AnswerContext,
): KnownRulebook | undefined {
  if (typeof name !== 'string') return rulebooks.find(name.id, name.rulebookVersion);
  const named = rulebooks.all.filter(({ reference }) => reference.rulebookVersion === name);
  return named.length === 1 ? named[0] : undefined;
}
