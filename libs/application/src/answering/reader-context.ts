import { IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import {
  counted,
  agencyStream,
  agency,
  agencyOfStream,
  laterOf,
  LedgerZone,
  readEvent,
  rulebooks,
  type AgencyHistory,
  type AppealContext,
  type Instant,
  type LedgerEvent,
  type LedgerSettings,
  type LegalPerson,
} from '@penalty-ledger/ledger';
import {
  agenciesOfLegalPerson,
  agencyPages,
  agencyRow,
  registrationKey,
  registrationLookup,
  sessionAt,
  sessionEvents,
  type AgencyRow,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';
import type { Clock } from '../clock.js';
import { unlessDamaged } from '../recording/outcome.js';
import type { KeyStore } from '../keys/key-store.js';
import { HistoryFollower } from './history-follower.js';
import type { QueryError } from './queries.js';
import type { OwnedKind } from '../stores/read-models.js';
import type { ReaderStates } from './reader-states.js';

/** The parts of a reader. It does not own them. */
export interface ReaderParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  readonly zoneDataVersion: string;
  /** Gives *now* in a real ledger; in a simulation *now* is the last instant of its own clock. */
  readonly clock: Clock;
}

/** E and K, each left out for *now*. */
export interface AskedAt {
  readonly effectiveAt?: Instant | undefined;
  readonly knownAt?: Instant | undefined;
}

/** E and K of an answer. */
export interface At {
  readonly effectiveAt: Instant;
  readonly knownAt: Instant;
}

const agenciesPerPage = 500;

/** The sources of answers: the agencies' histories, the read models, and the time of asking. */
export class ReaderContext {
  readonly zone: LedgerZone;
  readonly follower: HistoryFollower;
  readonly sessionAt;
  readonly sessionEvents;
  readonly agencyRow: (agencyId: string) => AgencyRow | undefined;
  readonly #agencyPages;
  readonly #agenciesOfLegalPerson;
  readonly #lookUp;

  constructor(
    readonly settings: LedgerSettings,
    readonly parts: ReaderParts,
  ) {
    const { database } = parts.readModels;
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    this.follower = new HistoryFollower(parts);
    this.sessionAt = sessionAt(database);
    this.sessionEvents = sessionEvents(database);
    this.agencyRow = agencyRow(database);
    this.#agencyPages = agencyPages(database);
    this.#agenciesOfLegalPerson = agenciesOfLegalPerson(database);
    this.#lookUp = registrationLookup(database);
  }

  get states(): ReaderStates {
    return this.follower.states;
  }

  /**
   * *Now*: the last instant of a simulation's clock. In a real ledger the clock's, never before the
   * last event: a clock that was set back, or is behind the writing node's, hides nothing.
   */
  get now(): Instant {
    this.parts.readModels.assertUsable();
    const { lastRecordedAt } = this.parts.readModels.progress;
    if (lastRecordedAt === undefined) return this.parts.clock.now();
    return this.settings.simulation
      ? lastRecordedAt
      : laterOf(this.parts.clock.now(), lastRecordedAt);
  }

  /** The E and K asked for. A K after now means now. */
  at({ effectiveAt, knownAt }: AskedAt): At {
    const { now } = this;
    return {
      effectiveAt: effectiveAt ?? now,
      knownAt: knownAt === undefined || knownAt > now ? now : knownAt,
    };
  }

  /** The rulebooks and calendars as known at K, and the ledger's zone. */
  answerContext(knownAt: Instant): AppealContext {
    const { register } = this.states;
    return {
      rulebooks: rulebooks.rulebooksAt(register, knownAt),
      calendars: rulebooks.calendarsAt(register, knownAt),
      zone: this.zone,
    };
  }

  /** Answers from the history of one agency, if it was known at K. */
  async ofAgency<T>(
    query: AskedAt & { readonly agencyId: string },
    answer: (history: AgencyHistory, at: At, context: AppealContext) => T | Promise<T>,
  ): Promise<T | QueryError> {
    const at = this.at(query);
    const { agencyId } = query;
    const history = await this.states.agency(agencyId);
    if (!agency.isKnownAt(history, at.knownAt)) {
      const row = this.agencyRow(agencyId);
      if (row === undefined || row.recordedAt > at.knownAt) return { error: 'unknown_agency' };
      throw new IntegrityError(
        {
          en:
            `missing: the read models hold ${counted(row.events, 'event')} of the agency, ` +
            'and its stream shows none that was known then',
          zh: `缺失：读模型中有该机构的 ${row.events} 个事件，而其事件流中没有当时已知的事件`,
        },
        { stream: agencyStream(agencyId) },
      );
    }
    return answer(history, at, this.answerContext(at.knownAt));
  }

  /**
   * The histories of all agencies recorded at or before K, in the order of their ids.
   *
   * @param onDamage is told of each agency whose history cannot be read, and which is left out
   * @param after the id after which to begin
   */
  async *everyHistory(
    knownAt: Instant,
    onDamage: (agencyId: string) => void,
    after = '',
  ): AsyncGenerator<AgencyHistory> {
    for (
      let page = this.agencyPage(knownAt, after, agenciesPerPage);
      page.length > 0;
      page = this.agencyPage(knownAt, page.at(-1)?.agencyId ?? '', agenciesPerPage)
    ) {
      for (const { agencyId } of page) {
        const history = await unlessDamaged(this.states.agency(agencyId));
        if (history instanceof IntegrityError) onDamage(agencyId);
        else yield history;
      }
    }
  }

  /** The agencies recorded at or before K after an id, in the order of their ids. */
  agencyPage(knownAt: Instant, after: string, limit: number): readonly AgencyRow[] {
    return this.#agencyPages(knownAt, after, limit);
  }

  /** The histories of a legal person's agencies. */
  agenciesOfLegalPerson(legalPerson: LegalPerson): Promise<readonly AgencyHistory[]> {
    const ids = this.#agenciesOfLegalPerson(legalPerson);
    return Promise.all(ids.map((agencyId) => this.states.agency(agencyId)));
  }

  /** The agency that an id was recorded for; `undefined` when nothing of this id was recorded. */
  agencyOf(kind: OwnedKind, id: string): string | undefined {
    const stream = this.registered(kind, id)?.stream;
    return stream === undefined ? undefined : agencyOfStream(stream);
  }

  /** The event that took an id; `undefined` when nothing of this id was recorded. */
  registered(kind: OwnedKind, id: string): Registration | undefined {
    return this.#lookUp(registrationKey(kind, id));
  }

  /** Folds a short stream as known at K. */
  async foldStream<State>(
    stream: string,
    knownAt: Instant,
    initial: State,
    evolve: (state: State, event: LedgerEvent) => State,
  ): Promise<State> {
    let state = initial;
    for await (const batch of this.parts.store.readStream(stream)) {
      for (const record of batch) {
        const event = readEvent(record);
        if (event.recordedAt <= knownAt) state = evolve(state, event);
      }
    }
    return state;
  }
}
