import {
  agency,
  agencyStream,
  canonicalJson,
  errorInBoth,
  eventIn,
  LedgerZone,
  parseInstant,
  problemOf,
  readEvent,
  type AgencyEvent,
  type AgencyHistory,
  type DecisionContext,
  type EventOf,
  type InBoth,
  type Instant,
  type LedgerSettings,
  type NewEventOf,
  type StreamEvent,
  type LegalPerson,
} from '@penalty-ledger/ledger';
import { commandOf } from './command-of.js';
import type { Findings } from './damage.js';
import type { RulebookCheck } from './rulebook-check.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** One command's events in an agency's stream, which were appended together. */
interface Append {
  readonly events: readonly StreamEvent<'agency'>[];
  readonly position: StoredRow['position'];
}

/**
 * Decides again what was decided on each agency, from the events before, and compares: points,
 * rulebook, findings, and the balance that opened or lifted a pending expulsion. A command must be
 * valid at its instant too: points in range, no instant ahead, an account that takes additions. A
 * history is folded once, so the work is that of deciding the first time.
 *
 * Two things a command held are not in its events: texts, and whether the command should have come
 * at all. An assessment's numbers rest on sessions and bindings of other streams and are not
 * computed again; their consequences are.
 */
export class DecisionsCheck {
  readonly #findings: Findings;
  readonly #rulebooks: RulebookCheck;
  readonly #settings: LedgerSettings;
  readonly #zone: LedgerZone;
  #appends = 0;

  constructor(
    findings: Findings,
    rulebooks: RulebookCheck,
    settings: LedgerSettings,
    zoneDataVersion: string,
  ) {
    this.#findings = findings;
    this.#rulebooks = rulebooks;
    this.#settings = settings;
    this.#zone = new LedgerZone(settings.zone, zoneDataVersion);
  }

  /** @param isDamaged streams that are skipped, because a fold of them is not what was recorded */
  async run(
    rows: StoredRows,
    isDamaged: (stream: string) => boolean,
    onProgress: (events: number) => void,
  ): Promise<void> {
    let done = 0;
    for (const stream of rows.streams) {
      if (!stream.startsWith(agencyStream('')) || isDamaged(stream)) continue;
      try {
        done = await this.#runStream(rows, stream, done, onProgress);
      } catch (error) {
        const why = errorInBoth(error);
        this.#findings.damage(
          'decisions',
          { stream },
          { en: `its events cannot be folded: ${why.en}`, zh: `其事件无法计算：${why.zh}` },
        );
      }
    }
    this.#findings.counted('decisions', this.#appends, 'commands on agencies');
  }

  async #runStream(
    rows: StoredRows,
    stream: string,
    from: number,
    onProgress: (events: number) => void,
  ): Promise<number> {
    let history = agency.emptyHistory();
    const recorded: StreamEvent<'agency'>[] = [];
    for await (const { events, position } of appendsOf(rows, stream)) {
      const [first] = events;
      if (first === undefined) continue;
      recorded.push(...events);
      this.#appends += 1;
      if (this.#appends % 1000 === 0) onProgress(from + recorded.length);
      const problem = this.#problemOf(events, first, position, history);
      if (problem === undefined) continue;
      this.#findings.damage('decisions', { stream, revision: first.revision, position }, problem);
      // What was decided again is folded in; what comes after is judged on what was recorded.
      history = recorded.reduce<AgencyHistory>(agency.evolve, agency.emptyHistory());
    }
    return from + recorded.length;
  }

  /** Decides what one command led to again. Without a problem, the history holds it then. */
  #problemOf(
    events: readonly StreamEvent<'agency'>[],
    first: StreamEvent<'agency'>,
    position: StoredRow['position'],
    history: AgencyHistory,
  ): InBoth | undefined {
    const decided = this.#decide(events, first, position, history);
    if ('en' in decided) return decided;
    for (const [index, recorded] of events.entries()) {
      const again = decided[index];
      if (again === undefined)
        return {
          en: `${recorded.type} does not follow from the events before it`,
          zh: `${recorded.type} 无法由此前的事件得出`,
        };
      const difference = differenceOf(recorded, again);
      if (difference !== undefined) return difference;
    }
    const missing = decided[events.length];
    return missing === undefined
      ? undefined
      : {
          en: `${missing.type} follows from it and was not recorded`,
          zh: `由此应得出 ${missing.type}，却没有记录`,
        };
  }

  #decide(
    events: readonly StreamEvent<'agency'>[],
    first: StreamEvent<'agency'>,
    position: StoredRow['position'],
    history: AgencyHistory,
  ): readonly AgencyEvent[] | InBoth {
    const { actor, causation, recordedAt } = first;
    const { mode } = this.#settings;
    const rulebooks = this.#rulebooks.before(position);
    const context: DecisionContext = {
      now: recordedAt,
      actor,
      mode,
      zone: this.#zone,
      rulebooks,
      // The command has it from the event: its id is known to nobody here.
      legalPersonOf: (legalPerson) => legalPerson as LegalPerson,
    };
    if (causation.command === 'ClockPassed') {
      const now = dueInstantOf(causation.commandId);
      return now === undefined
        ? {
            en: `its command id "${causation.commandId}" names no instant that passed`,
            zh: `其指令编号 "${causation.commandId}" 未指明已到的时点`,
          }
        : agency.passClock(history, { ...context, now }, recordedAt);
    }
    const command = commandOf(causation.command, events);
    if (command !== undefined && 'en' in command) return command;
    const problem = command && problemOf(command, context);
    if (problem !== undefined)
      return {
        en: `${causation.command} is invalid: ${problem.en}`,
        zh: `${causation.command} 无效：${problem.zh}`,
      };
    const decision =
      command !== undefined
        ? agency.execute(command, history, context)
        : agency.complete({ events: [withoutEnvelope(first)], findings: [] }, history, context);
    return decision.rejected === undefined
      ? decision.events
      : {
          en:
            `${causation.command} is refused with ${decision.rejected.code} ` +
            `after the events before it: ${decision.rejected.message.en}`,
          zh:
            `在此前的事件之后，${causation.command} 被拒绝（${decision.rejected.code}）：` +
            decision.rejected.message.zh,
        };
  }
}

/** The appends of a stream in order: events that stand together and come from one command. */
async function* appendsOf(rows: StoredRows, stream: string): AsyncGenerator<Append> {
  let events: StreamEvent<'agency'>[] = [];
  let position: StoredRow['position'] = 0;
  for await (const batch of rows.ofStream(stream)) {
    for (const row of batch) {
      const event = eventIn('agency', readEvent({ body: row.body ?? '' }));
      const last = events.at(-1)?.causation;
      const { command, commandId } = event.causation;
      if (last !== undefined && (last.command !== command || last.commandId !== commandId)) {
        yield { events, position };
        events = [];
      }
      if (events.length === 0) ({ position } = row);
      events.push(event);
    }
  }
  yield { events, position };
}

/** The instant in the command id of what fell due: `clock/d3@2019-06-09T16:00:00.000Z`. */
function dueInstantOf(commandId: string): Instant | undefined {
  return parseInstant(commandId.slice(commandId.indexOf('@') + 1));
}

const decidedMembers = [
  'data',
  'occurredAt',
  'effectiveAt',
  'decidedAt',
  'notifiedAt',
  'rulebook',
] as const;

/** The parts of a recorded decision that come out differently now. */
function differenceOf(recorded: StreamEvent<'agency'>, again: AgencyEvent): InBoth | undefined {
  if (recorded.type !== again.type)
    return {
      en: `${recorded.type} was recorded, and ${again.type} follows from the events before it`,
      zh: `记录的是 ${recorded.type}，而由此前的事件应得出 ${again.type}`,
    };
  for (const member of decidedMembers) {
    const [was, is] = [textOf(recorded[member]), textOf(again[member])];
    if (was !== is)
      return {
        en: `${recorded.type}: its ${member} is ${was}, and comes out as ${is}`,
        zh: `${recorded.type}：其 ${member} 为 ${was}，而重新判定得出 ${is}`,
      };
  }
  return undefined;
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : canonicalJson(value);
}

/** The act as it was decided, for one whose numbers are not computed again. */
function withoutEnvelope<Type extends AgencyEvent['type']>({
  type,
  data,
  effectiveAt,
  rulebook,
}: EventOf<Type>): NewEventOf<Type> {
  return {
    type,
    data,
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(rulebook !== undefined && { rulebook }),
  };
}
