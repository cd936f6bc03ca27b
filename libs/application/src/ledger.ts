import { comparePositions, IntegrityError, type EventStore, type Position } from '@penalty-ledger/event-store';
import {
  agencyStream,
  alarmsStream,
  clockActor,
  creationOf,
  creatorStream,
  emptyCreator,
  emptyHistory,
  erasuresStream,
  everything,
  evolve,
  evolveAlarms,
  evolveCreator,
  evolveRegister,
  evolveSlots,
  evolveThemes,
  fingerprintOf,
  laterOf,
  ledgerStream,
  LedgerZone,
  noAlarms,
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
  soundAlarms,
  themesStream,
  type AgencyHistory,
  type AlarmEvent,
  type Causation,
  type CommandLine,
  type CreatorHistory,
  type Decision,
  type DecisionContext,
  type EngineAlarm,
  type ErasureRefusal,
  type EraseSubject,
  type Instant,
  type LedgerCommand,
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
  projectorInThisThread,
  registrationKey,
  scheduledAfter,
  type Projector,
  type ReadModels,
} from '@penalty-ledger/projections';
import type { Desk, Place, Subject, Warm } from './desk.js';
import { DueDeductions } from './due-deductions.js';
import { finishErasures, judgeErasure } from './erasure.js';
import { judgeAgency, unlessAt } from './judges/agency.js';
import { judgeAssessment } from './judges/assessment.js';
import { judgeCreator } from './judges/creator.js';
import { judgeEvidence } from './judges/evidence.js';
import { judgeSession } from './judges/session.js';
import { judgeSlots, judgeThemes } from './judges/traffic.js';
import type { KeyStore } from './key-store.js';
import { Outbox } from './outbox.js';
import { duplicate, outcomeOf, rejected, type AppendedEvent, type Outcome } from './outcome.js';
import { begin, readHead, readRegister, readWarm } from './streams.js';
import { TakenIds } from './taken-ids.js';
import { WarmStreams } from './warm-streams.js';

/** What a ledger is made of. It owns them: {@link Ledger.close} closes them. */
export interface LedgerParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  /** Keeps the read models up while the ledger is open. Left out: this thread does. */
  readonly projector?: Projector;
  /** See `timeZoneDataVersion`. */
  readonly zoneDataVersion: string;
}

/** The ledger cannot go on: the store failed or is damaged under it. Open it again. */
export class LedgerStoppedError extends Error {
  readonly code = 'ledger_stopped';
}

/** A command line, and the instant it is to be judged at. */
export interface TimedLine {
  readonly line: CommandLine;
  readonly now: Instant;
  /** Refuses a command on one agency with `precondition_failed` unless the last event of the agency's stream has this revision. */
  readonly expectedRevision?: number;
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
  readonly #ids: TakenIds;
  readonly #due: DueDeductions;
  #register: RulebookRegister;
  /** Those of the register, as known now. */
  #rulebooks: Rulebooks;
  #clock: Instant;
  /** Appended and acknowledged, not yet in the read models. */
  #unapplied: LedgerEvent[] = [];
  #acknowledgedUpTo: Position | undefined;
  readonly #projector: Projector;
  /** What was acknowledged up to its last call is in the read models. */
  #applied: Promise<void> = Promise.resolve();
  #isApplying = false;
  /** Decided, and not yet handed to the store. */
  readonly #outbox = new Outbox();
  /** Hands {@link #outbox} to the store; there while something is in it. */
  #send: (() => void) | undefined;
  /** While commands are judged together, what they append waits for the last of them. */
  #isGathering = false;
  /** What the command being judged has appended. */
  #appended: AppendedEvent[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  /** Everything appended so far is durable. */
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
    this.#creators = new WarmStreams(
      (creatorId) =>
        readWarm(store, creatorStream(creatorId), emptyCreator(creatorId), (creator, event) =>
          evolveCreator(creator, event as unknown as RecordedCreatorEvent),
        ),
      warmCreators,
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
      subject: (id) => (parts.keys.stateOf(id) === 'destroyed' ? undefined : { id, key: parts.keys.findOrMake(id) }),
      agency: (agencyId) => this.#agencies.get(agencyId),
      creator: (creatorId) => this.#creators.get(creatorId),
      slots: (date) => this.#slots.get(date),
      themes: (month) => this.#themes.get(month),
      place: (stream) => this.#place(stream),
      registered: (key) => this.#ids.registered(key),
      current: async () => {
        this.#send?.();
        await this.#settled;
        await this.#applyNow();
        return parts.readModels;
      },
      append: (events, place, line, context, subject) => {
        const causation = causationOf(line, place.stream, place.head, subject?.key);
        this.#append(events, place, context, causation, subject);
      },
    };
    this.#ids = new TakenIds(parts.readModels);
    this.#register = register;
    this.#rulebooks = rulebooksAt(register, everything);
    this.#clock = clock;
    this.#projector = parts.projector ?? projectorInThisThread(parts.readModels, store);
    this.#due = new DueDeductions(scheduledAfter(parts.readModels.database)(clock));
    this.#acknowledgedUpTo = parts.readModels.progress.cursor;
  }

  /** `false` once it has stopped: whoever asks again gets `LedgerStoppedError`. */
  get isRunning(): boolean {
    return this.#failure === undefined;
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
    await finishErasures(store, parts.keys);
    const clock = readModels.progress.lastRecordedAt ?? first.recordedAt;
    return new Ledger(settings, parts, rulebooks.register, clock);
  }

  /**
   * How far everything this ledger took is durable: the position of the last event that was acknowledged, or was there at the opening. Everything a command's
   * outcome rests on stands at or before it.
   * Handed to another node, it lets that one answer with what was written here ({@link LedgerReader.atLeast}).
   */
  get position(): Position | undefined {
    return this.#acknowledgedUpTo;
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
    const [outcome] = await this.handleAll([{ line, now }]);
    if (outcome === undefined) throw new LedgerStoppedError('a command was judged and has no outcome');
    return outcome;
  }

  /**
   * As {@link handle} for each, in order; resolves with the outcomes when all are durable. Their ids are looked up together, and what they
   * append to one stream at one instant is one append.
   */
  async handleAll(commands: readonly TimedLine[]): Promise<readonly Outcome[]> {
    // Whoever sends faster than the read models are kept up waits for them here, and not in memory.
    if (this.#unapplied.length > unappliedMost) await this.#applied;
    const { outcomes, settled } = await this.#inTurn(() => this.#judgeAll(commands));
    // An answer rests on everything appended before it, so it waits for all of that.
    await settled;
    const position = this.#acknowledgedUpTo;
    return position === undefined ? outcomes : outcomes.map((outcome) => ({ ...outcome, position }));
  }

  /**
   * Erases a subject's personal data by destroying its key: no event changes, and every hash, proof and balance stands. Resolves when the key is
   * gone from the disk. Refused with `legal_hold` while an open appeal needs the data, which is recorded too; with `unknown_subject` and
   * `already_erased`.
   *
   * @throws LedgerStoppedError, IntegrityError
   */
  async erase(request: EraseSubject, by: string | undefined, requested: Instant): Promise<Outcome> {
    return this.#inTurn(async () => {
      const now = laterOf(requested, this.#clock);
      await this.#passDue(now);
      const decision = await judgeErasure(request, now, this.parts, this.#desk);
      if (decision.rejected !== undefined) return outcomeOf(decision);
      const place = await this.#place(erasuresStream);
      const fingerprint = fingerprintOf('EraseSubject', request);
      const revision = (place.head?.revision ?? -1) + 1;
      const commandId = `${erasuresStream}@${String(revision)}/${fingerprint.slice(0, 16)}`;
      const actor = by ?? this.#defaultActor;
      this.#append(decision.events, place, { actor, now }, { command: 'EraseSubject', commandId, fingerprint });
      this.#send?.();
      await this.#settled;
      const [event] = decision.events;
      if (event?.type === 'SubjectErased') {
        this.parts.keys.destroy(request.subject);
        return outcomeOf(decision);
      }
      return {
        ...rejected(
          'legal_hold' satisfies ErasureRefusal,
          `"${request.subject}" is needed by open appeals: ${event?.data.appealIds.join(', ') ?? ''}`,
        ),
        events: decision.events.map(({ type }) => type),
      };
    });
  }

  /**
   * Records what a look at the engine found: each alarm once while it stands, and that it stands no longer. Resolves when that is durable. A simulation's clock
   * does not move for it.
   *
   * @param found everything one look found
   * @throws LedgerStoppedError, IntegrityError
   */
  async soundAlarms(found: readonly EngineAlarm[], requested: Instant): Promise<void> {
    await this.#inTurn(async () => {
      const now = this.settings.simulation ? this.#clock : laterOf(requested, this.#clock);
      await this.#passDue(now);
      const place = await this.#place(alarmsStream);
      this.#send?.();
      await this.#settled;
      const { state: standing } = await readWarm(this.parts.store, alarmsStream, noAlarms, (held, event) =>
        evolveAlarms(held, event as unknown as AlarmEvent),
      );
      const events = soundAlarms(found, standing);
      const fingerprint = fingerprintOf('CheckEngine', { found: events.map(({ data }) => data) });
      const revision = (place.head?.revision ?? -1) + 1;
      const commandId = `${alarmsStream}@${String(revision)}/${fingerprint.slice(0, 16)}`;
      this.#append(events, place, { actor: clockActor, now }, { command: 'CheckEngine', commandId, fingerprint });
    });
    await this.#settled;
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
      await this.#projector.close();
      await this.parts.store.close();
      this.parts.readModels.close();
      this.parts.keys.close();
    }
  }

  get #defaultActor(): string {
    return this.settings.simulation ? 'simulation' : 'import';
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

  async #judgeAll(
    commands: readonly TimedLine[],
  ): Promise<{ readonly outcomes: readonly Outcome[]; readonly settled: Promise<unknown> }> {
    const outcomes: Outcome[] = [];
    this.#isGathering = commands.length > 1;
    try {
      if (this.#isGathering) this.#ids.lookUp(commands.flatMap(({ line }) => idsOf(line)));
      for (const command of commands) outcomes.push(await this.#judge(command));
    } finally {
      this.#ids.forgetLookUp();
      if (this.#isGathering) this.#send?.();
      this.#isGathering = false;
    }
    return { outcomes, settled: this.#settled };
  }

  async #judge({ line, now: requested, expectedRevision }: TimedLine): Promise<Outcome> {
    const now = laterOf(requested, this.#clock);
    await this.#passDue(now);
    this.#appended = [];
    const context: DecisionContext = {
      now,
      actor: line.by ?? this.#defaultActor,
      mode: this.settings.mode,
      zone: this.zone,
      rulebooks: this.#rulebooks,
    };
    const problem = problemOf(line.command, context);
    if (problem !== undefined) return rejected('invalid', problem);
    const repeated = this.#repeated(line);
    const isResumed = repeated === duplicate && !this.settings.simulation && isForAllAgencies(line.command);
    if (repeated === undefined && expectedRevision !== undefined) {
      const changed = await unlessAt(expectedRevision, line.command, context, this.#desk);
      if (changed !== undefined) return changed;
    }
    const outcome = repeated !== undefined && !isResumed ? repeated : await this.#dispatch(line, context);
    if (outcome.status === 'accepted') return { ...outcome, appended: this.#appended };
    if (outcome.status === 'rejected' && outcome.code !== 'invalid') await this.#recordRefusal(line, outcome, context);
    return outcome;
  }

  /** A command whose id is taken: by the same data a duplicate, by other data a conflict (interchange §2). */
  #repeated(line: CommandLine): Outcome | undefined {
    const { command, dataAsSent } = line;
    for (const key of idsOf(line)) {
      const registration = this.#ids.registered(key);
      if (registration === undefined) continue;
      const subjectKey = registration.subject === null ? undefined : this.parts.keys.find(registration.subject);
      const erased = registration.subject !== null && subjectKey === undefined;
      if (!erased && fingerprintOf(command.command, dataAsSent, subjectKey) === registration.fingerprint)
        return duplicate;
      return rejected('conflict', `the id ${key.replace('/', ' "')}" is taken by other data; nothing was changed`);
    }
    return undefined;
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
    if (this.#ids.registered(registrationKey('refusal', fingerprint)) !== undefined) return;
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
    if (this.#send === undefined) this.#startOutbox();
    this.#outbox.add(stream, place.head?.revision ?? 'no_stream', recorded, now);
    place.head = { revision: last.record.revision, leafHash: last.record.leafHash };
    this.#clock = now;
    for (const { event } of recorded) {
      this.#appended.push({ id: event.id, type: event.type, stream, revision: event.revision });
      this.#ids.take(event);
      this.#due.note(event);
    }
  }

  /** What is appended from now on goes to the store together: at the end of this turn of the event loop, or of the commands judged together. */
  #startOutbox(): void {
    const before = this.#settled;
    const sent = new Promise<void>((resolve) => {
      this.#send = () => {
        this.#send = undefined;
        resolve(this.#sendOutbox(before));
      };
    });
    setImmediate(() => {
      if (!this.#isGathering) this.#send?.();
    });
    sent.catch((error: unknown) => {
      this.#stop(error);
    });
    this.#settled = sent;
  }

  /** One durable write of the new keys that the events need, and then the events. */
  async #sendOutbox(before: Promise<unknown>): Promise<void> {
    const appends = this.#outbox.take();
    this.parts.keys.save();
    const sent = appends.map(({ stream, expected, records }) => this.parts.store.append(stream, expected, records));
    const [, answers] = await Promise.all([before, Promise.all(sent)]);
    for (const [index, { events }] of appends.entries()) this.#acknowledged(events, answers[index]?.position);
  }

  #stop(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new LedgerStoppedError(`the ledger stopped: ${reason}`, { cause });
    for (const warm of [this.#agencies, this.#creators, this.#slots, this.#themes, this.#places]) warm.clear();
  }

  #acknowledged(events: readonly LedgerEvent[], position: Position | undefined): void {
    // Read models are folded in the order of the decisions, and made again in that of the store.
    if (comparePositions(position, this.position) <= 0)
      throw new IntegrityError('the store put an event before one that was decided earlier', {
        position: position ?? '',
      });
    this.#unapplied.push(...events);
    this.#acknowledgedUpTo = position;
    if (this.#unapplied.length < applyBatch || this.#isApplying) return;
    this.#applyNow().catch((error: unknown) => {
      this.#stop(error);
    });
  }

  /** Folds what was acknowledged into the read models. */
  #applyNow(): Promise<void> {
    this.#applied = this.#applied.then(() => this.#apply());
    return this.#applied;
  }

  async #apply(): Promise<void> {
    const last = this.#acknowledgedUpTo;
    const events = this.#unapplied;
    if (events.length === 0 || last === undefined) return;
    this.#unapplied = [];
    this.#isApplying = true;
    await this.#projector.fold(events, last);
    this.#isApplying = false;
    this.#ids.leaveToReadModels(events);
  }
}

/** Events that are folded into the read models at once: enough for their transaction to cost little, few enough to hold. */
const applyBatch = 1000;

/** Events acknowledged and not yet in the read models, beside those being folded in, before commands wait; some 2 KB each. */
const unappliedMost = 20_000;

/** Creators kept warm: more than an average agency base of 50 for each of a thousand agencies, at some 300 bytes each. */
const warmCreators = 65_536;

/** Whether a command appends to many streams, so that it can be interrupted between two of them and be completed by its repetition. */
function isForAllAgencies(command: LedgerCommand): boolean {
  return command.command === 'ComputeAssessment' && command.data.agencyId === undefined;
}

/** The ids a command takes if it is accepted: its own, and that of what it creates. */
function idsOf({ command, commandId }: CommandLine): readonly string[] {
  const creation = creationOf(command);
  const keys = commandId === undefined ? [] : [registrationKey('command', commandId)];
  if (creation !== undefined) keys.push(registrationKey(creation.kind, creation.id));
  return keys;
}

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
