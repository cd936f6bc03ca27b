import {
  applyLines,
  importRules,
  openLedger,
  readLines,
  simulationRules,
  simulationStart,
  systemClock,
  type LineOutcome,
  type LineRules,
  type OpenedLedger,
  type ReadText,
} from '@penalty-ledger/application';
import { instantOfLine, type Instant, type Mode } from '@penalty-ledger/ledger';
import { exitCodes } from './exit-codes.js';
import { openInput, type Input } from './input.js';
import { note, printLine } from './io.js';
import { startProgress, type Progress } from './progress.js';
import { Tally } from './tally.js';

export interface ApplyOptions {
  readonly store: string;
  readonly mode?: Mode;
  readonly strict?: true;
}

/** Opens a simulation ledger and applies a file under the clock of its lines. */
export async function simulateFile(file: string, options: ApplyOptions): Promise<void> {
  const input = await openInput(file);
  const { firstInstant, lines } = await peekInstant(readLines(input.chunks));
  const opened = await openLedger({
    ...openingOf(options),
    simulation: true,
    openedAt: firstInstant ?? simulationStart,
  });
  await closing(opened, async ({ ledger }) => {
    const from = ledger.clock;
    const rules = simulationRules(from);
    await applyInput(input, lines, rules, opened, options);
    if (rules.clock > from) await ledger.rememberClock(rules.clock);
  });
}

/** Opens a real ledger and applies a file, recorded now. */
export async function importFile(file: string, options: ApplyOptions): Promise<void> {
  const input = await openInput(file);
  const opened = await openLedger({ ...openingOf(options), simulation: false, openedAt: systemClock.now() });
  await closing(opened, () => applyInput(input, readLines(input.chunks), importRules(systemClock), opened, options));
}

function openingOf({ store, mode }: ApplyOptions): { url: string; mode?: Mode } {
  return { url: store, ...(mode !== undefined && { mode }) };
}

async function closing(opened: OpenedLedger, work: (opened: OpenedLedger) => Promise<void>): Promise<void> {
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

/** Held at most while looking for the first instant, about; a ledger whose file says no time for longer is opened at the earliest. */
const peekedBytesMost = 8_000_000;
const bytesOfAnyLine = 200;

/** Finds the first readable `at` of a file, and gives all its lines nevertheless. */
export async function peekInstant(
  lines: AsyncGenerator<readonly ReadText[]>,
): Promise<{ readonly firstInstant?: Instant; readonly lines: AsyncGenerator<readonly ReadText[]> }> {
  const held: (readonly ReadText[])[] = [];
  let heldBytes = 0;
  while (heldBytes < peekedBytesMost) {
    const next: IteratorResult<readonly ReadText[], unknown> = await lines.next();
    if (next.done === true) break;
    held.push(next.value);
    for (const text of next.value) {
      heldBytes += text.bytes.length + bytesOfAnyLine;
      const firstInstant = text.problem === undefined ? instantOfLine(text.value) : undefined;
      if (firstInstant !== undefined) return { firstInstant, lines: chained(held, lines) };
    }
  }
  return { lines: chained(held, lines) };
}

async function* chained(
  first: readonly (readonly ReadText[])[],
  rest: AsyncGenerator<readonly ReadText[]>,
): AsyncGenerator<readonly ReadText[]> {
  yield* first;
  yield* rest;
}

async function applyInput(
  input: Input,
  lines: AsyncIterable<readonly ReadText[]>,
  rules: LineRules,
  { commands }: OpenedLedger,
  { strict }: ApplyOptions,
): Promise<void> {
  const progress = startProgress({ label: 'apply', unit: 'lines', total: input.bytes, besideData: true });
  const tally = new Tally();
  try {
    // A reader of the outcomes who goes away does not interrupt: what a file says is recorded whole.
    for await (const outcome of applyLines(lines, rules, commands)) {
      await printLine(outcomeLine(outcome));
      tally.add(outcome);
      noteRejection(outcome, progress);
      progress.update(input.bytesRead(), outcome.line);
    }
  } finally {
    progress.stop();
    note(tally.text());
  }
  if (strict === true && tally.rejected > 0) process.exitCode = exitCodes.no;
}

/** The outcome line of interchange §2: these fields in this order, nothing else. */
function outcomeLine({ line, outcome: { status, code, events, findings } }: LineOutcome): string {
  return JSON.stringify({ line, status, code, events, findings });
}

function noteRejection({ line, outcome: { status, code, message } }: LineOutcome, progress: Progress): void {
  if (status === 'rejected') progress.note(`line ${String(line)}: ${code ?? ''}: ${message ?? ''}`);
}
