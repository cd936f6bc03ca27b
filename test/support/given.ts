import { deepStrictEqual } from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  agency,
  assessment,
  evidence,
  rulebooks,
  agencyReferenceOf,
  agencyStream,
  clockActor,
  endOfTime,
  eventIn,
  fingerprintOf,
  isAgencyCommand,
  isEventOf,
  LedgerZone,
  parseInstant,
  problemOf,
  readCommandLine,
  readEvent,
  recordEvents,
  rulebooksStream,
  type AgencyCommand,
  type AgencyHistory,
  type AppealAnswer,
  type AssessedCreator,
  type AssessmentAnswer,
  type BalanceAnswer,
  type Changes,
  type Decision,
  type DecisionContext,
  type EventOf,
  type EventTypeIn,
  type FindingCode,
  type Instant,
  type LedgerCommand,
  type Mode,
  type NewEvent,
  type RecordedEvent,
  type Rulebooks,
  legalPersonOf,
  joined,
  type InBoth,
} from '@penalty-ledger/ledger';

/**
 * A command line of interchange §2 as a test writes it: unchecked, so that a test can also write a
 * wrong one.
 */
export interface Line {
  readonly at: string;
  readonly command: string;
  readonly by?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** E and K of a question, and what else it asks for. Both default to now. */
export interface Asked {
  readonly at?: string;
  readonly known?: string;
  readonly period?: string;
  readonly account?: string;
}

/** The result of the last command. */
export interface Outcome {
  readonly code: string | null;
  readonly message: string;
  readonly events: readonly string[];
  readonly findings: readonly FindingCode[];
}

/**
 * Returns RFC 3339 for a Shanghai time that a test writes: `2019-04-01 10:00:00.000`. Seconds and
 * milliseconds may be left out. A date alone means ten in the morning. A text with an offset stays
 * as it is.
 */
export function shanghai(text: string): string {
  if (text.includes('T')) return text;
  const [date = '', time = '10:00'] = text.split(' ');
  return `${date}T${time.length === 5 ? `${time}:00` : time}+08:00`;
}

/** The instant a test means, see {@link shanghai}. */
export function instant(text: string): Instant {
  const parsed = parseInstant(shanghai(text));
  if (parsed === undefined) throw new TypeError(`"${text}" is not an instant`);
  return parsed;
}

export const shanghaiZone = new LedgerZone('Asia/Shanghai', 'test');

/** Starts a scenario in an observer's ledger; every line must be accepted. */
export function given(...lines: readonly Line[]): Scenario {
  return new Scenario('observer').given(...lines);
}

/** Starts a scenario in an operator's ledger, which refuses an act with a breach. */
export function givenToOperator(...lines: readonly Line[]): Scenario {
  return new Scenario('operator').given(...lines);
}

/**
 * A small ledger in memory: runs command lines through the domain alone, with the clock at their
 * `at`. After every append it checks that the recorded bytes fold to the history that the commands
 * left.
 */
export class Scenario {
  readonly #mode: Mode;
  readonly #zone: LedgerZone;
  readonly #records = new Map<string, RecordedEvent[]>();
  readonly #histories = new Map<string, AgencyHistory>();
  #register = rulebooks.empty;
  #now: Instant = instant('2018-01-01 00:00');
  #lines = 0;
  #outcome: Outcome = { code: null, message: '', events: [], findings: [] };

  constructor(mode: Mode, zone: LedgerZone = shanghaiZone) {
    this.#mode = mode;
    this.#zone = zone;
  }

  /** Applies lines that must be accepted. */
  given(...lines: readonly Line[]): this {
    for (const line of lines) {
      const { code, message } = this.#apply(line);
      if (code !== null)
        throw new Error(`given ${JSON.stringify(line)}: rejected with ${code}: ${message}`);
    }
    return this;
  }

  /** Applies one line with any outcome. */
  when(line: Line): this {
    this.#apply(line);
    return this;
  }

  /** Lets time pass until `at`; what falls due happens, each at its own instant. */
  until(at: string): this {
    this.#passTo(instant(at));
    return this;
  }

  /**
   * Computes a month from recorded creators and their sessions, which are kept outside the agency
   * (see `roster.ts`).
   */
  compute(month: string, creators: readonly AssessedCreator[], agencyId = 'a1'): this {
    const history = this.history(agencyId);
    const context = this.#context('officer-1');
    const computed = assessment.computeAssessment(month, history, creators, context);
    const decision = agency.complete({ events: [computed], findings: [] }, history, context);
    if (decision.rejected !== undefined) throw new Error(decision.rejected.message.en);
    this.#lines += 1;
    this.#record(agencyStream(agencyId), decision.events, 'officer-1', {
      command: 'ComputeAssessment',
      commandId: `line-${String(this.#lines)}`,
      fingerprint: fingerprintOf('ComputeAssessment', { agencyId, month }),
    });
    this.#outcome = {
      code: null,
      message: '',
      events: decision.events.map(({ type }) => type),
      findings: [],
    };
    return this;
  }

  assessment(month: string, known?: string, agencyId = 'a1'): AssessmentAnswer {
    const context = { rulebooks: this.rulebooks(known), zone: this.#zone };
    return assessment.assessmentAnswer(
      this.history(agencyId),
      { agencyId, month, knownAt: this.#knownAt(known) },
      context,
      [],
    );
  }

  /** The clock, and what else a decision outside the agencies is made by. */
  get context(): DecisionContext {
    return this.#context('officer-1');
  }

  /** The last command was accepted and appended exactly these events. */
  then(...events: readonly string[]): this {
    expect({ code: this.#outcome.code, events: this.#outcome.events }).toEqual({
      code: null,
      events,
    });
    return this;
  }

  /** The last command was refused with this code, and nothing was appended. */
  thenRefused(code: string): this {
    expect({ code: this.#outcome.code, events: this.#outcome.events }).toEqual({
      code,
      events: [],
    });
    return this;
  }

  /** The last command was accepted with exactly these findings. */
  thenFound(...findings: readonly FindingCode[]): this {
    expect({ code: this.#outcome.code, findings: this.#outcome.findings }).toEqual({
      code: null,
      findings,
    });
    return this;
  }

  get outcome(): Outcome {
    return this.#outcome;
  }

  balance({ at, known, period, account }: Asked = {}, agencyId = 'a1'): BalanceAnswer {
    const query = {
      agencyId,
      effectiveAt: at === undefined ? this.#now : instant(at),
      knownAt: this.#knownAt(known),
      ...(period !== undefined && { period }),
      ...(account !== undefined && { account }),
    };
    return agency.balanceAnswer(this.history(agencyId), query, {
      rulebooks: this.rulebooks(known),
      zone: this.#zone,
    });
  }

  /** The sum alone. */
  points(asked?: Asked, agencyId?: string): number {
    return this.balance(asked, agencyId).balance;
  }

  standing(asked?: Asked, agencyId?: string): BalanceAnswer['standing'] {
    return this.balance(asked, agencyId).standing;
  }

  appeal(appealId: string, known?: string): AppealAnswer | undefined {
    const history = [...this.#histories.values()].find(({ appeals }) => appeals.has(appealId));
    if (history === undefined) throw new Error(`no appeal "${appealId}"`);
    const knownAt = this.#knownAt(known);
    const calendars = rulebooks.calendarsAt(this.#register, knownAt);
    const context = { rulebooks: this.rulebooks(known), zone: this.#zone, calendars };
    return agency.appealAnswer(history, { appealId, knownAt }, context);
  }

  whatIf(changes: Changes, { at, known }: Asked = {}) {
    const effectiveAt = at === undefined ? this.#now : instant(at);
    const context = { rulebooks: this.rulebooks(known), zone: this.#zone };
    return agency.whatIfAnswer(
      this.history('a1'),
      { agencyId: 'a1', effectiveAt, knownAt: this.#knownAt(known) },
      changes,
      context,
    );
  }

  rulebooks(known?: string): Rulebooks {
    return rulebooks.rulebooksAt(this.#register, known === undefined ? endOfTime : instant(known));
  }

  history(agencyId = 'a1'): AgencyHistory {
    const history = this.#histories.get(agencyId);
    if (history === undefined) throw new Error(`no agency "${agencyId}"`);
    return history;
  }

  /** Everything recorded in a stream, oldest first. */
  recorded(stream = agencyStream('a1')): readonly RecordedEvent[] {
    return this.#records.get(stream) ?? [];
  }

  /** The events of one type in the agency's stream. */
  events<Type extends EventTypeIn<'agency'>>(
    type: Type,
    agencyId = 'a1',
  ): readonly EventOf<Type>[] {
    return this.recorded(agencyStream(agencyId))
      .map(({ event }) => event)
      .filter((event) => isEventOf(type, event));
  }

  #knownAt(known: string | undefined): Instant {
    return known === undefined ? this.#now : instant(known);
  }

  #apply({ at, data, ...rest }: Line): Outcome {
    this.#passTo(instant(at));
    const read = readCommandLine({ ...rest, data, at: shanghai(at) });
    if (read.problems !== undefined) return this.#refuse('invalid', joined(read.problems));
    const { command, by = 'officer-1', dataAsSent } = read.line;
    const context = this.#context(by);
    const problem = problemOf(command, context);
    if (problem !== undefined) return this.#refuse('invalid', problem);
    const { decision, stream, subject } = this.#decide(command, context);
    if (decision.rejected !== undefined)
      return this.#refuse(decision.rejected.code, decision.rejected.message);
    this.#lines += 1;
    const fingerprint = fingerprintOf(command.command, dataAsSent, keyOf(subject));
    const commandId = `line-${String(this.#lines)}`;
    const causation = { command: command.command, commandId, fingerprint };
    this.#record(stream, decision.events, by, causation, subject);
    const { events, findings } = decision;
    this.#outcome = { code: null, message: '', events: events.map(({ type }) => type), findings };
    return this.#outcome;
  }

  #decide(
    command: LedgerCommand,
    context: DecisionContext,
  ): { readonly decision: Decision<NewEvent>; readonly stream: string; readonly subject: string } {
    if (isAgencyCommand(command)) {
      const agencyId = this.#agencyOf(command);
      const history = this.#histories.get(agencyId) ?? agency.emptyHistory();
      const decision = agency.execute(command, history, context);
      if (decision.rejected === undefined) this.#histories.set(agencyId, history);
      const subject = agency.subjectOfCommand(command, agencyId);
      return { decision, stream: agencyStream(agencyId), subject };
    }
    if (command.command === 'RegisterEvidence') {
      const { evidenceId } = command.data;
      const decision = { events: [evidence.registerEvidence(command)], findings: [] };
      return { decision, stream: `evidence-${evidenceId}`, subject: `evidence:${evidenceId}` };
    }
    if (command.command !== 'PublishRulebook' && command.command !== 'PublishCalendar')
      throw new Error(`a scenario does not take ${command.command}; TestLedger does`);
    const decision = rulebooks.execute(command, context);
    for (const event of decision.rejected === undefined ? decision.events : [])
      this.#register = rulebooks.evolve(this.#register, { ...event, recordedAt: context.now });
    return { decision, stream: rulebooksStream, subject: rulebooksStream };
  }

  /**
   * Returns the agency of a command. The application knows the agency of a deduction or an appeal;
   * here all agencies are searched.
   */
  #agencyOf(command: AgencyCommand): string {
    const { kind, id } = agencyReferenceOf(command);
    if (kind === 'agency') {
      if (command.command !== 'AdmitAgency') this.history(id);
      return id;
    }
    const owner = [...this.#histories].find(([, { deductions, appeals, complaints }]) =>
      kind === 'deduction'
        ? deductions.has(id)
        : kind === 'complaint'
          ? complaints.has(id)
          : appeals.has(id),
    );
    return owner?.[0] ?? 'a1';
  }

  #passTo(at: Instant): void {
    if (at < this.#now)
      throw new RangeError(`the clock stands at ${this.#now} and does not go back to ${at}`);
    for (const { due, agencyId } of this.#dueUntil(at)) {
      this.#now = due;
      const events = agency.passClock(this.history(agencyId), this.#context(clockActor), this.#now);
      const causation = {
        command: 'ClockPassed',
        commandId: `${agencyId}:${due}`,
        fingerprint: '',
      };
      this.#record(agencyStream(agencyId), events, clockActor, causation);
    }
    this.#now = at;
  }

  /**
   * Returns every instant in `(now, at]` at which a scheduled deduction begins to count, in the
   * order of time.
   */
  #dueUntil(at: Instant): { readonly due: Instant; readonly agencyId: string }[] {
    return [...this.#histories]
      .flatMap(([agencyId, { deductions }]) =>
        [...deductions.values()].map((each) => ({
          due: agency.valuesAt(each, endOfTime).effectiveAt,
          agencyId,
        })),
      )
      .filter(({ due }) => due > this.#now && due <= at)
      .sort((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
  }

  #context(actor: string): DecisionContext {
    return {
      now: this.#now,
      actor,
      mode: this.#mode,
      zone: this.#zone,
      rulebooks: this.rulebooks(),
      legalPersonOf: (id) => legalPersonOf(id, Buffer.alloc(32)),
    };
  }

  #refuse(code: string, { en: message, zh: inChinese }: InBoth): Outcome {
    expect(inChinese).toMatch(/[\p{Script=Han}：]/u);
    this.#outcome = { code, message, events: [], findings: [] };
    return this.#outcome;
  }

  #record(
    stream: string,
    events: readonly NewEvent[],
    actor: string,
    causation: RecordedEvent['event']['causation'],
    subject = stream.replace('-', ':'),
  ): void {
    const before = this.recorded(stream);
    const recorded = recordEvents(events, {
      ledgerId: 'scenario',
      stream,
      head: before.at(-1)?.record,
      recordedAt: this.#now,
      actor,
      causation,
      subject: { id: subject, key: keyOf(subject) },
    });
    this.#records.set(stream, [...before, ...recorded]);
    this.#check();
  }

  #check(): void {
    for (const [agencyId, history] of this.#histories) {
      deepStrictEqual(historyOf(this.recorded(agencyStream(agencyId))), history);
    }
  }
}

/** Folds recorded bytes, the way any reader does. */
export function historyOf(recorded: readonly Pick<RecordedEvent, 'record'>[]): AgencyHistory {
  return recorded
    .map(({ record }) => eventIn('agency', readEvent(record)))
    .reduce(agency.evolve, agency.emptyHistory());
}

/** A key for each subject, the same in every run. */
export function keyOf(subject: string): Uint8Array {
  return hash('sha256', `key of ${subject}`, 'buffer');
}
