import {
  agencyStream,
  clockActor,
  creatorStream,
  everything,
  evolveRegister,
  fingerprintOf,
  laterOf,
  LedgerZone,
  passClock,
  problemOf,
  publishRulebook,
  recordEvents,
  refusalsStream,
  rulebooksAt,
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
  type PublishRulebook,
  type RulebookPublished,
  type RulebookRegister,
  type Rulebooks,
} from '@penalty-ledger/ledger';
import { registrationKey, scheduledAfter, type ReadModels } from '@penalty-ledger/projections';
import type { EventStore } from '@penalty-ledger/event-store';
import { causationOf, idsOf } from './command-ids.js';
import type { Commits } from './commits.js';
import type { Desk, Place, Subject } from './desk.js';
import { DueDeductions } from './due-deductions.js';
import { Histories } from './histories.js';
import { judgeAgency, unlessAt } from './judges/agency.js';
import { judgeAssessment } from './judges/assessment.js';
import { judgeCreator } from './judges/creator.js';
import { judgeEvidence } from './judges/evidence.js';
import { judgeSession } from './judges/session.js';
import { judgeSlots, judgeThemes } from './judges/traffic.js';
import type { KeyStore } from './key-store.js';
import { duplicate, outcomeOf, rejected, type AppendedEvent, type Outcome } from './outcome.js';
import { TakenIds } from './taken-ids.js';

/** A command line, and the instant it is to be judged at. */
export interface TimedLine {
  readonly line: CommandLine;
  readonly now: Instant;
  /** Refuses a command on one agency with `precondition_failed` unless the last event of the agency's stream has this revision. */
  readonly expectedRevision?: number;
}

/** What commands are judged with. */
export interface JudgingParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
}

/** Judges commands, one after the other, each on everything decided before it; what it decides goes into the commits. */
export class Judging {
  readonly desk: Desk;
  readonly #settings: LedgerSettings;
  readonly #zone: LedgerZone;
  readonly #keys: KeyStore;
  readonly #commits: Commits;
  readonly #histories: Histories;
  readonly #ids: TakenIds;
  readonly #due: DueDeductions;
  #register: RulebookRegister;
  /** Those of the register, as known now. */
  #rulebooks: Rulebooks;
  #clock: Instant;
  /** What the command being judged has appended. */
  #appended: AppendedEvent[] = [];
  /** What the command being judged has looked at; what is appended outside of a command's turn rests on everything. */
  #decidedOn: Set<string> | 'everything' = 'everything';

  /** @param clock the last instant at which anything was recorded */
  constructor(
    settings: LedgerSettings,
    zone: LedgerZone,
    { store, keys, readModels }: JudgingParts,
    commits: Commits,
    register: RulebookRegister,
    clock: Instant,
  ) {
    this.#settings = settings;
    this.#zone = zone;
    this.#keys = keys;
    this.#commits = commits;
    this.#register = register;
    this.#rulebooks = rulebooksAt(register, everything);
    this.#clock = clock;
    this.#ids = new TakenIds(readModels);
    this.#due = new DueDeductions(scheduledAfter(readModels.database)(clock));
    const histories = new Histories(store, commits.unsettled);
    this.#histories = histories;
    this.desk = {
      zone,
      subject: (id) =>
        keys.stateOf(id) === 'destroyed' ? undefined : { id, key: keys.findOrMake(id) },
      agency: (agencyId) => this.#readOf(agencyStream(agencyId), histories.agencies.get(agencyId)),
      creator: (creatorId) =>
        this.#readOf(creatorStream(creatorId), histories.creators.get(creatorId)),
      slots: (date) => this.#readOf(slotsStream(date), histories.slots.get(date)),
      themes: (month) => this.#readOf(themesStream(month), histories.themes.get(month)),
      place: (stream) => this.#readOf(stream, histories.places.get(stream)),
      registered: (key) => {
        const registration = this.#ids.registered(key);
        return registration && this.#readOf(registration.stream, registration);
      },
      current: async () => {
        this.#decidedOn = 'everything';
        commits.send();
        await commits.settled;
        await commits.fold();
        return readModels;
      },
      append: (events, place, line, context, subject) => {
        const causation = causationOf(line, place.stream, place.head, subject?.key);
        this.append(events, place, context, causation, subject);
      },
    };
  }

  /** The last instant at which anything was recorded. */
  get clock(): Instant {
    return this.#clock;
  }

  /** Who acts when nobody is named. */
  get defaultActor(): string {
    return this.#settings.simulation ? 'simulation' : 'import';
  }

  /**
   * Judges each, in order. Their ids are looked up together, and what they append is gathered. Outside of a simulation they came at one instant, the latest of
   * theirs, so that the store need not keep them apart.
   */
  async judgeAll(commands: readonly TimedLine[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      if (commands.length > 1) {
        this.#commits.gather();
        this.#ids.lookUp(commands.flatMap(({ line }) => idsOf(line)));
      }
      const now = this.#settings.simulation ? undefined : latestOf(commands);
      for (const command of commands)
        outcomes.push(await this.#judge(now === undefined ? command : { ...command, now }));
    } finally {
      this.#ids.forgetLookUp();
      this.#commits.release();
    }
    return outcomes;
  }

  /** Everything that falls due up to `now`, each at its own instant, in time order (rulebook §5). */
  async passDue(now: Instant): Promise<void> {
    for (let due = this.#due.takeUpTo(now); due !== undefined; due = this.#due.takeUpTo(now)) {
      const { agencyId, deductionId, effectiveAt } = due;
      const agency = await this.desk.agency(agencyId);
      const recordedAt = this.#settings.simulation ? effectiveAt : laterOf(now, this.#clock);
      const events = passClock(agency.state, this.#contextOf(clockActor, effectiveAt), recordedAt);
      if (events.length === 0) continue;
      const causation = {
        command: 'ClockPassed',
        commandId: `clock/${deductionId}@${effectiveAt}`,
        fingerprint: fingerprintOf('ClockPassed', { deductionId, effectiveAt }),
      };
      this.append(events, agency, { actor: clockActor, now: recordedAt }, causation);
    }
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
    this.#commits.add({ stream, expected, recorded, recordedAt: now, on: this.#decidedOn });
    place.head = { revision: last.record.revision, leafHash: last.record.leafHash };
    this.#clock = now;
    for (const { event } of recorded) {
      this.#appended.push({ id: event.id, type: event.type, stream, revision: event.revision });
      this.#ids.take(event);
      this.#due.note(event);
    }
  }

  /** The read models hold these events from now on. */
  leaveToReadModels(events: readonly LedgerEvent[]): void {
    this.#ids.leaveToReadModels(events);
  }

  /** Forgets every history: what was appended may not be stored, and nothing may be judged on it. */
  forget(): void {
    this.#histories.clear();
  }

  async #judge(command: TimedLine): Promise<Outcome> {
    // Every command is judged by the rulebooks.
    this.#decidedOn = new Set([rulebooksStream]);
    try {
      return await this.#judgeOn(command);
    } finally {
      this.#decidedOn = 'everything';
    }
  }

  async #judgeOn({ line, now: requested, expectedRevision }: TimedLine): Promise<Outcome> {
    const now = laterOf(requested, this.#clock);
    await this.passDue(now);
    this.#appended = [];
    const context = this.#contextOf(line.by ?? this.defaultActor, now);
    const problem = problemOf(line.command, context);
    if (problem !== undefined) return rejected('invalid', problem);
    const repeated = this.#repeated(line);
    const isResumed =
      repeated === duplicate && !this.#settings.simulation && isForAllAgencies(line.command);
    if (repeated === undefined && expectedRevision !== undefined) {
      const changed = await unlessAt(expectedRevision, line.command, context, this.desk);
      if (changed !== undefined) return changed;
    }
    const outcome =
      repeated !== undefined && !isResumed ? repeated : await this.#dispatch(line, context);
    if (outcome.status === 'accepted') return { ...outcome, appended: this.#appended };
    if (outcome.status === 'rejected' && outcome.code !== 'invalid')
      await this.#recordRefusal(line, outcome, context);
    return outcome;
  }

  #readOf<T>(stream: string, found: T): T {
    if (this.#decidedOn !== 'everything') this.#decidedOn.add(stream);
    return found;
  }

  #contextOf(actor: string, now: Instant): DecisionContext {
    return { now, actor, mode: this.#settings.mode, zone: this.#zone, rulebooks: this.#rulebooks };
  }

  /** A command whose id is taken: by the same data a duplicate, by other data a conflict (interchange §2). */
  #repeated(line: CommandLine): Outcome | undefined {
    const { command, dataAsSent } = line;
    for (const key of idsOf(line)) {
      // Through the desk: a refusal rests on the stream that took the id.
      const registration = this.desk.registered(key);
      if (registration === undefined) continue;
      const subjectKey =
        registration.subject === null ? undefined : this.#keys.find(registration.subject);
      const erased = registration.subject !== null && subjectKey === undefined;
      if (
        !erased &&
        fingerprintOf(command.command, dataAsSent, subjectKey) === registration.fingerprint
      )
        return duplicate;
      return rejected(
        'conflict',
        `the id ${key.replace('/', ' "')}" is taken by other data; nothing was changed`,
      );
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
        return judgeCreator(command, line, context, this.desk);
      case 'RecordSession':
      case 'CorrectSession':
      case 'VoidSession':
        return judgeSession(command, line, context, this.desk);
      case 'ComputeAssessment':
        return judgeAssessment(command, line, context, this.desk);
      case 'AllocateSlots':
      case 'WaiveSlot':
      case 'AssignSlot':
      case 'DeclareBlackout':
        return judgeSlots(command, line, context, this.desk);
      case 'ProposeTheme':
      case 'SelectTheme':
        return judgeThemes(command, line, context, this.desk);
      case 'RegisterEvidence':
        return judgeEvidence(command, line, context, this.desk);
      case 'PublishRulebook':
        return this.#publishRulebook(command, line, context);
      default:
        return judgeAgency(command, line, context, this.desk);
    }
  }

  async #publishRulebook(
    command: PublishRulebook,
    line: CommandLine,
    context: DecisionContext,
  ): Promise<Outcome> {
    const decision: Decision<RulebookPublished> = publishRulebook(command, context);
    if (decision.rejected === undefined) {
      this.desk.append(decision.events, await this.desk.place(rulebooksStream), line, context);
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
    const key = this.#keys.findOrMake('refusals');
    const fingerprint = fingerprintOf(
      command.command,
      { code, data: dataAsSent, by: context.actor },
      key,
    );
    if (this.#ids.registered(registrationKey('refusal', fingerprint)) !== undefined) return;
    const causation = {
      command: command.command,
      commandId: `refusal/${commandId ?? ''}/${fingerprint.slice(0, 16)}`,
      fingerprint,
    };
    const data = { code: code ?? '', command: command.command };
    const place = await this.desk.place(refusalsStream(this.#zone.monthOf(context.now)));
    this.append([{ type: 'CommandRefused', data }], place, context, causation);
  }
}

function latestOf(commands: readonly TimedLine[]): Instant | undefined {
  return commands.reduce<Instant | undefined>(
    (latest, { now }) => (latest === undefined ? now : laterOf(latest, now)),
    undefined,
  );
}

/** Whether a command appends to many streams, so that it can be interrupted between two of them and be completed by its repetition. */
function isForAllAgencies(command: LedgerCommand): boolean {
  return command.command === 'ComputeAssessment' && command.data.agencyId === undefined;
}
