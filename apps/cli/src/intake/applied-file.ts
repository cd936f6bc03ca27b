import {
  applyLines,
  importRules,
  openLedger,
  simulationRules,
  simulationStart,
  systemClock,
  type LineOutcome,
  type LineRules,
  type OpenedLedger,
  type ReadText,
} from '@penalty-ledger/application';
import { instantOfLine, type Instant, type Mode } from '@penalty-ledger/ledger';
import { openCommands, type CommandFile, type FileOptions } from './command-file.js';
import { exitCodes } from '../terminal/exit-codes.js';
import { note, printLine } from '../terminal/io.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import { RefusedReport } from './refused-report.js';
import { Tally } from './tally.js';

export interface ApplyOptions extends FileOptions {
  readonly store: string;
  readonly mode?: Mode;
  readonly strict?: true;
  /** Where refused lines are reported. */
  readonly refused?: string;
}

/** Opens a simulation ledger and applies a file under the clock of its lines. */
export async function simulateFile(file: string, options: ApplyOptions): Promise<void> {
  const commands = await openCommands(file, options);
  const { firstInstant, lines } = await peekInstant(commands.lines);
  const opened = await openLedger({
    ...openingOf(options),
    simulation: true,
    openedAt: firstInstant ?? simulationStart,
  });
  await closing(opened, async ({ ledger }) => {
    const from = ledger.clock;
    const rules = simulationRules(from);
    await applyFile(file, { ...commands, lines }, rules, opened, options);
    if (rules.clock > from) await ledger.rememberClock(rules.clock);
  });
}

/** Opens a real ledger and applies a file, recorded now. */
export async function importFile(file: string, options: ApplyOptions): Promise<void> {
  const commands = await openCommands(file, options);
  const opened = await openLedger({
    ...openingOf(options),
    simulation: false,
    openedAt: systemClock.now(),
  });
  await closing(opened, () => applyFile(file, commands, importRules(systemClock), opened, options));
}

function openingOf({ store, mode }: ApplyOptions): { url: string; mode?: Mode } {
  return { url: store, ...(mode !== undefined && { mode }) };
}

async function closing(
  opened: OpenedLedger,
  work: (opened: OpenedLedger) => Promise<void>,
): Promise<void> {
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

/** Held at most while looking for the first instant, about; a ledger whose file says no time for longer is opened at the earliest. */
const maxPeekedBytes = 8_000_000;
const bytesOfAnyLine = 200;

/** Finds the first readable `at` of a file, and gives all its lines nevertheless. */
export async function peekInstant<Text extends ReadText>(
  lines: AsyncGenerator<readonly Text[]>,
): Promise<{ readonly firstInstant?: Instant; readonly lines: AsyncGenerator<readonly Text[]> }> {
  const held: (readonly Text[])[] = [];
  let heldBytes = 0;
  while (heldBytes < maxPeekedBytes) {
    const next: IteratorResult<readonly Text[], unknown> = await lines.next();
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

async function* chained<Text>(
  first: readonly (readonly Text[])[],
  rest: AsyncGenerator<readonly Text[]>,
): AsyncGenerator<readonly Text[]> {
  yield* first;
  yield* rest;
}

async function applyFile(
  file: string,
  { input, lines, report }: CommandFile,
  rules: LineRules,
  { commands }: OpenedLedger,
  { strict, refused }: ApplyOptions,
): Promise<void> {
  const reporting =
    refused === undefined ? undefined : await RefusedReport.open(refused, file, report);
  const progress = startProgress({
    label: 'apply',
    unit: 'lines',
    total: input.bytes,
    besideData: true,
  });
  const tally = new Tally();
  try {
    // A reader of the outcomes who goes away does not interrupt: what a file says is recorded whole.
    for await (const outcome of applyLines(reporting?.watch(lines) ?? lines, rules, commands)) {
      await printLine(outcomeLine(outcome));
      tally.add(outcome);
      noteRejection(outcome, progress);
      await reporting?.note(outcome);
      progress.update(input.bytesRead(), outcome.line);
    }
  } finally {
    progress.stop();
    await reporting?.close();
    note(tally.text());
  }
  if (strict === true && tally.rejected > 0) process.exitCode = exitCodes.no;
}

/** The outcome line of interchange §2: these fields in this order, nothing else. */
function outcomeLine({ line, outcome: { status, code, events, findings } }: LineOutcome): string {
  return JSON.stringify({ line, status, code, events, findings });
}

function noteRejection(
  { line, outcome: { status, code, message } }: LineOutcome,
  progress: Progress,
): void {
  if (status === 'rejected') progress.note(`line ${String(line)}: ${code ?? ''}: ${message ?? ''}`);
}
