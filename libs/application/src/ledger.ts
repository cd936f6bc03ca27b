import type { Appended, EventStore, ExpectedRevision, Position } from '@penalty-ledger/event-store';
import {
  agencyStream,
  clockActor,
  creationOf,
  creatorStream,
  emptyCreator,
  emptyHistory,
  everything,
  evolve,
  evolveCreator,
  evolveRegister,
  evolveSlots,
  evolveThemes,
  fingerprintOf,
  laterOf,
  ledgerStream,
  LedgerZone,
  noSlots,
  noThemes,
  passClock,
  problemOf,
  publishRulebook,
  recordEvents,
  refusalsStream,
  rulebooksAt,
  rulebooksStream,
  shippedRulebooks,
  slotsStream,
  themesStream,
  type AgencyHistory,
  type Causation,
  type CommandLine,
  type CreatorHistory,
  type Decision,
  type DecisionContext,
  type EventRecord,
  type Instant,
  type LedgerEvent,
  type LedgerSettings,
  type NewEvent,
  type PublishRulebook,
  type RecordedAgencyEvent,
  type RecordedCreatorEvent,
  type RecordedThemesEvent,
  type RulebookPublished,
  type RulebookRegister,
  type Rulebooks,
  type Slots,
  type SlotsEvent,
  type StreamHead,
  type SubjectKey,
  type Themes,
} from '@penalty-ledger/ledger';
import {
  registrationKey,
  registrationLookup,
  registrationsOf,
  scheduledAfter,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';
import type { Desk, Place, Subject, Warm } from './desk.js';
import { DueDeductions } from './due-deductions.js';
import { judgeAgency } from './judges/agency.js';
import { judgeAssessment } from './judges/assessment.js';
import { judgeCreator } from './judges/creator.js';
import { judgeEvidence } from './judges/evidence.js';
import { judgeSession } from './judges/session.js';
import { judgeSlots, judgeThemes } from './judges/traffic.js';
import type { KeyStore } from './key-store.js';
import { duplicate, outcomeOf, rejected, type Outcome } from './outcome.js';
import { begin, readHead, readRegister, readWarm } from './streams.js';
import { WarmStreams } from './warm-streams.js';

/** What a ledger is made of. It owns them: {@link Ledger.close} closes them. */
export interface LedgerParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  /** See `timeZoneDataVersion`. */
  readonly zoneDataVersion: string;
}

/** The ledger cannot go on: the store failed or is damaged under it. Open it again. */
export class LedgerStoppedError extends Error {
  readonly code = 'ledger_stopped';
}

/** An append that waits for the keys it needs. */
interface Outgoing {
  readonly send: () => Promise<Appended>;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (reason: unknown) => void;
}

/** A decision made, and the append it waits for. */
interface Decided {
  readonly outcome: Outcome;
  readonly settled: Promise<unknown>;
}

/**
 * The writing side of a ledger: takes commands one after another, judges each on everything before it, and acknowledges it when it
 * is durable. Decisions do not wait for the disk: they go on against what is appended and not yet acknowledged, and the store commits what has
 * gathered in one group. If an append fails, every one after it fails too and the ledger stops.
 */
export class Ledger {
  readonly zone: LedgerZone;
  readonly #desk: Desk;
  readonly #agencies: WarmStreams<Warm<AgencyHistory>>;
  readonly #creators: WarmStreams<Warm<CreatorHistory>>;
  readonly #slots: WarmStreams<Warm<Slots>>;
  readonly #themes: WarmStreams<Warm<Themes>>;
  readonly #places: WarmStreams<Place>;
  readonly #lookUp: (key: string) => Registration | undefined;
  /** Ids taken by events that the read models do not hold yet. */
  readonly #taken = new Map<string, Registration>();
  readonly #due: DueDeductions;
  #register: RulebookRegister;
  /** Those of the register, as known now. */
  #rulebooks: Rulebooks;
  #clock: Instant;
  /** Appended and acknowledged, not yet in the read models. */
  #unapplied: LedgerEvent[] = [];
  #acknowledgedUpTo: Position | undefined;
  #appliedUpTo: Position | undefined;
  /** Decided, and not yet handed to the store. */
  #outbox: Outgoing[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #settled: Promise<unknown> = Promise.resolve();
  #failure: LedgerStoppedError | undefined;

  private constructor(
    readonly settings: LedgerSettings,
    readonly parts: LedgerParts,
    register: RulebookRegister,
    clock: Instant,
  ) {
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    const { store } = parts;
    this.#agencies = new WarmStreams((agencyId) =>
      readWarm(store, agencyStream(agencyId), emptyHistory(), (history, event) =>
        evolve(history, event as unknown as RecordedAgencyEvent),
      ),
    );
    this.#creators = new WarmStreams((creatorId) =>
      readWarm(store, creatorStream(creatorId), emptyCreator(creatorId), (creator, event) =>
        evolveCreator(creator, event as unknown as RecordedCreatorEvent),
      ),
    );
    this.#slots = new WarmStreams((date) =>
      readWarm(store, slotsStream(date), noSlots, (slots, event) => evolveSlots(slots, event as unknown as SlotsEvent)),
    );
    this.#themes = new WarmStreams((month) =>
      readWarm(store, themesStream(month), noThemes, (themes, event) =>
        evolveThemes(themes, event as unknown as RecordedThemesEvent),
      ),
    );
    this.#places = new WarmStreams((stream) => readWarm(store, stream, undefined, () => undefined));
    this.#desk = {
      zone: this.zone,
      keys: parts.keys,
      agency: (agencyId) => this.#agencies.get(agencyId),
      creator: (creatorId) => this.#creators.get(creatorId),
      slots: (date) => this.#slots.get(date),
      themes: (month) => this.#themes.get(month),
      place: (stream) => this.#place(stream),
      registered: (key) => this.#registered(key),
      current: async () => {
        await this.#settled;
        await this.#applyNow();
        return parts.readModels;
      },
      append: (events, place, line, context, subject) => {
        const causation = causationOf(line, place.stream, place.head, subject?.key);
        this.#append(events, place, context, causation, subject);
      },
    };
    this.#lookUp = registrationLookup(parts.readModels.database);
    this.#register = register;
    this.#rulebooks = rulebooksAt(register, everything);
    this.#clock = clock;
    this.#appliedUpTo = parts.readModels.progress.cursor;
    this.#due = new DueDeductions(scheduledAfter(parts.readModels.database)(clock));
  }

  /**
   * Opens a ledger that exists, or a new one. A new one begins with two appends, its opening and the rulebooks it was shipped with; if it was
   * interrupted between them, whoever opens it next makes the second, byte for byte the same.
   *
   * @param opening what to open a new ledger with, at which instant; when missing, there must be one
   * @returns `undefined` when there is no ledger and no `opening`
   */
  static async open(
    parts: LedgerParts,
    opening?: { readonly settings: LedgerSettings; readonly at: Instant; readonly actor: string },
  ): Promise<Ledger | undefined> {
    const { store, readModels } = parts;
    let [head, first] = await readHead(store, ledgerStream);
    if (head === undefined) {
      if (opening === undefined) return undefined;
      const { settings, at, actor } = opening;
      const causation = {
        command: 'OpenLedger',
        commandId: `ledger/${settings.ledgerId}`,
        fingerprint: fingerprintOf('OpenLedger', settings),
      };
      await begin(store, ledgerStream, [{ type: 'LedgerOpened', data: settings }], {
        ledgerId: settings.ledgerId,
        recordedAt: at,
        actor,
        causation,
      });
      [head, first] = await readHead(store, ledgerStream);
    }
    if (head === undefined || first === undefined)
      throw new LedgerStoppedError('the ledger was opened and its first event is not there');
    // Before anything is added: it finds out whether the store has lost its tail.
    await readModels.catchUp(store);
    const settings = first.data as LedgerSettings;
    let rulebooks = await readRegister(store);
    if (rulebooks.head === undefined) {
      const { ledgerId } = settings;
      const { recordedAt, actor, causation } = first;
      await begin(store, rulebooksStream, shippedRulebooks(), { ledgerId, recordedAt, actor, causation });
      await readModels.catchUp(store);
      rulebooks = await readRegister(store);
    }
    const clock = readModels.progress.lastRecordedAt ?? first.recordedAt;
    return new Ledger(settings, parts, rulebooks.register, clock);
  }

  /** The last instant at which anything was recorded. */
  get clock(): Instant {
    return this.#clock;
  }

  /**
   * Takes a command at `now`, after what fell due before. Resolves when the outcome is durable, and not before everything taken earlier is.
   * Calls may overlap; they are judged in the order of the calls.
   *
   * @param now never before {@link clock}; an earlier one is taken as the clock's
   * @throws LedgerStoppedError, IntegrityError
   */
  async handle(line: CommandLine, now: Instant): Promise<Outcome> {
    const { outcome, settled } = await this.#inTurn(() => this.#judge(line, now));
    await settled;
    return outcome;
  }

  /** Moves the clock on, so that what falls due up to `now` happens. Resolves when that is durable. */
  async advanceTo(now: Instant): Promise<void> {
    await this.#inTurn(() => this.#passDue(now));
    await this.#settled;
  }

  /** Remembers a simulation's last instant, at which nothing may have been recorded. */
  async rememberClock(now: Instant): Promise<void> {
    await this.#inTurn(async () => {
      await this.#passDue(now);
      if (now <= this.#clock) return;
      const causation = {
        command: 'AdvanceClock',
        commandId: `clock/${now}`,
        fingerprint: fingerprintOf('AdvanceClock', { now }),
      };
      const event = { type: 'SimulationClockAdvanced', data: {} };
      this.#append([event], await this.#place(ledgerStream), { actor: 'simulation', now }, causation);
    });
    await this.#settled;
  }

  /** Brings the read models up to everything acknowledged. */
  async settle(): Promise<void> {
    await this.#inTurn(() => this.#settled);
    await this.#applyNow();
  }

  /** Finishes what was taken and closes every part. */
  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.settle();
    } finally {
      await this.parts.store.close();
      this.parts.readModels.close();
      this.parts.keys.close();
    }
  }

  #inTurn<T>(act: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return act();
    });
    // A decision that threw may have moved a warm history on; nothing may be judged on it.
    this.#turn = turn.catch((error: unknown) => {
      this.#stop(error);
    });
    return turn;
  }

  async #judge(line: CommandLine, requested: Instant): Promise<Decided> {
    const now = laterOf(requested, this.#clock);
    await this.#passDue(now);
    const context: DecisionContext = {
      now,
      actor: line.by ?? (this.settings.simulation ? 'simulation' : 'import'),
      mode: this.settings.mode,
      zone: this.zone,
      rulebooks: this.#rulebooks,
    };
    const problem = problemOf(line.command, context);
    if (problem !== undefined) return this.#answer(rejected('invalid', problem));
    const outcome = this.#repeated(line) ?? (await this.#dispatch(line, context));
    if (outcome.status === 'rejected' && outcome.code !== 'invalid') await this.#recordRefusal(line, outcome, context);
    return this.#answer(outcome);
  }

  /** An answer rests on everything appended before it, so it waits for all of that. */
  #answer(outcome: Outcome): Decided {
    return { outcome, settled: this.#settled };
  }

  /** A command whose id is taken: by the same data a duplicate, by other data a conflict (interchange §2). */
  #repeated({ command, commandId, dataAsSent }: CommandLine): Outcome | undefined {
    const creation = creationOf(command);
    const keys = [
      ...(commandId === undefined ? [] : [registrationKey('command', commandId)]),
      ...(creation === undefined ? [] : [registrationKey(creation.kind, creation.id)]),
    ];
    for (const key of keys) {
      const registration = this.#registered(key);
      if (registration === undefined) continue;
      const subjectKey = registration.subject === null ? undefined : this.parts.keys.find(registration.subject);
      const erased = registration.subject !== null && subjectKey === undefined;
      if (!erased && fingerprintOf(command.command, dataAsSent, subjectKey) === registration.fingerprint)
        return duplicate;
      return rejected('conflict', `the id ${key.replace('/', ' "')}" is taken by other data; nothing was changed`);
    }
    return undefined;
  }

  #registered(key: string): Registration | undefined {
    return this.#taken.get(key) ?? this.#lookUp(key);
  }

  async #dispatch(line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const { command } = line;
    switch (command.command) {
      case 'BindCreator':
      case 'UnbindCreator':
      case 'GrantExposureRight':
      case 'WithdrawExposureRight':
        return judgeCreator(command, line, context, this.#desk);
      case 'RecordSession':
      case 'CorrectSession':
      case 'VoidSession':
        return judgeSession(command, line, context, this.#desk);
      case 'ComputeAssessment':
        return judgeAssessment(command, line, context, this.#desk);
      case 'AllocateSlots':
      case 'WaiveSlot':
      case 'AssignSlot':
      case 'DeclareBlackout':
        return judgeSlots(command, line, context, this.#desk);
      case 'ProposeTheme':
      case 'SelectTheme':
        return judgeThemes(command, line, context, this.#desk);
      case 'RegisterEvidence':
        return judgeEvidence(command, line, context, this.#desk);
      case 'PublishRulebook':
        return this.#publishRulebook(command, line, context);
      default:
        return judgeAgency(command, line, context, this.#desk);
    }
  }

  async #publishRulebook(command: PublishRulebook, line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const decision: Decision<RulebookPublished> = publishRulebook(command, context);
    if (decision.rejected === undefined) {
      this.#desk.append(decision.events, await this.#place(rulebooksStream), line, context);
      for (const event of decision.events) {
        this.#register = evolveRegister(this.#register, { ...event, recordedAt: context.now });
      }
      this.#rulebooks = rulebooksAt(this.#register, everything);
    }
    return outcomeOf(decision);
  }

  /** What an audit of refusals needs, once for the same refusal of the same command. */
  async #recordRefusal(
    { command, dataAsSent, commandId }: CommandLine,
    { code }: Outcome,
    context: DecisionContext,
  ): Promise<void> {
    const key = this.parts.keys.findOrMake('refusals');
    const fingerprint = fingerprintOf(command.command, { code, data: dataAsSent, by: context.actor }, key);
    if (this.#registered(registrationKey('refusal', fingerprint)) !== undefined) return;
    const causation = {
      command: command.command,
      commandId: `refusal/${commandId ?? ''}/${fingerprint.slice(0, 16)}`,
      fingerprint,
    };
    const data = { code: code ?? '', command: command.command };
    const place = await this.#place(refusalsStream(this.zone.monthOf(context.now)));
    this.#append([{ type: 'CommandRefused', data }], place, context, causation);
  }

  /** Everything that falls due up to `now`, each at its own instant, in time order (rulebook §5). */
  async #passDue(now: Instant): Promise<void> {
    for (let due = this.#due.takeUpTo(now); due !== undefined; due = this.#due.takeUpTo(now)) {
      const { agencyId, deductionId, effectiveAt } = due;
      const agency = await this.#agencies.get(agencyId);
      const recordedAt = this.settings.simulation ? effectiveAt : laterOf(now, this.#clock);
      const context: DecisionContext = {
        now: effectiveAt,
        actor: clockActor,
        mode: this.settings.mode,
        zone: this.zone,
        rulebooks: this.#rulebooks,
      };
      const events = passClock(agency.state, context, recordedAt);
      if (events.length === 0) continue;
      const causation = {
        command: 'ClockPassed',
        commandId: `clock/${deductionId}@${effectiveAt}`,
        fingerprint: fingerprintOf('ClockPassed', { deductionId, effectiveAt }),
      };
      this.#append(events, agency, { actor: clockActor, now: recordedAt }, causation);
    }
  }

  #place(stream: string): Promise<Place> {
    return this.#places.get(stream);
  }

  /** Hands events to the store and moves the stream's head on; the acknowledgement comes later, in {@link #settled}. */
  #append(
    events: readonly NewEvent[],
    place: Place,
    { actor, now }: Pick<DecisionContext, 'actor' | 'now'>,
    causation: Causation,
    subject?: Subject,
  ): void {
    const { stream } = place;
    const recorded = recordEvents(events, {
      ledgerId: this.settings.ledgerId,
      stream,
      head: place.head,
      recordedAt: now,
      actor,
      causation,
      ...(subject !== undefined && { subject }),
    });
    const last = recorded.at(-1);
    if (last === undefined) return;
    const records = recorded.map(({ record }) => record);
    const appended = this.#send(stream, place.head?.revision ?? 'no_stream', records);
    place.head = { revision: last.record.revision, leafHash: last.record.leafHash };
    this.#clock = now;
    for (const { event } of recorded) {
      for (const [key, registration] of registrationsOf(event))
        if (!this.#taken.has(key)) this.#taken.set(key, registration);
      this.#due.note(event);
    }
    const settled = Promise.all([this.#settled, appended]).then(([, position]) => {
      this.#acknowledged(
        recorded.map(({ event }) => event),
        position,
      );
    });
    settled.catch((error: unknown) => {
      this.#stop(error);
    });
    this.#settled = settled;
  }

  /** Everything decided in one turn of the event loop goes to the store together, after one durable write of the new keys it needs. */
  #send(stream: string, expected: ExpectedRevision, records: readonly EventRecord[]): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#outbox.length === 0)
        setImmediate(() => {
          this.#flush();
        });
      this.#outbox.push({ send: () => this.parts.store.append(stream, expected, records), resolve, reject });
    });
  }

  #flush(): void {
    const outbox = this.#outbox;
    this.#outbox = [];
    try {
      this.parts.keys.save();
    } catch (error) {
      for (const { reject } of outbox) reject(error);
      return;
    }
    for (const { send, resolve, reject } of outbox) send().then(resolve, reject);
  }

  #stop(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new LedgerStoppedError(`the ledger stopped: ${reason}`, { cause });
    for (const warm of [this.#agencies, this.#creators, this.#slots, this.#themes, this.#places]) warm.clear();
  }

  #acknowledged(events: readonly LedgerEvent[], { position }: Appended): void {
    this.#unapplied.push(...events);
    this.#acknowledgedUpTo = position;
    if (this.#unapplied.length >= applyBatch)
      void this.#applyNow().catch((error: unknown) => {
        this.#stop(error);
      });
  }

  /** Folds what was acknowledged into the read models. */
  async #applyNow(): Promise<void> {
    const events = this.#unapplied;
    const last = this.#acknowledgedUpTo;
    if (events.length === 0 || last === undefined) return;
    this.#unapplied = [];
    const { readModels, store } = this.parts;
    if (!readModels.apply(events, this.#appliedUpTo, last)) await readModels.catchUp(store);
    this.#appliedUpTo = last;
    for (const event of events) for (const [key] of registrationsOf(event)) this.#taken.delete(key);
  }
}

/** Events that are folded into the read models at once: enough for their transaction to cost little, few enough to hold. */
const applyBatch = 1000;

/** The command's id: as sent, or derived from what it creates, or from where it lands (docs/spec/event.md, "Ids"). */
function causationOf(
  { command, commandId, dataAsSent }: CommandLine,
  stream: string,
  head: StreamHead | undefined,
  key?: SubjectKey,
): Causation {
  const fingerprint = fingerprintOf(command.command, dataAsSent, key);
  const creation = creationOf(command);
  const derived =
    creation === undefined
      ? `${stream}@${String((head?.revision ?? -1) + 1)}/${fingerprint.slice(0, 16)}`
      : `${creation.kind}/${creation.id}`;
  return { command: command.command, commandId: commandId ?? derived, fingerprint };
}
