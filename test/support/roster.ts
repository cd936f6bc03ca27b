import {
  agency,
  assessment,
  creator,
  session as sessions,
  checkOf,
  creatorStream,
  endOfTime,
  overlapsSought,
  eventIn,
  factCommandSchemas,
  problemOf,
  readEvent,
  recordEvents,
  type AssessedCreator,
  type CreatorCommand,
  type CreatorHistory,
  type Decision,
  type FactCommand,
  type Instant,
  type LedgerEvent,
  type NewEvent,
  type OverlapsOf,
  type RecordedEvent,
  type Session,
  type SessionCommand,
  type SessionEvent,
  type SessionSpan,
  type Standing,
} from '@penalty-ledger/ledger';
import {
  given,
  instant,
  keyOf,
  shanghai,
  shanghaiZone,
  type Line,
  type Scenario,
} from './given.js';
import { admit, on, type Act } from './lines.js';

type Data = Readonly<Record<string, unknown>>;

export const bind = (creatorId: string, data: Data = {}): Act => ({
  command: 'BindCreator',
  data: { agencyId: 'a1', creatorId, ...data },
});

export const unbind = (creatorId: string, data: Data = {}): Act => ({
  command: 'UnbindCreator',
  data: { agencyId: 'a1', creatorId, ...data },
});

export const grant = (creatorId: string, data: Data = {}): Act => ({
  command: 'GrantExposureRight',
  data: { creatorId, ...data },
});

export const withdrawRight = (creatorId: string, data: Data = {}): Act => ({
  command: 'WithdrawExposureRight',
  data: { creatorId, ...data },
});

/** A session from `startedAt` to `endedAt`, both as {@link shanghai} takes them. */
export const session = (
  sessionId: string,
  creatorId: string,
  startedAt: string,
  endedAt: string,
  data: Data = {},
): Act => ({
  command: 'RecordSession',
  data: { sessionId, creatorId, startedAt, endedAt, ...data },
});

export const correctIt = (sessionId: string, data: Data = {}): Act => ({
  command: 'CorrectSession',
  data: { sessionId, reason: 'the platform corrected it', ...data },
});

export const voidIt = (sessionId: string): Act => ({
  command: 'VoidSession',
  data: { sessionId, reason: 'recorded by mistake' },
});

export const compute = (month: string, agencyId?: string): Act => ({
  command: 'ComputeAssessment',
  data: { month, ...(agencyId !== undefined && { agencyId }) },
});

/**
 * `count` effective sessions of a creator in a month, one a day from the first, an hour each from
 * 20:00.
 */
export const stream = (creatorId: string, month: string, count: number): Act[] =>
  Array.from({ length: count }, (_, index) => {
    const day = `${month}-${String(index + 1).padStart(2, '0')}`;
    return session(`${creatorId}:${day}`, creatorId, `${day} 20:00`, `${day} 21:00`);
  });

/**
 * Creators and sessions in memory around the agencies of a {@link Scenario}, as in the application
 * but without a store. Everything is folded from the recorded bytes.
 */
export class Roster {
  /** The agencies; `a1` was admitted on 1 January 2018. */
  readonly agencies: Scenario;
  readonly creators = new Map<string, CreatorHistory>();
  readonly sessions = new Map<string, Session>();
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #streamOfSession = new Map<string, string>();
  #outcome: {
    readonly code: string | null;
    readonly events: readonly string[];
    readonly findings?: readonly string[];
  } = { code: null, events: [] };

  constructor(...agencies: readonly Line[]) {
    this.agencies = given(...(agencies.length === 0 ? [on('2018-01-01', admit())] : agencies));
  }

  given(...lines: readonly Line[]): this {
    for (const line of lines) {
      this.when(line);
      if (this.#outcome.code !== null)
        throw new Error(`given ${JSON.stringify(line)}: ${this.#outcome.code}`);
    }
    return this;
  }

  when({ at, command, data }: Line): this {
    if (!(command in factCommandSchemas)) {
      const { code, events } = this.agencies.when({ at, command, data }).outcome;
      this.#outcome = { code, events };
      return this;
    }
    this.agencies.until(at);
    const sent = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        key,
        instants.has(key) ? shanghai(value as string) : value,
      ]),
    );
    const name = command as FactCommand['command'];
    if (checks.get(name)!(sent).length > 0) return this.#refuse('invalid');
    const read = Object.fromEntries(
      Object.entries(sent).map(([key, value]) => [
        key,
        instants.has(key) ? instant(value as string) : value,
      ]),
    );
    this.#execute({ command: name, data: read } as unknown as FactCommand);
    return this;
  }

  then(...events: readonly string[]): this {
    expect(this.#outcome).toMatchObject({ code: null, events });
    return this;
  }

  thenFound(...findings: readonly string[]): this {
    expect(this.#outcome).toMatchObject({ code: null, findings });
    return this;
  }

  thenRefused(code: string): this {
    expect(this.#outcome).toEqual({ code, events: [] });
    return this;
  }

  /** The events recorded in a stream, oldest first. */
  recorded(name: string): LedgerEvent[] {
    return (this.#streams.get(name) ?? []).map(({ event }) => event);
  }

  get streams(): readonly string[] {
    return [...this.#streams.keys()];
  }

  /** The month as it was last computed. */
  assessment(month: string, known?: string, agencyId?: string) {
    return this.agencies.assessment(month, known, agencyId);
  }

  /** Returns the data from which an assessment is computed. */
  assessed(): AssessedCreator[] {
    return [...this.creators.values()].map((creator) => ({
      creator,
      sessions: [...this.sessions.values()].filter(
        ({ creatorId, voided }) => creatorId === creator.creatorId && !voided,
      ),
    }));
  }

  #execute(command: FactCommand): void {
    const { context } = this.agencies;
    if (problemOf(command, context) !== undefined) return void this.#refuse('invalid');
    switch (command.command) {
      case 'BindCreator':
      case 'UnbindCreator':
      case 'GrantExposureRight':
      case 'WithdrawExposureRight': {
        this.#decideCreator(command);
        return;
      }
      case 'ComputeAssessment': {
        const { month, agencyId } = command.data;
        if (!assessment.isMonthOver(month, context.now, shanghaiZone))
          return void this.#refuse('month_not_over');
        this.agencies.compute(month, this.assessed(), agencyId);
        this.#outcome = { code: null, events: this.agencies.outcome.events };
        return;
      }
      default: {
        this.#decideSession(command);
        return;
      }
    }
  }

  #decideCreator(command: CreatorCommand): void {
    const { creatorId } = command.data;
    const agencyId = 'agencyId' in command.data ? command.data.agencyId : '';
    const decision = creator.decide(
      command,
      this.creators.get(creatorId) ?? creator.empty(creatorId),
      (at) => this.#standing(agencyId, at),
      this.agencies.context,
    );
    const subject = creator.subjectOf(creatorId);
    const events = this.#record(creatorStream(creatorId), decision, command.command, subject);
    for (const event of events)
      this.creators.set(
        creatorId,
        creator.evolve(
          this.creators.get(creatorId) ?? creator.empty(creatorId),
          eventIn('creator', event),
        ),
      );
  }

  #decideSession(command: SessionCommand): void {
    const { context } = this.agencies;
    const { sessionId } = command.data;
    const held = this.sessions.get(sessionId);
    if (command.command === 'RecordSession' && held !== undefined)
      return void this.#refuse('conflict');
    const creator = this.creators.get(
      command.command === 'RecordSession' ? command.data.creatorId : (held?.creatorId ?? ''),
    );
    const decision: Decision<SessionEvent> =
      command.command === 'RecordSession'
        ? sessions.recordSession(
            command.data,
            creator,
            (agencyId, at) => this.#standing(agencyId, at),
            (one) => this.#overlapsOf(one),
            context,
          )
        : command.command === 'CorrectSession'
          ? sessions.correctSession(
              command.data,
              held,
              creator,
              (one) => this.#overlapsOf(one),
              context,
            )
          : sessions.voidSession(command.data, held);
    if (decision.rejected === undefined) {
      for (const { type, data } of decision.events)
        if (type === 'SessionRecorded')
          this.#streamOfSession.set(sessionId, sessions.streamOfSession(data, shanghaiZone));
    }
    const name = this.#streamOfSession.get(sessionId) ?? '';
    for (const event of this.#record(name, decision, command.command, agency.subjectOf('a1'))) {
      const evolved = sessions.evolve(held, eventIn('sessions', event));
      if (evolved !== undefined) this.sessions.set(sessionId, evolved);
    }
  }

  /** By comparison with every session: a creator has few here. */
  #overlapsOf(one: Parameters<OverlapsOf>[0]): readonly SessionSpan[] {
    return [...this.sessions.values()]
      .filter(
        (other) =>
          other.creatorId === one.creatorId &&
          other.sessionId !== one.sessionId &&
          !other.voided &&
          other.startedAt < one.endedAt &&
          one.startedAt < other.endedAt,
      )
      .sort((a, b) => (`${a.startedAt} ${a.sessionId}` < `${b.startedAt} ${b.sessionId}` ? -1 : 1))
      .slice(0, overlapsSought);
  }

  #standing(agencyId: string, at: Instant): Standing {
    return agency.standingAt(this.agencies.history(agencyId), at, endOfTime).standing;
  }

  #refuse(code: string): this {
    this.#outcome = { code, events: [] };
    return this;
  }

  /** Records what was decided and gives it back as it is read. */
  #record(
    name: string,
    decision: Decision<NewEvent>,
    command: string,
    subject: string,
  ): LedgerEvent[] {
    if (decision.rejected !== undefined) {
      this.#refuse(decision.rejected.code);
      return [];
    }
    const before = this.#streams.get(name) ?? [];
    const recorded = recordEvents(decision.events, {
      ledgerId: 'roster',
      stream: name,
      head: before.at(-1)?.record,
      recordedAt: this.agencies.context.now,
      actor: 'officer-1',
      causation: { command, commandId: `${name}@${String(before.length)}`, fingerprint: '' },
      subject: { id: subject, key: keyOf(subject) },
    });
    this.#streams.set(name, [...before, ...recorded]);
    this.#outcome = {
      code: null,
      events: decision.events.map(({ type }) => type),
      findings: decision.findings,
    };
    return recorded.map(({ record }) => readEvent(record));
  }
}

const checks = new Map(
  Object.entries(factCommandSchemas).map(([name, schema]) => [name, checkOf(schema, 'data')]),
);

const instants: ReadonlySet<string> = new Set(['effectiveAt', 'startedAt', 'endedAt']);
