import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { UsageError } from './exit-codes.js';
import { said } from './language.js';

const maxBytes = 1_024;

const keys = { interrupt: 3, end: 4, backspace: 8, lineFeed: 10, enter: 13, erase: 127 } as const;

/**
 * Asks a person for a passphrase at this process's terminal, and shows nothing of it.
 *
 * It waits without giving way: a key file is opened in one step, and nothing else can go on without
 * it.
 *
 * @throws UsageError without a terminal, and when the person gives none
 */
export function askPassphrase(question: string): string {
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r+');
  } catch {
    throw new UsageError(
      said('there is no terminal to ask for a passphrase', '没有可供输入口令的终端'),
      said(
        'give it in a file or by a program: "ledger keys --help"',
        '请用文件或程序提供口令："ledger keys --help"',
      ),
    );
  }
  // Of its own: the stream makes its descriptor return at once, and this one has to wait.
  const mode = new ReadStream(openSync('/dev/tty', 'r'));
  try {
    // Before the question: what is typed at once must not be shown either.
    mode.setRawMode(true);
    writeSync(terminal, `${question}: `);
    return typedAt(terminal);
  } finally {
    mode.setRawMode(false);
    mode.destroy();
    writeSync(terminal, '\n');
    closeSync(terminal);
  }
}

/** Asks for a new passphrase, twice. @throws UsageError */
export function askNewPassphrase(): string {
  const passphrase = askPassphrase(said('new passphrase', '新口令'));
  if (askPassphrase(said('the same again', '再输入一次')) === passphrase) return passphrase;
  throw new UsageError(
    said('the two passphrases differ; nothing was changed', '两次输入的口令不同；未作任何更改'),
  );
}

function typedAt(terminal: number): string {
  const typed: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    const byte = readSync(terminal, one) === 0 ? keys.end : (one[0] ?? keys.end);
    if (byte === keys.enter || byte === keys.lineFeed || byte === keys.end) break;
    if (byte === keys.interrupt)
      throw new UsageError(said('no passphrase was given', '未输入口令'));
    if (byte === keys.backspace || byte === keys.erase) removeCharacter(typed);
    else if (typed.length < maxBytes) typed.push(byte);
  }
  const text = Buffer.from(typed).toString('utf8');
  if (text === '') throw new UsageError(said('no passphrase was given', '未输入口令'));
  return text;
}

/** Removes the last character, of one byte or more. */
function removeCharacter(typed: number[]): void {
  let byte = typed.pop();
  while (byte !== undefined && (byte & 0xc0) === 0x80) byte = typed.pop();
}
