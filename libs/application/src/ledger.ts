import type { Appended, EventStore, Position } from '@penalty-ledger/event-store';
import {
  agencyReferenceOf,
  agencyStream,
  agencySubject,
  creationOf,
  emptyHistory,
  emptyRegister,
  everything,
  evidenceStream,
  evidenceSubject,
  evolve,
  evolveRegister,
  execute,
  fingerprintOf,
  isAgencyCommand,
  laterOf,
  ledgerStream,
  LedgerZone,
  passClock,
  problemOf,
  publishRulebook,
  readEvent,
  recordEvents,
  refusalsStream,
  registerEvidence,
  rulebooksAt,
  rulebooksStream,
  type AgencyCommand,
  type AgencyHistory,
  type Causation,
  type CommandLine,
  type Decision,
  type DecisionContext,
  type Instant,
  type LedgerEvent,
  type LedgerSettings,
  type NewEvent,
  type PublishRulebook,
  type RecordedAgencyEvent,
  type RegisterEvidence,
  type RulebookPublished,
  type RulebookRegister,
  type StreamHead,
  type SubjectKey,
} from '@penalty-ledger/ledger';
import {
  registrationKey,
  registrationLookup,
  registrationsOf,
  scheduledAfter,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';
import type { KeyStore } from './key-store.js';
import { accepted, duplicate, rejected, type Outcome } from './outcome.js';
import { DueDeductions } from './due-deductions.js';
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

/** An agency's history as decisions see it: with everything appended so far, acknowledged or not. */
interface WarmAgency {
  readonly history: AgencyHistory;
  head: StreamHead | undefined;
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
  readonly #agencies: WarmStreams<WarmAgency>;
  readonly #heads = new Map<string, StreamHead | undefined>();
  readonly #lookUp: (key: string) => Registration | undefined;
  /** Ids taken by events that the read models do not hold yet. */
  readonly #taken = new Map<string, Registration>();
  readonly #due: DueDeductions;
  #register: RulebookRegister;
  #clock: Instant;
  /** Appended and acknowledged, not yet in the read models. */
  #unapplied: LedgerEvent[] = [];
  #acknowledgedUpTo: Position | undefined;
  #appliedUpTo: Position | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #settled: Promise<unknown> = Promise.resolve();
  #failure: LedgerStoppedError | undefined;

  private constructor(
    readonly settings: LedgerSettings,
    readonly parts: LedgerParts,
    ledgerHead: StreamHead,
    rulebooks: { readonly register: RulebookRegister; readonly head: StreamHead | undefined },
    clock: Instant,
  ) {
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    this.#agencies = new WarmStreams((agencyId) => this.#loadAgency(agencyId));
    this.#lookUp = registrationLookup(parts.readModels.database);
    this.#register = rulebooks.register;
    this.#heads.set(ledgerStream, ledgerHead);
    this.#heads.set(rulebooksStream, rulebooks.head);
    this.#clock = clock;
    this.#appliedUpTo = parts.readModels.progress.cursor;
    this.#due = new DueDeductions(scheduledAfter(parts.readModels.database)(clock));
  }

  /**
   * Opens a ledger that exists, or a new one.
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
      const recorded = recordEvents([{ type: 'LedgerOpened', data: settings }], {
        stream: ledgerStream,
        head: undefined,
        recordedAt: at,
        actor,
        causation,
      });
      await store.append(
        ledgerStream,
        'no_stream',
        recorded.map(({ record }) => record),
      );
      [head, first] = await readHead(store, ledgerStream);
    }
    if (head === undefined || first === undefined)
      throw new LedgerStoppedError('the ledger was opened and its first event is not there');
    await readModels.catchUp(store);
    const [rulebooksHead, , register] = await readHead(
      store,
      rulebooksStream,
      (held: RulebookRegister | undefined, event) =>
        evolveRegister(held ?? emptyRegister, event as LedgerEvent<string, RulebookPublished['data']>),
    );
    const clock = readModels.progress.lastRecordedAt ?? first.recordedAt;
    return new Ledger(
      first.data as LedgerSettings,
      parts,
      head,
      { register: register ?? emptyRegister, head: rulebooksHead },
      clock,
    );
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
      await this.#appendPlain(ledgerStream, { type: 'SimulationClockAdvanced', data: {} }, now, 'simulation', {
        command: 'AdvanceClock',
        commandId: `clock/${now}`,
        fingerprint: fingerprintOf('AdvanceClock', { now }),
      });
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
      rulebooks: rulebooksAt(this.#register, everything),
    };
    const problem = problemOf(line.command, context);
    if (problem !== undefined) return this.#answer(rejected('invalid', problem));
    const repeated = this.#repeated(line);
    const outcome =
      repeated ??
      (isAgencyCommand(line.command)
        ? await this.#judgeAgencyCommand(line.command, line, context)
        : line.command.command === 'RegisterEvidence'
          ? await this.#registerEvidence(line.command, line, context)
          : await this.#publishRulebook(line.command, line, context));
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

  async #judgeAgencyCommand(command: AgencyCommand, line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const agencyId = command.command === 'AdmitAgency' ? command.data.agencyId : this.#agencyOf(command);
    if (agencyId === undefined) {
      const { kind, id } = agencyReferenceOf(command);
      return rejected(`unknown_${kind}`, `no ${kind} "${id}" was recorded; check the id`);
    }
    const agency = await this.#agencies.get(agencyId);
    const decision = execute(command, agency.history, context);
    if (decision.rejected !== undefined) return rejected(decision.rejected.code, decision.rejected.message);
    const stream = agencyStream(agencyId);
    const subject = agencySubject(agencyId);
    const key = this.parts.keys.findOrMake(subject);
    const causation = causationOf(line, stream, agency.head, key);
    this.#append(decision.events, stream, agency, context, causation, { id: subject, key });
    return accepted(
      decision.events.map(({ type }) => type),
      decision.findings,
    );
  }

  /** The agency a command is about, found through the id it names. */
  #agencyOf(command: AgencyCommand): string | undefined {
    const { kind, id } = agencyReferenceOf(command);
    const stream = this.#registered(registrationKey(kind, id))?.stream;
    return stream?.slice(agencyStream('').length);
  }

  async #registerEvidence(command: RegisterEvidence, line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const { evidenceId, subject } = command.data;
    if (subject.kind === 'agency' && this.#registered(registrationKey('agency', subject.id)) === undefined) {
      return rejected('unknown_agency', `no agency "${subject.id}" was recorded; check the id`);
    }
    const id = evidenceSubject(evidenceId);
    const key = this.parts.keys.findOrMake(id);
    const stream = evidenceStream(evidenceId);
    const event = registerEvidence(command);
    this.#append([event], stream, { head: undefined }, context, causationOf(line, stream, undefined, key), { id, key });
    return Promise.resolve(accepted([event.type], []));
  }

  async #publishRulebook(command: PublishRulebook, line: CommandLine, context: DecisionContext): Promise<Outcome> {
    const decision: Decision<RulebookPublished> = publishRulebook(command, context);
    if (decision.rejected !== undefined) return rejected(decision.rejected.code, decision.rejected.message);
    const causation = causationOf(line, rulebooksStream, this.#heads.get(rulebooksStream));
    for (const event of decision.events) {
      await this.#appendPlain(rulebooksStream, event, context.now, context.actor, causation);
      this.#register = evolveRegister(this.#register, { ...event, recordedAt: context.now });
    }
    return accepted(
      decision.events.map(({ type }) => type),
      decision.findings,
    );
  }

  /** What an audit of refusals needs, once for the same refusal of the same command. */
  async #recordRefusal(
    { command, dataAsSent, commandId }: CommandLine,
    { code, message }: Outcome,
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
    const data = { code: code ?? '', command: command.command, message: message ?? '' };
    const stream = refusalsStream(this.zone.dateOf(context.now).slice(0, 7));
    await this.#appendPlain(stream, { type: 'CommandRefused', data }, context.now, context.actor, causation);
  }

  /** Everything that falls due up to `now`, each at its own instant, in time order (rulebook §5). */
  async #passDue(now: Instant): Promise<void> {
    for (let due = this.#due.takeUpTo(now); due !== undefined; due = this.#due.takeUpTo(now)) {
      const { agencyId, deductionId, effectiveAt } = due;
      const agency = await this.#agencies.get(agencyId);
      const recordedAt = this.settings.simulation ? effectiveAt : laterOf(now, this.#clock);
      const context: DecisionContext = {
        now: effectiveAt,
        actor: 'clock',
        mode: this.settings.mode,
        zone: this.zone,
        rulebooks: rulebooksAt(this.#register, everything),
      };
      const events = passClock(agency.history, context);
      if (events.length === 0) continue;
      const causation = {
        command: 'ClockPassed',
        commandId: `clock/${deductionId}@${effectiveAt}`,
        fingerprint: fingerprintOf('ClockPassed', { deductionId, effectiveAt }),
      };
      this.#append(events, agencyStream(agencyId), agency, { actor: 'clock', now: recordedAt }, causation);
    }
  }

  async #appendPlain(
    stream: string,
    event: NewEvent,
    now: Instant,
    actor: string,
    causation: Causation,
  ): Promise<void> {
    if (!this.#heads.has(stream)) this.#heads.set(stream, (await readHead(this.parts.store, stream))[0]);
    const place = { head: this.#heads.get(stream) };
    this.#append([event], stream, place, { actor, now }, causation);
    this.#heads.set(stream, place.head);
  }

  /** Hands events to the store and moves the stream's head on; the acknowledgement comes later, in {@link #settled}. */
  #append(
    events: readonly NewEvent[],
    stream: string,
    place: { head: StreamHead | undefined },
    { actor, now }: Pick<DecisionContext, 'actor' | 'now'>,
    causation: Causation,
    subject?: { readonly id: string; readonly key: SubjectKey },
  ): void {
    const recorded = recordEvents(events, {
      stream,
      head: place.head,
      recordedAt: now,
      actor,
      causation,
      ...(subject !== undefined && { subject }),
    });
    const last = recorded.at(-1);
    if (last === undefined) return;
    this.parts.keys.save();
    const records = recorded.map(({ record }) => record);
    const appended = this.parts.store.append(stream, place.head?.revision ?? 'no_stream', records);
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

  #stop(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new LedgerStoppedError(`the ledger stopped: ${reason}`, { cause });
    this.#agencies.clear();
  }

  async #loadAgency(agencyId: string): Promise<WarmAgency> {
    const [head, , history] = await readHead(
      this.parts.store,
      agencyStream(agencyId),
      (held: AgencyHistory | undefined, event) =>
        evolve(held ?? emptyHistory(), event as unknown as RecordedAgencyEvent),
    );
    return { history: history ?? emptyHistory(), head };
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

/** Reads a stream to its end: its head, its first event, and a fold of it. */
async function readHead<State>(
  store: EventStore,
  stream: string,
  fold: (state: State | undefined, event: LedgerEvent) => State | undefined = () => undefined,
): Promise<readonly [head: StreamHead | undefined, first: LedgerEvent | undefined, state: State | undefined]> {
  let head: StreamHead | undefined;
  let first: LedgerEvent | undefined;
  let state: State | undefined;
  for await (const batch of store.readStream(stream)) {
    for (const record of batch) {
      const event = readEvent(record);
      first ??= event;
      state = fold(state, event);
      head = { revision: record.revision, leafHash: record.leafHash };
    }
  }
  return [head, first, state];
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
