import { CommanderError, type Command } from 'commander';
import { commanderErrorText } from './terminal/commander-words.js';
import { endingOf, exitCodes } from './terminal/exit-codes.js';
import {
  beginOutput,
  finishPrinting,
  note,
  noteError,
  noteHint,
  printPage,
} from './terminal/io.js';
import { languageAsked, said, speak } from './terminal/language.js';
import { noteRebuilds } from './terminal/rebuild-note.js';
import { readableStore, readInCopy } from './ledger/read-only-ledger.js';
import { program } from './program.js';
import { askPassphrase } from './terminal/passphrase.js';
import { askPersonBy } from '@penalty-ledger/application/key-secret';

/**
 * Runs one command line. Its exit code is in `process.exitCode`.
 *
 * @param args the words after the program's name
 * @returns false when it ended with an error
 */
export async function runProgram(args: readonly string[]): Promise<boolean> {
  beginOutput();
  speak(languageAsked(args, process.env));
  try {
    await parse(args);
    await finishPrinting();
    return true;
  } catch (error) {
    await finishPrinting().catch(() => undefined);
    if (error instanceof CommanderError) tellUsage(error, args);
    else tell(error);
    return false;
  }
}

async function parse(args: readonly string[]): Promise<void> {
  const ledger = await program();
  // The service writes it into its own log.
  ledger.hook('preAction', (_, verb) => {
    if (verb.name() !== 'serve') noteRebuilds();
  });
  ledger.hook('preAction', (_, verb) => readInCopy(verb));
  if (process.stdin.isTTY && process.stderr.isTTY)
    askPersonBy((path) => askPassphrase(said(`passphrase of ${path}`, `${path} 的口令`)));
  const { operands, unknown } = ledger.parseOptions([...args]);
  if (operands.length === 0 && unknown.length === 0) await printOverview();
  else await ledger.parseAsync(helpMeant(ledger, operands) ?? [...args], { from: 'user' });
}

/**
 * Returns the command line that "help VERB" stands for: the help of a verb, or of a subcommand of
 * it; the unknown verb alone, which is refused with the nearest ones.
 */
function helpMeant(ledger: Command, [first, ...topic]: readonly string[]): string[] | undefined {
  const [verb] = topic;
  if (first !== 'help' || verb === undefined) return undefined;
  const found: Command[] = [];
  for (const name of topic) {
    const next = (found.at(-1) ?? ledger).commands.find((command) => command.name() === name);
    if (next === undefined) break;
    found.push(next);
  }
  return found.length === 0 ? [verb] : [...found.map((command) => command.name()), '--help'];
}

/** A help that was printed is an error of commander too, with exit code 0 or on standard error. */
function tellUsage(error: CommanderError, args: readonly string[]): void {
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error.exitCode === 0 || error.code === 'commander.help') return;
  const { wrong, meant } = commanderErrorText(error);
  noteError(wrong);
  if (meant !== undefined) note(meant);
  const [first = ''] = args;
  // An option of a verb that stands before it, as other programs take theirs.
  const isTooEarly =
    error.code === 'commander.unknownOption' && error.message.includes(`'${first}'`);
  noteHint(
    isTooEarly
      ? said(
          'options of a verb stand after it: ledger VERB --option; see --help',
          '动词的选项写在动词之后：ledger VERB --option；见 --help',
        )
      : said('see --help', '见 --help'),
  );
}

/** Says what is here and what to do next, for a command line without a verb. */
async function printOverview(): Promise<void> {
  const { defaultStoreUrl } = await import('@penalty-ledger/application/store-url');
  const { overviewOf } = await import('./overview/overview.js');
  const { beginningPage, overviewPage } = await import('./overview/page.js');
  const url = process.env['LEDGER_STORE'] ?? defaultStoreUrl;
  const read = await readableStore(url);
  const overview = await overviewOf(read);
  await printPage(overview === undefined ? beginningPage(url) : overviewPage({ ...overview, url }));
}

function tell(error: unknown): void {
  const { exitCode, message, hint } = endingOf(error);
  noteError(message);
  if (hint !== undefined) noteHint(hint);
  if (process.env['LEDGER_DEBUG'] === '1' && error instanceof Error)
    for (const line of (error.stack ?? '').split('\n')) note(line);
  process.exitCode = exitCode;
}
