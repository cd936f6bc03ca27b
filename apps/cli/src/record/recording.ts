import { existsSync } from 'node:fs';
import {
  locationOf,
  openLedger,
  openReader,
  openRehearsal,
  systemClock,
  type LedgerReader,
  type Outcome,
  type Trial,
} from '@penalty-ledger/application';
import {
  readCommandLine,
  type CommandLine,
  type Instant,
  type LedgerCommand,
  type LedgerSettings,
  type LedgerZone,
  type Mode,
  joined,
  sameInBoth,
} from '@penalty-ledger/ledger';
import { ask, canAsk } from '../terminal/ask.js';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { note, noteError, noteHint, printJson } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { listed } from '../terminal/words.js';
import { inLedgerZone } from '../terminal/ledger-zone.js';
import { hintForRefused } from '../ledger/nearest-ids.js';
import { refusalText } from '../terminal/refusal-text.js';
import { printMarked } from '../terminal/simulation-mark.js';
import { trialPage } from './page.js';

/** The options of every verb that records a command. */
export interface RecordOptions {
  readonly store: string;
  readonly mode?: Mode;
  readonly by?: string;
  readonly commandId?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The manner in which one command is recorded. */
interface OneRecording {
  /** Knows a repetition by what it says, as that of the line of a file (interchange §2). */
  readonly knowsRepetition?: boolean;
  /** Runs once recording is agreed to, before anything is recorded. */
  readonly before?: () => Promise<void>;
}

/** Shows what one command would cause, asks for consent, and records it. @throws UsageError */
export async function recordOne(
  command: LedgerCommand['command'],
  data: object,
  options: RecordOptions,
  { knowsRepetition = false, before }: OneRecording = {},
): Promise<void> {
  const read = lineOf(command, data, options);
  const line = knowsRepetition && read.commandId === undefined ? { ...read, occurrence: 1 } : read;
  if (!(await consent([line], options))) return;
  await before?.();
  await recordEach(options, async (send) => {
    const outcome = await send(line);
    if (options.json === true) {
      const { status, code, events, findings } = outcome;
      await printJson({ status, code, events, findings });
    }
    tell(command, outcome);
  });
}

/** Reads a command and its data as the line of a file would be. @throws UsageError */
export function lineOf(
  command: LedgerCommand['command'],
  data: object,
  { by, commandId }: Pick<RecordOptions, 'by' | 'commandId'>,
): CommandLine {
  const read = readCommandLine({
    command,
    data,
    ...(by !== undefined && { by }),
    ...(commandId !== undefined && { commandId }),
  });
  if (read.problems === undefined) return read.line;
  throw new UsageError(
    refusalText('invalid', joined(read.problems)),
    said(`see "record ${command} --help"`, `参见 "record ${command} --help"`),
  );
}

/** A reason not to record what the ledger would take, and the way to go on. */
export interface Objection {
  readonly text: string;
  readonly hint: string;
}

/**
 * Tries commands, shows what they would cause, and asks whether to record them.
 *
 * @param objection what speaks against recording them, by what they would cause
 * @returns whether they are to be recorded; `false` also when the ledger would refuse one
 * @throws UsageError without a terminal and without `--yes`
 */
export async function consent(
  lines: readonly CommandLine[],
  { store, mode, yes = false, dryRun = false, json = false }: RecordOptions,
  objection: (outcomes: Trial['outcomes']) => Objection | undefined = () => undefined,
): Promise<boolean> {
  if (!yes && !dryRun && !canAsk())
    throw new UsageError(
      said('there is no terminal to ask whether to record this', '没有终端，无法询问是否记录'),
      said('give --yes to record it, or --dry-run to try it', '加 --yes 记录，或加 --dry-run 试行'),
    );
  const { trial, settings, zone, hint } = await tried(store, mode, lines);
  const refused = trial.outcomes.find(({ status }) => status === 'rejected');
  const against = objection(trial.outcomes);
  const isStopped = refused !== undefined || against !== undefined;
  if (json ? dryRun || isStopped : refused === undefined)
    await printMarked(settings, json, trial, () => trialPage(lines, trial, zone));
  if (against !== undefined) {
    noteError(against.text);
    noteHint(against.hint);
    process.exitCode = exitCodes.no;
    return false;
  }
  if (refused !== undefined) {
    tellRefusal(refused, hint);
    return false;
  }
  if (dryRun) {
    note(said('a dry run, nothing was recorded', '仅试行，未记录任何内容'));
    return false;
  }
  if (yes) return true;
  const answer = await ask(said('record it? [y/N]', '确认记录？[y/N]'));
  if (/^(?:y|yes|是)$/i.test((answer ?? '').trim())) return true;
  note(said('nothing was recorded', '未记录任何内容'));
  process.exitCode = exitCodes.no;
  return false;
}

/** The effects of commands on a ledger; and the ids nearest to those that are not in use. */
interface Tried {
  readonly trial: Trial;
  readonly settings: LedgerSettings;
  readonly zone: LedgerZone;
  readonly hint: string | undefined;
}

/** Tries commands on a ledger; one that does not exist yet is tried as a new one. */
async function tried(
  url: string,
  mode: Mode | undefined,
  lines: readonly CommandLine[],
): Promise<Tried> {
  const location = locationOf(url);
  const isNew = location.engine === 'sqlite' && !existsSync(location.events);
  const opened: { readonly reader: LedgerReader; close(): Promise<void> } = isNew
    ? await openRehearsal({ url, ...opening(mode) })
    : await openReader(url);
  try {
    const { reader } = opened;
    const { settings, zone } = reader;
    const trial = await reader.tryCommands(lines.map((line) => ({ line })));
    const refused = trial.outcomes.findIndex(({ status }) => status === 'rejected');
    const code = trial.outcomes[refused]?.code ?? null;
    const hint = await hintForRefused(code, lines[refused]?.dataAsSent, reader);
    return { trial, settings, zone, hint };
  } finally {
    await opened.close();
  }
}

/** Opens the ledger for as long as `work` takes, which sends commands one after another. */
export async function recordEach<Result>(
  { store, mode }: Pick<RecordOptions, 'store' | 'mode'>,
  work: (send: (line: CommandLine) => Promise<Outcome>) => Promise<Result>,
): Promise<Result> {
  const opened = await openLedger({ url: store, ...opening(mode) });
  try {
    return await work(async (line) => {
      const [outcome] = await opened.send([{ line, now: systemClock.now() }]);
      if (outcome === undefined) throw new RangeError('a command was recorded and has no outcome');
      return outcome;
    });
  } finally {
    await opened.close();
  }
}

function opening(mode: Mode | undefined) {
  return { simulation: false, openedAt: systemClock.now(), ...(mode !== undefined && { mode }) };
}

/** Says on standard error what became of a command. @returns whether it is in the ledger */
export function tell(command: string, outcome: Outcome): boolean {
  if (outcome.status === 'rejected') {
    tellRefusal(outcome);
    return false;
  }
  const { events, findings } = outcome;
  note(
    outcome.status === 'duplicate'
      ? recordedAlready(command, outcome.since)
      : said(`${command}: recorded ${listed(events)}`, `${command}：已记录 ${listed(events)}`),
  );
  if (findings.length > 0)
    note(said(`findings: ${listed(findings)}`, `发现的问题：${listed(findings)}`));
  return true;
}

function recordedAlready(command: string, since: Instant | undefined): string {
  if (since === undefined) return said(`${command}: recorded already`, `${command}：此前已记录`);
  const at = inLedgerZone(since);
  return said(`${command}: recorded already, ${at}`, `${command}：此前已记录，${at}`);
}

function tellRefusal({ code, message }: Pick<Outcome, 'code' | 'message'>, hint?: string): void {
  noteError(refusalText(code ?? '', message ?? sameInBoth('')));
  if (hint !== undefined) noteHint(hint);
  process.exitCode = exitCodes.no;
}
