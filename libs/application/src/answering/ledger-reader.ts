import type { Position } from '@penalty-ledger/event-store';
import {
  endOfTime,
  ledgerStream,
  readEvent,
  rulebooksStream,
  settingsIn,
  type Clause,
  type CommandLine,
  type Instant,
  type LedgerSettings,
  type LedgerZone,
} from '@penalty-ledger/ledger';
import {
  creatorsOfAgency,
  healing,
  type AgencyRow,
  type NamedKind,
  type UsedId,
} from '@penalty-ledger/projections';
import {
  agencyEntries,
  agencySummary,
  balanceOf,
  explanationOf,
  revisionOf,
  whatIfOf,
  type AgencySummary,
} from './agency-answers.js';
import { agencyName } from './agency-sources.js';
import type { Answer } from './answers.js';
import { appealOf, appealsOf } from './appeal-answers.js';
import type { AppealWithTexts } from './appeal-with-texts.js';
import { complaintOf, complaintsOf } from './complaint-answers.js';
import type { Deadline } from './deadlines.js';
import { EventFeed } from './event-feed.js';
import type { ComplaintWithTexts } from './explained-basis.js';
import { firstAcceptances, type FirstAcceptance } from './first-acceptance.js';
import { agencyList, type AgencyListQuery, type AgencyPage } from './lists/agency-list.js';
import {
  appealList,
  appealsThen,
  type AppealEntry,
  type AppealListQuery,
} from './lists/appeal-list.js';
import {
  complaintList,
  complaintsThen,
  type ComplaintEntry,
  type ComplaintListQuery,
} from './lists/complaint-list.js';
import {
  appealableList,
  type AppealableEntry,
  type AppealableListQuery,
} from './lists/appealable-list.js';
import { creatorList, type CreatorEntry, type CreatorListQuery } from './lists/creator-list.js';
import {
  deadlineList,
  everyDeadline,
  type DeadlineEntry,
  type DeadlineFilter,
  type DeadlineListQuery,
} from './lists/deadline-list.js';
import {
  deductionList,
  type DeductionEntry,
  type DeductionListQuery,
} from './lists/deduction-list.js';
import { erasureList, type ErasureListQuery, type WaitingErasure } from './lists/erasure-list.js';
import { evidenceList, type EvidenceEntry, type EvidenceListQuery } from './lists/evidence-list.js';
import { findingList, type FindingEntry, type FindingListQuery } from './lists/finding-list.js';
import type { AgencyRowsPage, ListPage } from './lists/list-page.js';
import { rulebookList, type RulebookEntry, type RulebookListQuery } from './lists/rulebook-list.js';
import { outlookList, type OutlookEntry, type OutlookListQuery } from './lists/outlook-list.js';
import type { OfAgencyQuery } from './lists/recorded-list.js';
import { sessionList, type SessionEntry, type SessionListQuery } from './lists/session-list.js';
import { assessmentOf, sessionOf, slotsOf, themesOf, verticalOf } from './operation-answers.js';
import { monthDeadlines, type MonthDeadline } from './month-deadlines.js';
import { outlookAnswer } from './outlook.js';
import type { LedgerQuery, QueryError } from './queries.js';
import { ReadModelsScrub } from './read-models-scrub.js';
import { ReaderContext, type ReaderParts } from './reader-context.js';
import type { ShownText } from './shown-texts.js';
import { nearestIds } from '../stores/nearest-ids.js';
import type { OwnedKind } from '../stores/read-models.js';
import { timelineOf, type Timeline, type TimelineQuery } from './timeline.js';
import { tryCommands, type Trial, type TriedLine } from './trial.js';

/** A mark that changes whenever something is recorded of an agency. */
export type AgencyMark = Pick<AgencyRow, 'agencyId' | 'events' | 'lastRecordedAt'>;

/**
 * The reading side of a ledger: answers questions at (E, K), lists and the event feed. Each answer
 * rests on everything appended before it was asked for.
 */
export class LedgerReader {
  /** Every event in order, by page or as it is recorded. */
  readonly events: EventFeed;
  /** Checks the read models while they are in use. */
  readonly scrub: ReadModelsScrub;
  readonly #context: ReaderContext;
  readonly #appealList;
  readonly #complaintList;
  readonly #creatorList;
  readonly #evidenceList;
  readonly #findingList;
  readonly #sessionList;
  readonly #firstAcceptance;

  private constructor(settings: LedgerSettings, parts: ReaderParts) {
    const { readModels, store } = parts;
    this.#context = new ReaderContext(settings, parts);
    this.events = new EventFeed(store);
    this.scrub = new ReadModelsScrub(readModels, store);
    this.#appealList = appealList(readModels);
    this.#complaintList = complaintList(readModels);
    this.#creatorList = creatorList(this.#context);
    this.#evidenceList = evidenceList(this.#context);
    this.#findingList = findingList(readModels);
    this.#sessionList = sessionList(readModels);
    this.#firstAcceptance = firstAcceptances(parts);
  }

  /** Opens the ledger a store holds, or gives `undefined` when it holds none. */
  static async open(parts: ReaderParts): Promise<LedgerReader | undefined> {
    for await (const [first] of parts.store.readStream(ledgerStream, { batchSize: 1 })) {
      if (first !== undefined) return new LedgerReader(settingsIn(readEvent(first)), parts);
    }
    return undefined;
  }

  get settings(): LedgerSettings {
    return this.#context.settings;
  }

  get zone(): LedgerZone {
    return this.#context.zone;
  }

  /** *Now*: the last instant of a simulation's clock, the clock's in a real ledger. */
  get now(): Instant {
    return this.#context.now;
  }

  /** The last event in the read models, which follow the store; `undefined` before the first. */
  get position(): Position | undefined {
    return this.#context.follower.position;
  }

  /** The number of streams in which damage was met since the opening. */
  get damagedStreams(): number {
    return this.#context.parts.readModels.damages.length;
  }

  /** Takes in what was appended before this call, by any process. */
  refresh(): Promise<void> {
    return this.#context.follower.refresh();
  }

  /**
   * Waits until answers rest on everything up to a position.
   *
   * @throws as {@link HistoryFollower.atLeast}
   */
  atLeast(position: Position, timeoutMs: number): Promise<void> {
    return this.#context.follower.atLeast(position, timeoutMs);
  }

  /** Counts events that the read models do not hold yet, as {@link HistoryFollower.lagEvents}. */
  lagEvents(max: number): Promise<number> {
    return this.#context.follower.lagEvents(max);
  }

  /** Answers one query of interchange §3. */
  answer(query: LedgerQuery): Promise<Answer> {
    return this.#ask((reader) => this.#answerOf(query, reader));
  }

  #answerOf(query: LedgerQuery, reader: ReaderContext): Answer | Promise<Answer> {
    switch (query.query) {
      case 'balance':
        return balanceOf(query, reader);
      case 'explain':
        return explanationOf(query, reader);
      case 'whatif':
        return whatIfOf(query, reader);
      case 'appeal':
        return appealOf(query, reader);
      case 'assessment':
        return assessmentOf(query, reader);
      case 'vertical':
        return verticalOf(query, reader);
      case 'complaint':
        return complaintOf(query, reader);
      case 'session':
        return sessionOf(query, reader);
      case 'slots':
        return slotsOf(query, reader);
      case 'themes':
        return themesOf(query, reader);
      case 'outlook':
        return outlookAnswer(query, reader);
      case 'agencies':
        return agencyEntries(query, reader);
    }
  }

  /** Answers `balance` in short, with the agency's name and revision. */
  agency(query: Extract<LedgerQuery, { query: 'balance' }>): Promise<AgencySummary | QueryError> {
    return this.#ask((reader) => agencySummary(query, reader));
  }

  /** A page of an agency's acts up to E, as known at K, by effect. Reads its stream. */
  timeline(query: TimelineQuery): Promise<Timeline | QueryError> {
    return this.#ask((reader) => timelineOf(query, reader));
  }

  /** An agency's appeals as known now, with their texts, by initiation, in pages. */
  appealsOf(query: OfAgencyQuery): Promise<ListPage<AppealWithTexts> | QueryError> {
    return this.#ask((reader) => appealsOf(query, reader));
  }

  /** Complaints about an agency as known now, with their texts, in the order filed, in pages. */
  complaintsOf(query: OfAgencyQuery): Promise<ListPage<ComplaintWithTexts> | QueryError> {
    return this.#ask((reader) => complaintsOf(query, reader));
  }

  /** Agencies with balance and standing at (E, K), in pages. Folds the history of each. */
  agencies(query: AgencyListQuery): Promise<AgencyPage> {
    return this.#ask((reader) => agencyList(query, reader));
  }

  /**
   * Appeals, in pages. What a page costs does not grow with the ledger. As known at an earlier K it
   * folds the agencies' histories.
   */
  appeals(query: AppealListQuery): Promise<AgencyRowsPage<AppealEntry> | QueryError> {
    return this.#ask((reader) => {
      const { now } = reader;
      const { knownAt = now } = query;
      return knownAt < now
        ? appealsThen({ ...query, knownAt }, reader, reader.answerContext(knownAt))
        : this.#appealList(query, now, reader.answerContext(now));
    });
  }

  /** Complaints, in pages, without their texts. The cost is as of {@link appeals}. */
  complaints(query: ComplaintListQuery): Promise<AgencyRowsPage<ComplaintEntry> | QueryError> {
    return this.#ask((reader) => {
      const { knownAt = reader.now } = query;
      return knownAt < reader.now
        ? complaintsThen({ ...query, knownAt }, reader)
        : this.#complaintList(query, reader.zone);
    });
  }

  /** Sessions as known at K, in pages, at the same cost at every K. */
  sessions(query: SessionListQuery): Promise<ListPage<SessionEntry>> {
    return this.#ask((reader) => {
      const { knownAt } = reader.at(query);
      return this.#sessionList(query, knownAt, reader.answerContext(knownAt));
    });
  }

  /** Departures from the rulebook as known at K, in pages. The cost is as of {@link sessions}. */
  findings(query: FindingListQuery): Promise<ListPage<FindingEntry>> {
    return this.#ask((reader) => this.#findingList(query, reader.at(query).knownAt, reader.zone));
  }

  /** Outlooks of all agencies as of now, in pages. Each costs as many reads as it has creators. */
  outlooks(query: OutlookListQuery): Promise<AgencyRowsPage<OutlookEntry>> {
    return this.#ask((reader) => outlookList(query, reader));
  }

  /** The current months of one agency or of all that do not pass as they stand. */
  monthDeadlines(asked: {
    readonly agencyId?: string;
  }): Promise<readonly MonthDeadline[] | QueryError> {
    return this.#ask((reader) => monthDeadlines(asked, reader));
  }

  /** Registered evidence as known at K, in pages, with its titles. */
  evidence(query: EvidenceListQuery): Promise<ListPage<EvidenceEntry> | QueryError> {
    return this.#ask(() => this.#evidenceList(query));
  }

  /** Creators bound at (E, K), in pages. */
  creators(query: CreatorListQuery): Promise<ListPage<CreatorEntry>> {
    return this.#ask(() => this.#creatorList(query));
  }

  /** The clauses of all rulebooks that hold now. */
  clauses(): Promise<readonly Clause[]> {
    return this.#ask((reader) => {
      const { all } = reader.answerContext(reader.now).rulebooks;
      return all.flatMap(({ document }) => document.clauses);
    });
  }

  /** Rulebooks as known at K, in pages. */
  rulebooks(query: RulebookListQuery): Promise<ListPage<RulebookEntry>> {
    return this.#ask((reader) => rulebookList(query, reader));
  }

  /** Deductions as each counts at (E, K), in pages. Folds the history of each agency. */
  deductions(query: DeductionListQuery): Promise<AgencyRowsPage<DeductionEntry> | QueryError> {
    return this.#ask((reader) => deductionList(query, reader));
  }

  /** Deductions with the windows of appeals at (E, K), in pages. Folds as {@link deductions}. */
  appealable(query: AppealableListQuery): Promise<AgencyRowsPage<AppealableEntry> | QueryError> {
    return this.#ask((reader) => appealableList(query, reader));
  }

  /** Deadlines of one agency or of all, in pages. Folds as {@link deductions}. */
  deadlinePage(query: DeadlineListQuery): Promise<AgencyRowsPage<DeadlineEntry> | QueryError> {
    return this.#ask((reader) => deadlineList(query, reader));
  }

  /** Every deadline of one agency or of all, in the order of time, in UTC. */
  deadlines(filter: DeadlineFilter = {}): Promise<readonly Deadline[] | QueryError> {
    return this.#ask((reader) => everyDeadline(filter, reader));
  }

  /** Erasures that were refused and have not been made, with what holds each now, in pages. */
  erasures(query: ErasureListQuery): Promise<AgencyRowsPage<WaitingErasure>> {
    return this.#ask((reader) => erasureList(query, reader));
  }

  /** Decides commands on the ledger as it stands now, one upon another, and records nothing. */
  tryCommands(lines: readonly TriedLine[]): Promise<Trial> {
    return this.#ask((reader) => tryCommands(lines, reader));
  }

  /** The answer that a sender's command got when it was accepted, for a duplicate of it. */
  firstAcceptance(line: CommandLine, actor: string): Promise<FirstAcceptance> {
    return this.#ask(() => this.#firstAcceptance(line, actor));
  }

  /** An agency's name, for people; `undefined` for an unknown agency. */
  nameOf(agencyId: string): Promise<ShownText | undefined> {
    return agencyName(agencyId, this.#context.parts);
  }

  /** The revision of an agency's last event; `undefined` when there is none. */
  revisionOf(agencyId: string): Promise<number | undefined> {
    return this.#ask((reader) => revisionOf(agencyId, reader));
  }

  /** The agency that an id was recorded for; `undefined` when nothing of this id was recorded. */
  agencyOf(kind: OwnedKind, id: string): Promise<string | undefined> {
    return this.#ask((reader) => reader.agencyOf(kind, id));
  }

  /** The creators that were ever bound to an agency, in order of their ids. */
  creatorsOf(agencyId: string): Promise<readonly string[]> {
    return this.#ask(({ parts }) =>
      creatorsOfAgency(parts.readModels.database)(agencyId, endOfTime),
    );
  }

  /** The ids in use that look most like one, as {@link nearestIds}. */
  nearestIds(kind: NamedKind, id: string, compared?: number): Promise<readonly UsedId[]> {
    return this.#ask(({ parts }) => nearestIds(kind, id, parts.readModels.database, compared));
  }

  /** The marks of all agencies as of the last {@link refresh}, after an id, in their order. */
  agencyMarks(after: string, limit: number): readonly AgencyMark[] {
    return this.#context.agencyPage(this.now, after, limit);
  }

  /** The mark of one agency as of the last {@link refresh}. */
  agencyMark(agencyId: string): AgencyMark | undefined {
    return this.#context.agencyRow(agencyId);
  }

  /** Counts the events about rulebooks: a deadline of any agency may follow from one. */
  async rulebookEvents(): Promise<number> {
    let events = 0;
    for await (const batch of this.#context.parts.store.readStream(rulebooksStream))
      events += batch.length;
    return events;
  }

  /** Answers from read models that hold everything appended so far, rebuilt where damaged. */
  #ask<T>(answer: (reader: ReaderContext) => T | Promise<T>): Promise<T> {
    const { readModels, store } = this.#context.parts;
    return healing(readModels, store, async () => {
      await this.refresh();
      return answer(this.#context);
    });
  }
}
