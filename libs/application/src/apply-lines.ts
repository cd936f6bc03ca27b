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
import type { Clock } from './clock.js';
import type { ReadText } from './lines.js';
import { messageOf } from './messages.js';
import { rejected, type Outcome } from './outcome.js';

/** What came of a line. */
export interface LineOutcome {
  readonly line: number;
  readonly outcome: Outcome;
}

/** How lines become commands: whose clock they run under, and what they may say. */
export interface LineRules {
  /**
   * Reads the line's own instant and id. `undefined` for `now`: the line does not say when it is.
   */
  timed(
    line: CommandLine | undefined,
    value: unknown,
    text: ReadText,
  ): { readonly now: Instant; readonly commandId?: string } | { readonly problem: string };
}

/**
 * A simulation: the clock is the lines' `at`, which never decreases (interchange §2). A line that says nothing of use still moves it,
 * as long as its `at` can be read.
 */
export function simulationRules(from: Instant): LineRules & { readonly clock: Instant } {
  let clock = from;
  return {
    get clock() {
      return clock;
    },
    timed(line, value) {
      const at = line?.at ?? instantOfLine(value);
      if (at === undefined) return { problem: 'line.at: missing; a simulation runs under the clock of its lines' };
      if (at < clock)
        return { problem: `line.at: ${at} is before ${clock}, where the clock already stands; it never decreases` };
      clock = at;
      return { now: at };
    },
  };
}

/**
 * An import into a real ledger: `at` is refused, and a line without an id of its own gets one from everything the file holds up to its end,
 * so that the same file can be imported again, or further, and nothing is recorded twice.
 */
export function importRules(clock: Clock): LineRules {
  const soFar = createHash('sha256');
  return {
    timed(line, value, { bytes }) {
      soFar.update(bytes).update('\n');
      if (line?.at !== undefined || instantOfLine(value) !== undefined) {
        return { problem: 'line.at: refused; an import is recorded now, and only a simulation has a clock of its own' };
      }
      const hasOwnId = line === undefined || creationOf(line.command) !== undefined;
      return { now: clock.now(), ...(!hasOwnId && { commandId: `import:${soFar.copy().digest('hex').slice(0, 48)}` }) };
    },
  };
}

/** Lines judged and not yet acknowledged, about: enough to fill a group commit, few enough to hold. */
const inFlight = 512;

type Read = IteratorResult<readonly ReadText[], unknown>;

interface Waiting {
  readonly line: number;
  readonly outcome: Promise<Outcome>;
  /** Resolves when the outcome is known, even if it is a failure: that is thrown when its turn comes. */
  readonly settled: Promise<undefined>;
}

/**
 * Puts lines through the command bus, in order, and gives their outcomes in order, each as soon as it is known: whoever writes a line and
 * waits for its outcome gets it. A wrong line is an outcome like any other.
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
        waiting.length >= inFlight
          ? undefined
          : await Promise.race([reading, first?.settled].filter((one) => one !== undefined));
      if (read?.done === true) {
        reading = undefined;
      } else if (read !== undefined) {
        for (const text of read.value) waiting.push(waitFor(text.line, judge(text, rules, bus)));
        reading = source.next();
        // A failure to read is thrown when it is waited for.
        reading.catch(() => undefined);
      } else if (first !== undefined) {
        waiting.shift();
        yield { line: first.line, outcome: await first.outcome };
      }
    }
  } finally {
    // Not waited for: a source that is still waiting for input would end only with that.
    source.return?.().catch(() => undefined);
  }
}

function waitFor(line: number, outcome: Promise<Outcome>): Waiting {
  return {
    line,
    outcome,
    settled: outcome.then(
      () => undefined,
      () => undefined,
    ),
  };
}

async function judge(text: ReadText, rules: LineRules, bus: CommandBus): Promise<Outcome> {
  if (text.problem !== undefined) return rejected('invalid', text.problem);
  const read = readCommandLine(text.value);
  const timed = rules.timed(read.problems === undefined ? read.line : undefined, text.value, text);
  if (read.problems !== undefined) return rejected('invalid', read.problems.join('; '));
  if ('problem' in timed) return rejected('invalid', timed.problem);
  const { line } = read;
  const commandId = line.commandId ?? timed.commandId;
  return bus.execute(messageOf({ ...line, ...(commandId !== undefined && { commandId }) }, timed.now));
}

/** Where a simulation starts before its first line says so. */
export const simulationStart = earliestInstant;
