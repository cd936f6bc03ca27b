import { createHash } from 'node:crypto';
import {
  creationOf,
  earliestInstant,
  instantOfLine,
  readCommandLine,
  type CommandLine,
  type Instant,
} from '@penalty-ledger/ledger';
import type { CommandBus } from '@nestjs/cqrs';
import type { Clock } from '../clock.js';
import type { ReadText } from './ndjson.js';
import type { TimedLine } from '../recording/command-executor.js';
import { LedgerCommands } from '../bus/messages.js';
import { rejected, type Outcome } from '../recording/outcome.js';

/** What came of a line. */
export interface LineOutcome {
  readonly line: number;
  readonly outcome: Outcome;
}

/** Reads a line's instant and the id it gets if it has none, or says why it may not be taken. `line` is missing when the line is no command. */
export type TimeLine = (
  line: CommandLine | undefined,
  value: unknown,
  text: ReadText,
) => { readonly now: Instant; readonly commandId?: string } | { readonly problem: string };

/** How lines become commands: whose clock they run under, and what they may say. */
export interface LineRules {
  /** For lines that have come together. */
  together(): TimeLine;
}

/**
 * A simulation: the clock is the lines' `at`, which never decreases (interchange §2). A line that says nothing of use still moves it,
 * as long as its `at` can be read.
 */
export function simulationRules(from: Instant): LineRules & { readonly clock: Instant } {
  let clock = from;
  const timed: TimeLine = (line, value) => {
    const at = line?.at ?? instantOfLine(value);
    if (at === undefined)
      return { problem: 'line.at: missing; a simulation runs under the clock of its lines' };
    if (at < clock)
      return {
        problem: `line.at: ${at} is before ${clock}, where the clock already stands; it never decreases`,
      };
    clock = at;
    return { now: at };
  };
  return {
    get clock() {
      return clock;
    },
    together: () => timed,
  };
}

/**
 * An import into a real ledger: `at` is refused, and a line without an id of its own gets one from everything the file holds up to its end,
 * so that the same file can be imported again, or further, and nothing is recorded twice.
 */
export function importRules(clock: Clock): LineRules {
  const soFar = createHash('sha256');
  return {
    together() {
      const now = clock.now();
      return (line, value, { bytes }) => {
        soFar.update(bytes).update('\n');
        if (line?.at !== undefined || instantOfLine(value) !== undefined) {
          return {
            problem:
              'line.at: refused; an import is recorded now, and only a simulation has a clock of its own',
          };
        }
        const hasOwnId = line === undefined || creationOf(line.command) !== undefined;
        return {
          now,
          ...(!hasOwnId && { commandId: `import:${soFar.copy().digest('hex').slice(0, 48)}` }),
        };
      };
    },
  };
}

type Read = IteratorResult<readonly ReadText[], unknown>;

interface Waiting {
  readonly outcomes: Promise<readonly LineOutcome[]>;
  /** Resolves when the outcomes are known, even if they are a failure: that is thrown when their turn comes. */
  readonly settled: Promise<undefined>;
}

/** While one batch of lines becomes durable the next is read and judged; more would only be held. */
const batchesInFlight = 2;

/**
 * Puts lines through the command bus, in order, and gives their outcomes in order, each as soon as it is known: whoever writes a line and
 * waits for its outcome gets it. Lines that come together are judged together. A wrong line is an outcome like any other.
 *
 * @throws what stops the ledger; every outcome given before that is durable
 */
export async function* applyLines(
  lines: AsyncIterable<readonly ReadText[]>,
  rules: LineRules,
  bus: CommandBus,
): AsyncGenerator<LineOutcome> {
  const source: AsyncIterator<readonly ReadText[], unknown> = lines[Symbol.asyncIterator]();
  const waiting: Waiting[] = [];
  let reading: Promise<Read> | undefined = source.next();
  try {
    while (reading !== undefined || waiting.length > 0) {
      const [first] = waiting;
      const read: Read | undefined =
        waiting.length >= batchesInFlight
          ? undefined
          : await Promise.race([reading, first?.settled].filter((one) => one !== undefined));
      if (read?.done === true) {
        reading = undefined;
      } else if (read !== undefined) {
        waiting.push(waitFor(judge(read.value, rules.together(), bus)));
        reading = source.next();
        // A failure to read is thrown when it is waited for.
        reading.catch(() => undefined);
      } else if (first !== undefined) {
        waiting.shift();
        yield* await first.outcomes;
      }
    }
  } finally {
    // Not waited for: a source that is still waiting for input would end only with that.
    source.return?.().catch(() => undefined);
  }
}

function waitFor(outcomes: Promise<readonly LineOutcome[]>): Waiting {
  return {
    outcomes,
    settled: outcomes.then(
      () => undefined,
      () => undefined,
    ),
  };
}

/** Judges lines that came together, those that can be read as one message. */
async function judge(
  texts: readonly ReadText[],
  timed: TimeLine,
  bus: CommandBus,
): Promise<readonly LineOutcome[]> {
  const read = texts.map((text) => readLine(text, timed));
  const commands = read.filter((each): each is TimedLine => !('problem' in each));
  const outcomes = (
    commands.length === 0 ? [] : await bus.execute(new LedgerCommands(commands))
  ).values();
  return texts.map(({ line }, index) => {
    const each = read[index];
    const problem = each !== undefined && 'problem' in each ? each.problem : undefined;
    const outcome = problem === undefined ? outcomes.next().value : rejected('invalid', problem);
    if (outcome === undefined)
      throw new Error(`line ${String(line)} was judged and has no outcome`);
    return { line, outcome };
  });
}

function readLine(text: ReadText, timed: TimeLine): TimedLine | { readonly problem: string } {
  if (text.problem !== undefined) return { problem: text.problem };
  const read = readCommandLine(text.value);
  const when = timed(read.problems === undefined ? read.line : undefined, text.value, text);
  if (read.problems !== undefined) return { problem: read.problems.join('; ') };
  if ('problem' in when) return when;
  const commandId = read.line.commandId ?? when.commandId;
  return { line: { ...read.line, ...(commandId !== undefined && { commandId }) }, now: when.now };
}

/** Where a simulation starts before its first line says so. */
export const simulationStart = earliestInstant;
