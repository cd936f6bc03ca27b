import { IntegrityError, type EventStore, type Position } from '@penalty-ledger/event-store';
import {
  alarms,
  erasure,
  rulebooks,
  alarmsStream,
  clockActor,
  errorInBoth,
  eventIn,
  fingerprintOf,
  laterOf,
  ledgerStream,
  LedgerZone,
  rulebooksStream,
  settingsIn,
  SpokenError,
  type AcceptedDamage,
  type CommandLine,
  type EngineAlarm,
  type ErasureRefusal,
  type FormerWriter,
  type EraseSubject,
  type Instant,
  type LedgerEventData,
  type LedgerSettings,
  type NewEvent,
  type RulebookRegister,
} from '@penalty-ledger/ledger';
import {
  catchUpInItsOwnThread,
  healing,
  projectorInThisThread,
  type Projector,
  type ReadModels,
  type Scheduled,
} from '@penalty-ledger/projections';
import { OpenParts } from '../open-parts.js';
import { causationAt } from './command-ids.js';
import { CommitQueue } from './commit-queue.js';
import { decideErasure } from './erasure.js';
import { CommandExecutor, type TimedLine } from './command-executor.js';
import { finishErasures } from '../keys/finish-erasures.js';
import { lastPassed } from './due-deductions.js';
import type { KeyStore } from '../keys/key-store.js';
import { outcomeOf, rejected, unlessDamaged, type Outcome } from './outcome.js';
import { readWriterTerm } from '../streams/writer-term.js';
import { begin, readHead, readRegister, readWarm } from '../streams/read-stream.js';

/** The parts of a ledger. It owns them: {@link LedgerWriter.close} closes them. */
export interface LedgerWriterParts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readModels: ReadModels;
  /**
   * True where an append must wait for earlier ones that were decided at another instant, as on an
   * engine: calls that come meanwhile are then decided together. Default false.
   */
  readonly appendsWait?: boolean;
  /** Keeps the read models up while the ledger is open. Left out: this thread does. */
  readonly projector?: Projector;
  /** See `timeZoneDataVersion`. */
  readonly zoneDataVersion: string;
}

/**
 * The parts of a ledger in the order in which they are closed: `taken` finishes the commands that
 * were taken; the read models' thread reads the store.
 */
const closingOrder = ['taken', 'projector', 'store', 'readModels', 'keys'] as const;

/** The ledger cannot go on: the store failed or is damaged under it. Open it again. */
export class LedgerStoppedError extends SpokenError {
  readonly code = 'ledger_stopped';
}

/**
 * The writing side of a ledger. It takes commands one after another, decides each on all events
 * before it, and acknowledges it when it is durable. Decisions do not wait for the disk: they also
 * rest on appends in flight, and the store commits the appends that have gathered as one group. If
 * an append fails, every later one fails too and the ledger stops.
 */
export class LedgerWriter {
  readonly zone: LedgerZone;
  readonly #executor: CommandExecutor;
  readonly #commitQueue: CommitQueue;
  readonly #open = new OpenParts(closingOrder);
  #turn: Promise<unknown> = Promise.resolve();
  /** Calls that wait while the events of earlier ones are under way. */
  #waiting: TimedLine[] = [];
  /** The outcomes of those that wait, once they are decided together. */
  #next: Promise<readonly Outcome[]> | undefined;
  #failure: LedgerStoppedError | undefined;

  private constructor(
    readonly settings: LedgerSettings,
    readonly parts: LedgerWriterParts,
    register: RulebookRegister,
    clock: Instant,
    last: Scheduled | undefined,
  ) {
    const { store, keys, readModels } = parts;
    this.zone = new LedgerZone(settings.zone, parts.zoneDataVersion);
    const projector = parts.projector ?? projectorInThisThread(readModels, store);
    this.#open.opened('taken', () => (this.#failure === undefined ? this.settle() : undefined));
    this.#open.opened('projector', () => projector.close());
    this.#open.opened('store', () => store.close());
    this.#open.opened('readModels', () => {
      readModels.close();
    });
    this.#open.opened('keys', () => {
      keys.close();
    });
    this.#commitQueue = new CommitQueue({ store, keys, projector }, readModels.progress.cursor, {
      folded: (events) => this.#executor.leaveToReadModels(events),
      failed: (cause) => this.#stop(cause),
    });
    this.#executor = new CommandExecutor(
      settings,
      this.zone,
      parts,
      this.#commitQueue,
      register,
      clock,
      last,
    );
  }

  /** `false` once it has stopped: every later call throws `LedgerStoppedError`. */
  get isRunning(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Opens a ledger that exists, or a new one. A new one begins with two appends: its opening, and
   * the rulebooks it was shipped with. If it was interrupted between them, the next opening makes
   * the second append, byte for byte the same.
   *
   * @param opening the terms and instant of a new ledger; when missing, the ledger must exist
   * @returns `undefined` when there is no ledger and no `opening`
   */
  static async open(
    parts: LedgerWriterParts,
    opening?: { readonly settings: LedgerSettings; readonly at: Instant; readonly actor: string },
  ): Promise<LedgerWriter | undefined> {
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
      throw new LedgerStoppedError({
        en: 'the ledger was opened and its first event is not there',
        zh: '账本已打开，但没有其第一个事件',
      });
    // Before anything is added: it finds out whether the store has lost its tail.
    await healing(readModels, store, () => catchUpInItsOwnThread(readModels, store));
    const settings = settingsIn(first);
    let register = await readRegister(store);
    if (register.head === undefined) {
      const { ledgerId } = settings;
      const { recordedAt, actor, causation } = first;
      await begin(store, rulebooksStream, rulebooks.shippedRulebooks(), {
        ledgerId,
        recordedAt,
        actor,
        causation,
      });
      await healing(readModels, store, () => readModels.catchUp(store));
      register = await readRegister(store);
    }
    await finishErasures(store, parts.keys);
    return healing(readModels, store, async () => {
      const clock = readModels.progress.lastRecordedAt ?? first.recordedAt;
      const last = await unlessDamaged(lastPassed(store, readModels));
      const passed = last instanceof IntegrityError ? undefined : last;
      return new LedgerWriter(settings, parts, register.register, clock, passed);
    });
  }

  /**
   * The position of the last event that is durable: it was acknowledged, or was there at the
   * opening. All events that a command's outcome rests on are at or before it. Another node that
   * gets this position can answer with the events written here ({@link LedgerReader.atLeast}).
   */
  get position(): Position | undefined {
    return this.#commitQueue.position;
  }

  /** The last instant at which anything was recorded. */
  get clock(): Instant {
    return this.#executor.clock;
  }

  /**
   * Takes a command at `now`, after the events that fell due before. Resolves when its outcome and
   * those of all earlier commands are durable. Calls may overlap; they are decided in their order.
   *
   * @param now never before {@link clock}; an earlier one is taken as the clock's
   * @throws LedgerStoppedError; IntegrityError also when only this command is refused, because a
   * stream that it needs is damaged
   */
  async handle(line: CommandLine, now: Instant): Promise<Outcome> {
    const [outcome] = await this.handleAll([{ line, now }]);
    if (outcome === undefined)
      throw new LedgerStoppedError({
        en: 'a command was executed and has no outcome',
        zh: '指令已执行，但没有结果',
      });
    if (outcome.damage !== undefined) throw outcome.damage;
    return outcome;
  }

  /**
   * Handles each command as {@link handle} does, in order, and resolves with the outcomes when all
   * are durable. Their ids are looked up together, and their events for one stream at one instant
   * are one append. Outside of a simulation all have one instant, the latest of theirs. A command
   * that needs a damaged stream is refused with `integrity`.
   */
  async handleAll(commands: readonly TimedLine[]): Promise<readonly Outcome[]> {
    await this.#commitQueue.room();
    if (this.parts.appendsWait !== true || this.settings.simulation)
      return this.#handleNow(commands);
    const first = this.#waiting.length;
    this.#waiting.push(...commands);
    this.#next ??= this.#handleWaiting();
    const outcomes = await this.#next;
    return outcomes.slice(first, first + commands.length);
  }

  /** Handles all that came by the time that what is under way is durable, as one call. */
  async #handleWaiting(): Promise<readonly Outcome[]> {
    // A failure is reported to those who wait for it.
    await this.#commitQueue.settled.catch(() => undefined);
    await this.#turn;
    const commands = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    return this.#handleNow(commands);
  }

  async #handleNow(commands: readonly TimedLine[]): Promise<readonly Outcome[]> {
    const { outcomes, settled } = await this.#inTurn(async () => {
      const executed = await this.#executor.executeAll(commands);
      return { outcomes: executed, settled: this.#commitQueue.settled };
    });
    // An outcome rests on all events appended before it, so it waits for all of them.
    await settled;
    const { position } = this;
    return position === undefined
      ? outcomes
      : outcomes.map((outcome) => ({ ...outcome, position }));
  }

  /**
   * Erases a subject's personal data by destroying its key: no event changes, and all hashes,
   * proofs and balances stand. Resolves when the key is gone from the disk; other commands are
   * taken meanwhile. Refuses with `legal_hold` while anything holds the key, and records that too;
   * with `unknown_subject`, and with `already_erased` once nothing of the key is left.
   *
   * @throws LedgerStoppedError, IntegrityError
   * @throws StoreUnavailableError when the erasure is recorded, and another program keeps bytes of
   * the key in its file
   */
  async erase(request: EraseSubject, by: string | undefined, requested: Instant): Promise<Outcome> {
    const outcome = await this.#eraseInTurn(request, by, requested);
    const isErased = outcome.status === 'accepted' || outcome.code === 'already_erased';
    if (isErased) await this.parts.keys.destroyedAreGone();
    return outcome;
  }

  #eraseInTurn(
    request: EraseSubject,
    by: string | undefined,
    requested: Instant,
  ): Promise<Outcome> {
    return this.#inTurn(async () => {
      const now = laterOf(requested, this.clock);
      await this.#executor.passDue(now);
      const actor = by ?? this.#executor.defaultActor;
      const { commandContext } = this.#executor;
      const context = this.#executor.contextOf(actor, now);
      const decision = await decideErasure(request, context, this.parts, commandContext);
      if (decision.rejected !== undefined) return outcomeOf(decision);
      const erasures = await commandContext.erasures();
      const causation = causationAt('EraseSubject', erasures, request);
      for (const event of decision.events)
        erasure.evolve(erasures.state, { ...event, recordedAt: now, actor });
      this.#executor.append(decision.events, erasures, context, causation);
      this.#commitQueue.send();
      await this.#commitQueue.settled;
      const [event] = decision.events;
      if (event?.type === 'SubjectErased') this.parts.keys.destroy(request.subject);
      if (event?.type !== 'ErasureHeld') return outcomeOf(decision);
      const { en, zh } = erasure.heldInBoth(event.data.holds, this.zone);
      return {
        ...rejected('legal_hold' satisfies ErasureRefusal, {
          en: `"${request.subject}" is held; ${en}`,
          zh: `"${request.subject}" 须保留；${zh}`,
        }),
        events: decision.events.map(({ type }) => type),
      };
    });
  }

  /**
   * Records the alarms that a look at the engine found: once when each begins to stand, and once
   * when it ends. Resolves when that is durable. A simulation's clock does not move for it.
   *
   * @param found all alarms of one look
   * @throws LedgerStoppedError, IntegrityError
   */
  async soundAlarms(found: readonly EngineAlarm[], requested: Instant): Promise<void> {
    await this.#inTurn(async () => {
      const now = this.settings.simulation ? this.clock : laterOf(requested, this.clock);
      await this.#executor.passDue(now);
      const place = await this.#executor.commandContext.place(alarmsStream);
      this.#commitQueue.send();
      await this.#commitQueue.settled;
      const { state: standing } = await readWarm(
        this.parts.store,
        alarmsStream,
        alarms.empty,
        (held, event) => alarms.evolve(held, eventIn('alarms', event)),
      );
      const events = alarms.soundAlarms(found, standing);
      const causation = causationAt('CheckEngine', place, {
        found: events.map(({ data }) => data),
      });
      this.#executor.append(events, place, { actor: clockActor, now }, causation);
    });
    await this.#commitQueue.settled;
  }

  /**
   * Records that this copy became the ledger, once for each term. Resolves when that is durable.
   *
   * @returns whether it was recorded now; `false` when the term had begun already
   */
  async promote(
    data: { readonly formerWriter: FormerWriter; readonly term: number },
    requested: Instant,
  ): Promise<boolean> {
    const { term: current } = await readWriterTerm(this.parts.store);
    if (current >= data.term) return false;
    await this.#inTurn(async () => {
      const now = this.settings.simulation ? this.clock : laterOf(requested, this.clock);
      const place = await this.#executor.commandContext.place(ledgerStream);
      const causation = causationAt('PromoteLedger', place, data);
      const actor = this.#executor.defaultActor;
      this.#executor.append([{ type: 'WriterPromoted', data }], place, { actor, now }, causation);
      // What fell due meanwhile is recorded by the new writer, so it stands behind.
      await this.#executor.passDue(now);
    });
    await this.#commitQueue.settled;
    return true;
  }

  /**
   * Records which key the ledger is to sign with from now on; the next checkpoint is signed with
   * both (docs/decisions/keys.md). Resolves when that is durable.
   */
  rotateSigningKey(
    data: LedgerEventData['SigningKeyRotated'],
    by: string | undefined,
    requested: Instant,
  ): Promise<void> {
    return this.#record({ type: 'SigningKeyRotated', data }, 'RotateSigningKey', by, requested);
  }

  /** Records a loss that a person accepts. Resolves when that is durable. */
  acceptDamage(data: AcceptedDamage, by: string | undefined, requested: Instant): Promise<void> {
    return this.#record({ type: 'DamageAccepted', data }, 'AcceptDamage', by, requested);
  }

  /** Records an event of the ledger's own stream. */
  async #record(
    event: Extract<NewEvent, { readonly type: 'DamageAccepted' | 'SigningKeyRotated' }>,
    command: string,
    by: string | undefined,
    requested: Instant,
  ): Promise<void> {
    await this.#inTurn(async () => {
      const now = this.settings.simulation ? this.clock : laterOf(requested, this.clock);
      await this.#executor.passDue(now);
      const place = await this.#executor.commandContext.place(ledgerStream);
      const causation = causationAt(command, place, event.data);
      const actor = by ?? this.#executor.defaultActor;
      this.#executor.append([event], place, { actor, now }, causation);
    });
    await this.#commitQueue.settled;
  }

  /** Moves the clock on, and records the events due up to `now`. Resolves when they are durable. */
  async advanceTo(now: Instant): Promise<void> {
    await this.#inTurn(() => this.#executor.passDue(now));
    await this.#commitQueue.settled;
  }

  /** Remembers a simulation's last instant, at which nothing may have been recorded. */
  async rememberClock(now: Instant): Promise<void> {
    await this.#inTurn(async () => {
      await this.#executor.passDue(now);
      if (now <= this.clock) return;
      const causation = {
        command: 'AdvanceClock',
        commandId: `clock/${now}`,
        fingerprint: fingerprintOf('AdvanceClock', { now }),
      };
      this.#executor.append(
        [{ type: 'SimulationClockAdvanced', data: {} }],
        await this.#executor.commandContext.place(ledgerStream),
        { actor: 'simulation', now },
        causation,
      );
    });
    await this.#commitQueue.settled;
  }

  /** Brings the read models up to everything acknowledged. */
  async settle(): Promise<void> {
    await this.#inTurn(() => this.#commitQueue.settled);
    await this.#commitQueue.fold();
  }

  /**
   * Finishes what was taken and closes every part, in {@link closingOrder}. A part that fails to
   * close keeps no other open.
   */
  close(): Promise<void> {
    return this.#open.close();
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

  #stop(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const { en, zh } = errorInBoth(cause);
    this.#failure = new LedgerStoppedError(
      { en: `the ledger stopped: ${en}`, zh: `账本已停止：${zh}` },
      { cause },
    );
    this.#executor.forget();
  }
}
