import type { InBoth } from '@penalty-ledger/application/language';
import {
  applyLines,
  damageCode,
  openLedger,
  openRehearsal,
  type LineOutcome,
  type LineRules,
  type OpenedLedger,
  type Outcome,
} from '@penalty-ledger/application';
import type { Instant, LedgerZone, Mode, Sentence } from '@penalty-ledger/ledger';
import { exitCodes } from '../terminal/exit-codes.js';
import { note, noteHint, printLine } from '../terminal/io.js';
import { refusalText } from '../terminal/refusal-text.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import type { CommandFile, FileOptions } from './command-file.js';
import { RefusedReport } from './refused-report.js';
import { Tally } from './tally.js';
import { said, saidIn } from '../terminal/language.js';

/** The options of a verb that applies a file. */
export interface IntakeOptions extends FileOptions {
  readonly store: string;
  readonly mode?: Mode;
  readonly strict?: true;
  /** The file for a report of refused lines. */
  readonly refused?: string;
  /** Prints each outcome on a terminal too. */
  readonly json?: true;
}

/**
 * Applies a file of commands to an open ledger. It prints each outcome, for a program, or on a
 * terminal shows its progress, and tells refusals and the tally in both cases.
 */
export async function applyFile(
  { file, lines, report, progress: read, titled, passedOver, readingRules }: CommandFile,
  rules: LineRules,
  { ledger: { settings, zone }, send }: OpenedLedger,
  { strict, refused, dryRun, json }: IntakeOptions,
): Promise<void> {
  const input = file === '-' ? said('standard input', '标准输入') : `"${file}"`;
  const printsOutcomes = json === true || isForProgram(file);
  const reporting =
    refused === undefined ? undefined : await RefusedReport.open(refused, file, report);
  const progress = startProgress({
    label: said('apply', '应用'),
    unit: said('lines', '行'),
    total: read().total,
    besideData: printsOutcomes,
  });
  // The outcome line of a simulation is the same, whenever it is run again.
  const sinceZone = settings.simulation ? undefined : zone;
  const tally = new Tally();
  let isDamaged = false;
  try {
    // The whole file is recorded, even if the reader of the outcomes goes away.
    for await (const batch of applyLines(lines, rules, { send })) {
      for (const given of batch) {
        const applied = { ...given, outcome: titledOutcome(given.outcome, titled) };
        if (printsOutcomes) await printLine(outcomeLine(applied, sinceZone));
        tally.add(applied.outcome);
        isDamaged ||= applied.outcome.code === damageCode;
        noteRejection(applied, readingRules, progress);
        await reporting?.note(applied);
        progress.update(read().done, applied.text.line);
      }
    }
  } finally {
    progress.stop();
    for (const text of passedOver()) note(saidIn(text));
    note(
      dryRun === true
        ? said(
            `${tally.text()}; a dry run, nothing was recorded`,
            `${tally.text()}；试运行，未作任何记录`,
          )
        : tally.text(),
    );
    if (sinceZone !== undefined && tally.knownSince !== undefined)
      note(
        said(
          `duplicates are known since ${sinceZone.format(tally.knownSince)}; ` +
            'to record an act that is meant again, give its line a commandId',
          `自 ${sinceZone.format(tally.knownSince)} 起可识别重复；确实要再次记录的行为，` +
            '请给该行加上 commandId',
        ),
      );
    if (!printsOutcomes && tally.findings > 0)
      // Lines that are recorded are duplicates the next time, and have no findings then.
      noteHint(
        dryRun === true
          ? said('--json prints the findings of each line', '--json 会打印每一行发现的问题')
          : said('"ledger findings" lists them', '"ledger findings" 列出这些问题'),
      );
    // Last, for an error of it would hide what was recorded.
    await reporting?.close();
  }
  if (tally.lines === 0)
    noteHint(
      said(
        `${input} has no line with a command: check that it is what you meant to give`,
        `${input} 中没有指令行：请确认是否给对了文件`,
      ),
    );
  if (isDamaged) process.exitCode = exitCodes.store;
  else if (strict === true && tally.rejected > 0) process.exitCode = exitCodes.no;
}

/**
 * Says whether outcomes are read by a program, or by a person who types commands and waits for
 * each. A person who gave a file would look for its refusals among thousands of lines.
 */
function isForProgram(file: string): boolean {
  return !process.stdout.isTTY || (file === '-' && process.stdin.isTTY);
}

function titledOutcome(outcome: Outcome, titled: (message: InBoth) => Sentence): Outcome {
  const { message } = outcome;
  return message === undefined ? outcome : { ...outcome, message: titled(message) };
}

/** Opens the ledger that the options name, or for a dry run a copy, which goes when it closes. */
export async function openForIntake(
  options: IntakeOptions,
  opening: { readonly simulation: boolean; readonly openedAt: Instant },
): Promise<OpenedLedger> {
  const { store: url, mode, dryRun } = options;
  const asked = { url, ...(mode !== undefined && { mode }), ...opening };
  if (dryRun !== true) return openLedger(asked);
  const progress = startProgress({ label: said('copy', '副本'), unit: said('events', '事件') });
  try {
    return await openRehearsal(asked, (_step, events) => {
      progress.update(events);
    });
  } finally {
    progress.stop();
  }
}

/**
 * The outcome line of interchange §2: these fields in this order, and `since` after them on the
 * duplicates of an import.
 */
function outcomeLine({ text: { line }, outcome }: LineOutcome, zone?: LedgerZone): string {
  const { status, code, events, findings, since } = outcome;
  return JSON.stringify({
    line,
    status,
    code,
    events,
    findings,
    ...(zone !== undefined && since !== undefined && { since: zone.format(since) }),
  });
}

function noteRejection(
  { text, outcome }: LineOutcome,
  readingRules: string | undefined,
  progress: Progress,
): void {
  const { status, code, message } = outcome;
  if (status === 'rejected')
    progress.note(
      said(
        `line ${String(text.line)}: ` +
          refusalText(
            code ?? '',
            message ?? '',
            text.problem === undefined ? undefined : readingRules,
          ),
        `第 ${String(text.line)} 行：` +
          refusalText(
            code ?? '',
            message ?? '',
            text.problem === undefined ? undefined : readingRules,
          ),
      ),
    );
}
