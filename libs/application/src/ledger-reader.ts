import type { EventStore } from '@penalty-ledger/event-store';
import {
  agencyEntry,
  agencyStream,
  appealAnswer,
  balanceAnswer,
  chinaCalendar,
  emptyHistory,
  emptyRegister,
  evolve,
  evolveRegister,
  isKnownAt,
  ledgerStream,
  LedgerZone,
  readEvent,
  rulebooksAt,
  rulebooksStream,
  whatIfAnswer,
  type AgencyEntry,
  type AgencyHistory,
  type AnswerContext,
  type AppealAnswer,
  type BalanceAnswer,
  type Instant,
  type KnownRulebook,
  type LedgerEvent,
  type LedgerSettings,
  type RecordedAgencyEvent,
  type RulebookPublished,
  type RulebookRegister,
  type WhatIfAnswer,
} from '@penalty-ledger/ledger';
import {
  agenciesOfLegalPerson,
  agencyPages,
  registrationKey,
  registrationLookup,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';
import type { Clock } from './clock.js';
import { agencyName, explainAnswer, type ExplainAnswer } from './explain.js';
import type { KeyStore } from './key-store.js';
import type { LedgerQuery } from './queries.js';
import { WarmStreams } from './warm-streams.js';

/** Why a query has no answer (interchange §3). */
export interface QueryError {
  readonly error: 'unknown_agency' | 'unknown_appeal' | 'unknown_rulebook' | 'invalid';
}

export type Answer = BalanceAnswer | ExplainAnswer | AppealAnswer | WhatIfAnswer | readonly AgencyEntry[] | QueryError;

/** What a reader is made of. It does not own them. */
export interface ReaderParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  readonly zoneDataVersion: string;
  /** What *now* is in a real ledger; in a simulation it is the last instant of its own clock. */
  readonly clock: Clock;
}

type At = Extract<LedgerQuery, { agencyId: string }>;

/** The reading side of a ledger: answers questions at (E, K) from the agencies' histories. */
export class LedgerReader {
  readonly zone: LedgerZone;
  readonly #histories: WarmStreams<AgencyHistory>;
  readonly #lookUp: (key: string) => Registration | undefined;
  readonly #pages;
  readonly #relatives;
  #register: RulebookRegister = emptyRegister;
  #seen: string | undefined;

  private constructor(
    readonly settings: LedgerSettings,
    readonly parts: ReaderParts,
  ) {
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    this.#histories = new WarmStreams((agencyId) => this.#load(agencyId));
    this.#lookUp = registrationLookup(parts.readModels.database);
    this.#pages = agencyPages(parts.readModels.database);
    this.#relatives = agenciesOfLegalPerson(parts.readModels.database);
  }

  /** Opens the ledger a store holds, or gives `undefined` when it holds none. */
  static async open(parts: ReaderParts): Promise<LedgerReader | undefined> {
    for await (const [first] of parts.store.readStream(ledgerStream, { batchSize: 1 })) {
      if (first !== undefined) return new LedgerReader(readEvent(first).data as LedgerSettings, parts);
    }
    return undefined;
  }

  /** *Now*: the last instant of a simulation's clock, the clock's in a real ledger. */
  get now(): Instant {
    const { lastRecordedAt } = this.parts.readModels.progress;
    return this.settings.simulation && lastRecordedAt !== undefined ? lastRecordedAt : this.parts.clock.now();
  }

  /** Takes in what was appended since the last call, by whomever. */
  async refresh(): Promise<void> {
    const head = await this.parts.store.head();
    if (head === this.#seen) return;
    await this.parts.readModels.catchUp(this.parts.store);
    this.#histories.clear();
    this.#register = emptyRegister;
    for await (const batch of this.parts.store.readStream(rulebooksStream)) {
      for (const record of batch) {
        this.#register = evolveRegister(
          this.#register,
          readEvent(record) as LedgerEvent<string, RulebookPublished['data']>,
        );
      }
    }
    this.#seen = head;
  }

  /** Answers one query of interchange §3 on everything appended so far. */
  async answer(query: LedgerQuery): Promise<Answer> {
    await this.refresh();
    switch (query.query) {
      case 'balance':
        return this.#ofAgency(query, (history, at, context) => balanceAnswer(history, { ...query, ...at }, context));
      case 'explain':
        return this.#ofAgency(query, (history, at, context) =>
          explainAnswer(
            history,
            { ...query, ...at },
            { ...context, ...this.parts, relatives: (person) => this.#agenciesOf(person) },
          ),
        );
      case 'whatif':
        return this.#whatIf(query);
      case 'appeal':
        return this.#appeal(query);
      case 'agencies':
        return this.#agencies(query);
    }
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
    const history = await this.#histories.get(query.agencyId);
    if (!isKnownAt(history, knownAt)) return { error: 'unknown_agency' };
    return answer(history, { effectiveAt: query.effectiveAt ?? this.now, knownAt }, this.#context(knownAt));
  }

  async #agenciesOf(legalPersonId: string): Promise<readonly AgencyHistory[]> {
    return Promise.all(this.#relatives(legalPersonId).map((agencyId) => this.#histories.get(agencyId)));
  }

  async #whatIf(query: Extract<LedgerQuery, { query: 'whatif' }>): Promise<WhatIfAnswer | QueryError> {
    const { without, points, attribution, rulebook } = query;
    return this.#ofAgency(query, (history, at, context): WhatIfAnswer | QueryError => {
      const other = rulebook === undefined ? undefined : namedRulebook(rulebook, context);
      if (rulebook !== undefined && other === undefined) return { error: 'unknown_rulebook' };
      return whatIfAnswer(
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

  async #appeal(query: Extract<LedgerQuery, { query: 'appeal' }>): Promise<AppealAnswer | QueryError> {
    const knownAt = this.#knownAt(query);
    const stream = this.#lookUp(registrationKey('appeal', query.appealId))?.stream;
    if (stream === undefined) return { error: 'unknown_appeal' };
    const history = await this.#histories.get(stream.slice(agencyStream('').length));
    const context = { ...this.#context(knownAt), calendar: chinaCalendar };
    return appealAnswer(history, { appealId: query.appealId, knownAt }, context) ?? { error: 'unknown_appeal' };
  }

  async #agencies(query: Extract<LedgerQuery, { query: 'agencies' }>): Promise<readonly AgencyEntry[]> {
    const knownAt = this.#knownAt(query);
    const at = { effectiveAt: query.effectiveAt ?? this.now, knownAt };
    const context = this.#context(knownAt);
    const entries: AgencyEntry[] = [];
    for (
      let page = this.#pages(knownAt, '', 500);
      page.length > 0;
      page = this.#pages(knownAt, page.at(-1)?.agencyId ?? '', 500)
    ) {
      for (const { agencyId } of page) {
        const entry = agencyEntry(await this.#histories.get(agencyId), at, context);
        if (query.standing === undefined || query.standing === entry.standing) entries.push(entry);
      }
    }
    return entries;
  }

  /** A `knownAt` after now means now. */
  #knownAt({ knownAt }: { readonly knownAt?: Instant | undefined }): Instant {
    const { now } = this;
    return knownAt === undefined || knownAt > now ? now : knownAt;
  }

  #context(knownAt: Instant): AnswerContext {
    return { rulebooks: rulebooksAt(this.#register, knownAt), zone: this.zone };
  }

  async #load(agencyId: string): Promise<AgencyHistory> {
    const history = emptyHistory();
    for await (const batch of this.parts.store.readStream(agencyStream(agencyId))) {
      for (const record of batch) evolve(history, readEvent(record) as unknown as RecordedAgencyEvent);
    }
    return history;
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
