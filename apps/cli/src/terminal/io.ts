import { plain, plainLine } from '@penalty-ledger/application/printable';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { systemErrorText } from './reason.js';
import { said } from './language.js';

/** Standard output holds data, standard error everything else (interchange §1). */

const flushAt = 32_768;

/** The state of what one command line prints. */
interface Output {
  held: string;
  flushIsDue: boolean;
  readerGone: boolean;
  failure: Error | undefined;
  pagerIsWanted: boolean;
}

const newOutput = (): Output => ({
  held: '',
  flushIsDue: false,
  readerGone: false,
  failure: undefined,
  pagerIsWanted: true,
});

let output = newOutput();

/** Begins the output of a command line: nothing of one before it in this process holds for it. */
export function beginOutput(): void {
  output = newOutput();
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') output.readerGone = true;
  else output.failure ??= error;
});
// Nobody reads it any more.
process.stderr.on('error', () => undefined);

/** True once the reader of standard output has gone (`ledger export | head`). */
export function isReaderGone(): boolean {
  return output.readerGone;
}

/** Prints data. Waits for a slow reader. */
export async function print(text: string): Promise<void> {
  output.held += text;
  if (output.held.length >= flushAt) return flush();
  if (output.flushIsDue) return;
  output.flushIsDue = true;
  setImmediate(() => void flush());
}

/** Prints a line of data. */
export function printLine(text: string): Promise<void> {
  return print(`${text}\n`);
}

/** Says whether a page that is longer than the terminal goes through the reader's pager. */
export function usePager(isWanted: boolean): void {
  output.pagerIsWanted = isWanted;
}

/**
 * Prints a page for people, through a pager where it is longer than their terminal. Text from
 * outside in it cannot steer their terminal.
 */
export async function printPage(lines: readonly string[]): Promise<void> {
  const text = plain(`${lines.join('\n')}\n`);
  const { isTTY, rows } = process.stdout;
  // A terminal without a size or a kind shows no pager, which would wait for a key unseen.
  const isPlain = rows === 0 || ['', 'dumb'].includes(process.env['TERM'] ?? '');
  if (!output.pagerIsWanted || !isTTY || isPlain || lines.length < rows) return print(text);
  await flush();
  if (!pagedThrough(process.env['PAGER'] ?? 'less', text)) return print(text);
}

/** Shows a text in a pager; returns false when there is none, so that nothing was shown. */
function pagedThrough(pager: string, text: string): boolean {
  if (pager.trim() === '' || pager.trim() === 'cat') return false;
  // `less` ends at once with what fits, leaves the text on the screen, and shows colors.
  const { status, error } = spawnSync(pager, {
    shell: true,
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...process.env },
  });
  // 126 and 127 are the shell's: the program cannot be run, or is not there.
  return error === undefined && status !== 126 && status !== 127;
}

/** Prints a value as one line of JSON. */
export function printJson(value: unknown): Promise<void> {
  return printLine(JSON.stringify(value));
}

/** Prints what is held. @throws Error when printing failed, now or before */
export async function finishPrinting(): Promise<void> {
  await flush();
  // A pipe reports its failure a turn after the write.
  await new Promise(setImmediate);
  const { failure } = output;
  if (failure === undefined) return;
  const reason = systemErrorText(failure) ?? failure.message;
  throw new Error(said(`standard output: ${reason}`, `标准输出：${reason}`), { cause: failure });
}

/** Prints what is held, also before something else is shown on the terminal. */
export async function flush(): Promise<void> {
  output.flushIsDue = false;
  const { failure, held: text, readerGone } = output;
  output.held = '';
  if (text === '' || readerGone || failure !== undefined) return;
  if (process.stdout.write(text)) return;
  await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(
    () => undefined,
  );
}

/** Prints a message of one line for people. Text from outside in it cannot steer a terminal. */
export function note(text: string): void {
  process.stderr.write(`${plainLine(text)}\n`);
}

/** Prints what is wrong. */
export function noteError(text: string): void {
  note(said(`error: ${text}`, `错误：${text}`));
}

/** Prints what to do next. */
export function noteHint(text: string): void {
  note(said(`hint: ${text}`, `提示：${text}`));
}
