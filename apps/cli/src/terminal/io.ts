import { plain, plainLine } from '@penalty-ledger/application/printable';
import { once } from 'node:events';
import { said } from './language.js';

/** Standard output holds data, standard error everything else (interchange §1). */

const flushAt = 32_768;

let held = '';
let flushIsDue = false;
let readerGone = false;
let failure: Error | undefined;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') readerGone = true;
  else failure ??= error;
});
// Nobody reads it any more.
process.stderr.on('error', () => undefined);

/** True once the reader of standard output has gone (`ledger export | head`). */
export function isReaderGone(): boolean {
  return readerGone;
}

/** Prints data. Waits for a slow reader. */
export async function print(text: string): Promise<void> {
  held += text;
  if (held.length >= flushAt) return flush();
  if (flushIsDue) return;
  flushIsDue = true;
  setImmediate(() => void flush());
}

/** Prints a line of data. */
export function printLine(text: string): Promise<void> {
  return print(`${text}\n`);
}

/** Prints a page for people. Text from outside in it cannot steer their terminal. */
export function printPage(lines: readonly string[]): Promise<void> {
  return print(plain(`${lines.join('\n')}\n`));
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
  if (failure !== undefined)
    throw new Error(said(`standard output: ${failure.message}`, `标准输出：${failure.message}`), {
      cause: failure,
    });
}

async function flush(): Promise<void> {
  flushIsDue = false;
  const text = held;
  held = '';
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
