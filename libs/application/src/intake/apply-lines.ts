import { readCommandLine, type CommandLine, type InBoth, joined } from '@penalty-ledger/ledger';
import type { SendCommands } from '../bus/messages.js';
import type { TimedLine } from '../recording/command-executor.js';
import { rejected, type Outcome } from '../recording/outcome.js';
import type { ReadText } from './file-lines.js';
import type { LineRules, TimeLine } from './line-rules.js';

/** A line, and its outcome. */
export interface LineOutcome<Text extends ReadText = ReadText> {
  readonly text: Text;
  readonly outcome: Outcome;
}

/** A refusal of a line before it reaches the ledger. */
export interface LineRefusal {
  readonly code: string;
  readonly message: InBoth;
}

/** Gives the line that is to be sent, with its actor, or refuses it. */
export type AuthorizeLine = (line: CommandLine) => CommandLine | LineRefusal;

/** The way of lines that can be read. */
export interface LineTarget {
  /**
   * Asked for each batch of lines before any of them is looked at. A refusal is the outcome of the
   * whole batch, readable or not. Left out: every line is sent as it is.
   */
  readonly authorize?: () => Promise<AuthorizeLine | LineRefusal>;
  /** Calls may overlap; their commands must take effect in the order of the calls. */
  readonly send: SendCommands;
}

type Read<Text> = IteratorResult<readonly Text[], unknown>;
type Outcomes<Text extends ReadText> = readonly LineOutcome<Text>[];

interface Waiting<Text extends ReadText> {
  readonly outcomes: Promise<Outcomes<Text>>;
  /** Resolves with the outcomes, even when they fail: the failure is thrown in its turn. */
  readonly settled: Promise<undefined>;
}

/** While one batch becomes durable the next is read and decided; more would only be held. */
const batchesInFlight = 2;

/**
 * Makes commands of lines, sends them in order, and yields the outcomes in order, batch by batch,
 * each as soon as it is known: a writer that waits for an outcome before its next line gets it.
 * A wrong line has an outcome like any other.
 *
 * @param lines batches of lines that came together, from `readLines` or `readSheet`
 * @throws what stops the ledger; all outcomes yielded before are durable
 */
export async function* applyLines<Text extends ReadText>(
  lines: AsyncIterable<readonly Text[]>,
  rules: LineRules,
  { authorize, send }: LineTarget,
): AsyncGenerator<Outcomes<Text>> {
  const source: AsyncIterator<readonly Text[], unknown> = lines[Symbol.asyncIterator]();
  const waiting: Waiting<Text>[] = [];
  let reading: Promise<Read<Text>> | undefined = source.next();
  try {
    while (reading !== undefined || waiting.length > 0) {
      const [first] = waiting;
      const read: Read<Text> | undefined =
        waiting.length >= batchesInFlight
          ? undefined
          : await Promise.race([reading, first?.settled].filter((one) => one !== undefined));
      if (read?.done === true) {
        reading = undefined;
      } else if (read !== undefined) {
        const authorized = await authorize?.();
        waiting.push(waitFor(applyBatch(read.value, rules, send, authorized)));
        reading = source.next();
        // A failure to read is thrown when it is waited for.
        reading.catch(() => undefined);
      } else if (first !== undefined) {
        waiting.shift();
        yield await first.outcomes;
      }
    }
  } finally {
    // Not waited for: a source that is still waiting for input would end only with that.
    source.return?.().catch(() => undefined);
  }
}

function waitFor<Text extends ReadText>(outcomes: Promise<Outcomes<Text>>): Waiting<Text> {
  return {
    outcomes,
    settled: outcomes.then(
      () => undefined,
      () => undefined,
    ),
  };
}

const asItIs: AuthorizeLine = (line) => line;

/** Sends the lines of a batch that can be read as one message, before anything is waited for. */
async function applyBatch<Text extends ReadText>(
  texts: readonly Text[],
  rules: LineRules,
  send: SendCommands,
  authorized: AuthorizeLine | LineRefusal = asItIs,
): Promise<Outcomes<Text>> {
  const timed = rules.together();
  const read = texts.map((text) =>
    isRefusal(authorized) ? authorized : readLine(text, timed, authorized, rules),
  );
  const commands = read.filter((each): each is TimedLine => !isRefusal(each));
  const outcomes = (commands.length === 0 ? [] : await send(commands)).values();
  return texts.map((text, index) => {
    const each = read[index];
    const outcome =
      each !== undefined && isRefusal(each)
        ? rejected(each.code, each.message)
        : outcomes.next().value;
    if (outcome === undefined) throw new Error(`line ${String(text.line)} has no outcome`);
    return { text, outcome };
  });
}

function readLine(
  text: ReadText,
  timed: TimeLine,
  authorize: AuthorizeLine,
  rules: LineRules,
): TimedLine | LineRefusal {
  if (text.problem !== undefined) return invalid(text.problem);
  const read = readCommandLine(text.value);
  const when = timed(read.problems === undefined ? read.line : undefined, text.value);
  if (read.problems !== undefined) return invalid(joined(read.problems));
  if ('problem' in when) return invalid(when.problem);
  const line = authorize(read.line);
  if (isRefusal(line)) return line;
  // Once its sender is known: the sender is part of what a line says.
  const identified = rules.identified(line);
  return 'problem' in identified
    ? invalid(identified.problem)
    : { line: identified, now: when.now };
}

function invalid(message: InBoth): LineRefusal {
  return { code: 'invalid', message };
}

function isRefusal(each: object): each is LineRefusal {
  return 'code' in each;
}
