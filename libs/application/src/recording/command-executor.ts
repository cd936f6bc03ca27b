import {
  agency,
  rulebooks,
  agencyStream,
  clockActor,
  clockCommand,
  clockCommandId,
  creatorStream,
  erasuresStream,
  endOfTime,
  fingerprintOf,
  laterOf,
  LedgerZone,
  problemOf,
  recordEvents,
  refusalsStream,
  rulebooksStream,
  slotsStream,
  themesStream,
  type Causation,
  type CommandLine,
  type Decision,
  type DecisionContext,
  type Instant,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerSettings,
  type NewEvent,
  type RegisterCommand,
  type RulebookEvent,
  type RulebookRegister,
  type Rulebooks,
  legalPersonOf,
  legalPersonsKey,
} from '@penalty-ledger/ledger';
import {
  agencyRow,
  healing,
  healReadModels,
  ReadModelsDamagedError,
  scheduledAfter,
  type Scheduled,
  type ReadModels,
} from '@penalty-ledger/projections';
import { IntegrityError, type EventStore } from '@penalty-ledger/event-store';
import { causationOf, importActor } from './command-ids.js';
import type { CommitQueue } from './commit-queue.js';
import type { Place } from '../streams/warm.js';
import type { CommandContext, Subject } from './command-context.js';
import { DueDeductions } from './due-deductions.js';
import { WriterStates } from './writer-states.js';
import { handleAgencyCommand, unlessAt } from './command-handlers/agency.js';
import { handleAssessmentCommand } from './command-handlers/assessment.js';
import { handleCreatorCommand } from './command-handlers/creator.js';
import { handleEvidenceCommand } from './command-handlers/evidence.js';
import { handleHoldCommand } from './command-handlers/hold.js';
import { handleSessionCommand } from './command-handlers/session.js';
import { handleSlotsCommand, handleThemesCommand } from './command-handlers/traffic.js';
import type { SubjectKeys } from '../keys/key-store.js';
import {
  damageCode,
  outcomeOf,
  refusedByDamage,
  rejected,
  unlessDamaged,
  type AppendedEvent,
  type Outcome,
} from './outcome.js';
import { OverlappingSessions } from './overlapping-sessions.js';
import { idsNamedBy } from './recorded-refusals.js';
import { RegisteredIds } from './registered-ids.js';
import { Repetitions } from './repetitions.js';

/** A command line, and the instant it is to be decided at. */
export interface TimedLine {
  readonly line: CommandLine;
  readonly now: Instant;
  /**
   * Refuses a command on one agency with `precondition_failed` unless the last event of the
   * agency's stream has this revision.
   */
  readonly expectedRevision?: number;
}

/** The parts that commands are executed with. */
export interface CommandExecutorParts {
  readonly store: EventStore;
  readonly keys: SubjectKeys;
  readonly readModels: ReadModels;
}

/** The part of the commit queue that takes decisions. */
export type Commits = Pick<
  CommitQueue,
  'add' | 'fold' | 'gather' | 'release' | 'send' | 'settled' | 'unsettled'
>;

/**
 * Executes commands one after the other, each on everything decided before it; decisions go into
 * the commit queue.
 */
export class CommandExecutor {
  readonly commandContext: CommandContext;
  readonly #settings: LedgerSettings;
  readonly #zone: LedgerZone;
  readonly #store: EventStore;
  readonly #keys: SubjectKeys;
  readonly #readModels: ReadModels;
  readonly #commitQueue: Commits;
  readonly #states: WriterStates;
  readonly #ids: RegisteredIds;
  readonly #repetitions: Repetitions;
  readonly #sessions: OverlappingSessions;
  readonly #due: DueDeductions;
  #register: RulebookRegister;
  /** Those of the register, as known now. */
  #rulebooks: Rulebooks;
  #clock: Instant;
  /** The events that the present command has appended. */
  #appended: AppendedEvent[] = [];
  /**
   * The streams that the present command has looked at; an append outside of a command's turn rests
   * on everything.
   */
  #decidedOn: Set<string> | 'everything' = 'everything';

  /**
   * @param clock the last instant at which anything was recorded
   * @param last the deduction with which the last event fell due
   */
  constructor(
    settings: LedgerSettings,
    zone: LedgerZone,
    { store, keys, readModels }: CommandExecutorParts,
    commitQueue: Commits,
    register: RulebookRegister,
    clock: Instant,
    last?: Scheduled,
  ) {
    this.#settings = settings;
    this.#zone = zone;
    this.#store = store;
    this.#keys = keys;
    this.#readModels = readModels;
    this.#commitQueue = commitQueue;
    this.#register = register;
    this.#rulebooks = rulebooks.rulebooksAt(register, endOfTime);
    this.#clock = clock;
    this.#ids = new RegisteredIds(readModels);
    this.#repetitions = new Repetitions(keys, this.#ids);
    this.#sessions = new OverlappingSessions(readModels);
    this.#due = new DueDeductions(scheduledAfter(readModels.database)(clock, last));
    const rowOf = agencyRow(readModels.database);
    const states = new WriterStates(
      store,
      commitQueue.unsettled,
      (agencyId) => (rowOf(agencyId)?.events ?? 0) - 1,
    );
    this.#states = states;
    this.commandContext = {
      zone,
      subject: (id) =>
        keys.stateOf(id) === 'destroyed' ? undefined : { id, key: keys.findOrMake(id) },
      keyState: (id) => keys.stateOf(id),
      agency: (agencyId) => this.#readOf(agencyStream(agencyId), states.agencies.get(agencyId)),
      creator: (creatorId) =>
        this.#readOf(creatorStream(creatorId), states.creators.get(creatorId)),
      slots: (date) => this.#readOf(slotsStream(date), states.slots.get(date)),
      themes: (month) => this.#readOf(themesStream(month), states.themes.get(month)),
      erasures: () => this.#readOf(erasuresStream, states.erasures.get(erasuresStream)),
      place: (stream) => this.#readOf(stream, states.places.get(stream)),
      overlapsOf: (session) => {
        const { sessions, streams } = this.#sessions.of(session);
        for (const stream of streams) this.#readOf(stream, undefined);
        return sessions;
      },
      registered: (key) => {
        const registration = this.#ids.registered(key);
        return registration && this.#readOf(registration.stream, registration);
      },
      current: async () => {
        this.#decidedOn = 'everything';
        commitQueue.send();
        await commitQueue.settled;
        await commitQueue.fold();
        return readModels;
      },
      append: (events, place, line, context, subject) => {
        const { stream, head } = place;
        const causation = causationOf(line, context.actor, stream, head, subject?.key);
        this.append(events, place, context, causation, subject);
      },
    };
  }

  /** The last instant at which anything was recorded. */
  get clock(): Instant {
    return this.#clock;
  }

  /** The actor of a command that names none. */
  get defaultActor(): string {
    return this.#settings.simulation ? 'simulation' : importActor;
  }

  /**
   * Executes each, in order. Their ids are looked up together, and their appends are gathered.
   * Outside of a simulation they take the instant of the latest, so that the store need not keep
   * them apart.
   */
  async executeAll(commands: readonly TimedLine[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      // Another process, or the reading side, may have rebuilt damaged ones.
      this.#readModels.noticeChange();
      if (commands.length > 1) {
        this.#commitQueue.gather();
        const sent = commands.map(({ line }) => ({ line, actor: this.#actorOf(line) }));
        await healing(this.#readModels, this.#store, () => this.#repetitions.lookUp(sent));
      }
      const now = this.#settings.simulation ? undefined : latestOf(commands);
      for (const command of commands)
        outcomes.push(await this.#execute(now === undefined ? command : { ...command, now }));
    } finally {
      this.#ids.forgetLookUp();
      this.#commitQueue.release();
    }
    return outcomes;
  }

  /**
   * Records everything that falls due up to `now`, each at its own instant, in time order (rules
   * §5), and before anything decided later: so the last event of a ledger that was interrupted
   * tells how far it came.
   */
  async passDue(now: Instant): Promise<void> {
    const decidedOn = this.#decidedOn;
    this.#decidedOn = 'everything';
    await this.#passDue(now);
    this.#decidedOn = decidedOn;
  }

  async #passDue(now: Instant): Promise<void> {
    for (let due = this.#due.takeUpTo(now); due !== undefined; due = this.#due.takeUpTo(now)) {
      const { agencyId, deductionId, effectiveAt } = due;
      const agencyState = await unlessDamaged(this.commandContext.agency(agencyId));
      // Nothing can be concluded for a damaged agency; what falls due for the others is recorded.
      if (agencyState instanceof IntegrityError) continue;
      const recordedAt = this.#settings.simulation ? effectiveAt : laterOf(now, this.#clock);
      const events = agency.passClock(
        agencyState.state,
        this.contextOf(clockActor, effectiveAt),
        recordedAt,
      );
      if (events.length === 0) continue;
      const causation = {
        command: clockCommand,
        commandId: clockCommandId(due),
        fingerprint: fingerprintOf(clockCommand, { deductionId, effectiveAt }),
      };
      this.append(events, agencyState, { actor: clockActor, now: recordedAt }, causation);
    }
  }

  /** The inputs of an actor's decision at an instant besides the histories. */
  contextOf(actor: string, now: Instant): DecisionContext {
    return {
      now,
      actor,
      mode: this.#settings.mode,
      zone: this.#zone,
      rulebooks: this.#rulebooks,
      legalPersonOf: (id) => legalPersonOf(id, this.#keys.findOrMake(legalPersonsKey)),
    };
  }

  /** Adds events to the commits and moves the place on; their acknowledgement comes later. */
  append(
    events: readonly NewEvent[],
    place: Place,
    { actor, now }: Pick<DecisionContext, 'actor' | 'now'>,
    causation: Causation,
    subject?: Subject,
  ): void {
    const { stream } = place;
    const recorded = recordEvents(events, {
      ledgerId: this.#settings.ledgerId,
      stream,
      head: place.head,
      recordedAt: now,
      actor,
      causation,
      ...(subject !== undefined && { subject }),
    });
    const last = recorded.at(-1);
    if (last === undefined) return;
    const expected = place.head?.revision ?? 'no_stream';
    this.#commitQueue.add({ stream, expected, recorded, recordedAt: now, on: this.#decidedOn });
    place.head = { revision: last.record.revision, leafHash: last.record.leafHash };
    this.#clock = now;
    for (const { event } of recorded) {
      this.#appended.push({ id: event.id, type: event.type, stream, revision: event.revision });
      this.#ids.take(event);
      this.#sessions.take(event);
      this.#due.note(event);
    }
  }

  /** The read models hold these events from now on. */
  leaveToReadModels(events: readonly LedgerEvent[]): void {
    this.#ids.leaveToReadModels(events);
    this.#sessions.leaveToReadModels(events);
  }

  /** Forgets every state: an append may not be stored, and nothing may be decided on it. */
  forget(): void {
    this.#states.clear();
  }

  async #execute(command: TimedLine): Promise<Outcome> {
    // Every command is judged by the rulebooks.
    this.#decidedOn = new Set([rulebooksStream]);
    try {
      return await this.#executeOn(command);
    } catch (error) {
      if (isOfOneStream(error) && this.#appended.length === 0) return refusedByDamage(error);
      const isRepeatable = error instanceof ReadModelsDamagedError && this.#appended.length === 0;
      if (!isRepeatable) throw error;
      // Earlier answers of damaged read models may be wrong too.
      this.#ids.forgetLookUp();
      this.#sessions.forgetLookUp();
      await healReadModels(this.#readModels, this.#store);
      return await this.#executeOn(command);
    } finally {
      this.#decidedOn = 'everything';
    }
  }

  async #executeOn({ line, now: requested, expectedRevision }: TimedLine): Promise<Outcome> {
    const now = laterOf(requested, this.#clock);
    await this.passDue(now);
    this.#appended = [];
    const actor = this.#actorOf(line);
    const context = this.contextOf(actor, now);
    const problem = problemOf(line.command, context);
    if (problem !== undefined) return rejected('invalid', problem);
    const { line: known, repeated } = this.#repetitions.recognise({ line, actor }, (key) =>
      // Through the context: a refusal rests on the stream that took the id.
      this.commandContext.registered(key),
    );
    const isResumed =
      repeated?.status === 'duplicate' &&
      !this.#settings.simulation &&
      isForAllAgencies(line.command);
    if (repeated === undefined && expectedRevision !== undefined) {
      const changed = await unlessAt(expectedRevision, line.command, context, this.commandContext);
      if (changed !== undefined) return changed;
    }
    const outcome =
      repeated !== undefined && !isResumed ? repeated : await this.#dispatch(known, context);
    if (outcome.status === 'accepted') return { ...outcome, appended: this.#appended };
    if (outcome.status === 'rejected' && !unrecorded.has(outcome.code))
      await this.#recordRefusal(line, outcome, context);
    return outcome;
  }

  #readOf<T>(stream: string, found: T): T {
    if (this.#decidedOn !== 'everything') this.#decidedOn.add(stream);
    return found;
  }

  #actorOf({ by }: CommandLine): string {
    return by ?? this.defaultActor;
  }

  async #dispatch(line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const { command } = line;
    switch (command.command) {
      case 'BindCreator':
      case 'UnbindCreator':
      case 'GrantExposureRight':
      case 'WithdrawExposureRight':
        return handleCreatorCommand(command, line, context, this.commandContext);
      case 'RecordSession':
      case 'CorrectSession':
      case 'VoidSession':
        return handleSessionCommand(command, line, context, this.commandContext);
      case 'ComputeAssessment':
        return handleAssessmentCommand(command, line, context, this.commandContext);
      case 'AllocateSlots':
      case 'WaiveSlot':
      case 'AssignSlot':
      case 'DeclareBlackout':
        return handleSlotsCommand(command, line, context, this.commandContext);
      case 'ProposeTheme':
      case 'SelectTheme':
        return handleThemesCommand(command, line, context, this.commandContext);
      case 'RegisterEvidence':
        return handleEvidenceCommand(command, line, context, this.commandContext);
      case 'PlaceLegalHold':
      case 'LiftLegalHold':
        return handleHoldCommand(command, line, context, this.commandContext);
      case 'PublishRulebook':
      case 'PublishCalendar':
        return this.#publish(command, line, context);
      default:
        return handleAgencyCommand(command, line, context, this.commandContext);
    }
  }

  async #publish(
    command: RegisterCommand,
    line: CommandLine,
    context: DecisionContext,
  ): Promise<Outcome> {
    const decision: Decision<RulebookEvent> = rulebooks.execute(command, context);
    if (decision.rejected === undefined) {
      this.commandContext.append(
        decision.events,
        await this.commandContext.place(rulebooksStream),
        line,
        context,
      );
      for (const event of decision.events) {
        this.#register = rulebooks.evolve(this.#register, { ...event, recordedAt: context.now });
      }
      this.#rulebooks = rulebooks.rulebooksAt(this.#register, endOfTime);
    }
    return outcomeOf(decision);
  }

  /**
   * Records what an audit of refusals needs, once a month for the same refusal of a command that
   * names the same, and so many at most (`maxRefusals`).
   */
  async #recordRefusal(
    { command, commandId }: CommandLine,
    { code }: Outcome,
    context: DecisionContext,
  ): Promise<void> {
    const { actor } = context;
    const key = this.#keys.findOrMake('refusals');
    const named = { by: actor, code, ids: idsNamedBy(command) };
    const fingerprint = fingerprintOf(command.command, named, key);
    const causation = {
      command: command.command,
      commandId: `refusal/${commandId ?? ''}/${fingerprint.slice(0, 16)}`,
      fingerprint,
    };
    const month = this.#zone.monthOf(context.now);
    const recorded = await this.#readOf(refusalsStream(month), this.#states.refusals.get(month));
    if (!recorded.state.takes(actor, fingerprint)) return;
    const data = { code: code ?? '', command: command.command };
    this.append([{ type: 'CommandRefused', data }], recorded, context, causation);
    recorded.state.note({ actor, causation });
  }
}

/** The refusals that are not recorded: of what is no command, and of what damage hinders. */
const unrecorded: ReadonlySet<string | null> = new Set(['invalid', damageCode]);

/** Says whether damage of one stream was met, whose other streams are as they were. */
function isOfOneStream(error: unknown): error is IntegrityError {
  return error instanceof IntegrityError && error.place.stream !== undefined;
}

function latestOf(commands: readonly TimedLine[]): Instant | undefined {
  return commands.reduce<Instant | undefined>(
    (latest, { now }) => (latest === undefined ? now : laterOf(latest, now)),
    undefined,
  );
}

/**
 * Says whether a command appends to many streams: it can be interrupted between two of them, and
 * its repetition completes it.
 */
function isForAllAgencies(command: LedgerCommand): boolean {
  return command.command === 'ComputeAssessment' && command.data.agencyId === undefined;
}
