import { spawnSync } from 'node:child_process';
import { sameInBoth, type InBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { KeysFileError, oneLine, readPassphrase, secretByteLimit } from './secret-file.js';

/** The way to the passphrase that protects a key file. */
export interface KeySecret {
  /** For messages: `LEDGER_KEYS_PASSPHRASE_FILE`. */
  readonly from: string;
  /** Tells places apart. */
  readonly source: string;
  /** @throws KeysFileError */
  read(): string;
}

/** The time that a command has to print a passphrase. A person may have to touch a device. */
const commandTimeoutMs = 30_000;

const wanted: InBoth = {
  en: 'give a program and its arguments: "age -d -i id.txt phrase.age", or a list in JSON',
  zh: '请给出程序及其参数："age -d -i id.txt phrase.age"，或 JSON 列表',
};

/** Asks a person for the passphrase of a key file. */
export type AskPassphrase = (path: string) => string;

let person: AskPassphrase | undefined;

/** Sets the way to ask at the terminal of this process, for when nothing else gives it. */
export function askPersonBy(ask: AskPassphrase): void {
  person = ask;
}

/**
 * The passphrase's place that the environment names; `undefined` where it names none.
 *
 * @throws KeysFileError when it names two
 */
export function secretIn(environment: NodeJS.ProcessEnv = process.env): KeySecret | undefined {
  const file = environment['LEDGER_KEYS_PASSPHRASE_FILE'] ?? '';
  const command = environment['LEDGER_KEYS_COMMAND'] ?? '';
  if (file !== '' && command !== '')
    throw new KeysFileError({
      en: 'set LEDGER_KEYS_PASSPHRASE_FILE or LEDGER_KEYS_COMMAND, not both',
      zh: 'LEDGER_KEYS_PASSPHRASE_FILE 和 LEDGER_KEYS_COMMAND 只能设置一个',
    });
  if (file !== '') return secretOfFile('LEDGER_KEYS_PASSPHRASE_FILE', file);
  return command === '' ? undefined : secretOfCommand('LEDGER_KEYS_COMMAND', command);
}

/** The passphrase that a person gives; `undefined` where nobody can be asked. */
export function secretOfPerson(path: string): KeySecret | undefined {
  const ask = person;
  return ask === undefined
    ? undefined
    : { from: 'the terminal', source: '', read: () => ask(path) };
}

/** A passphrase in a file. @param from the setting that names it */
export function secretOfFile(from: string, file: string): KeySecret {
  return { from, source: `file ${file}`, read: () => readPassphrase(file) };
}

/**
 * A passphrase that a program prints as one line: for a key management service or a token. It runs
 * without a shell, and its time and its output are bounded.
 *
 * @param from the setting that names it
 */
export function secretOfCommand(from: string, command: string): KeySecret {
  return { from, source: `command ${command}`, read: () => printedBy(from, command) };
}

/** @throws KeysFileError */
function printedBy(from: string, command: string): string {
  const [program = '', ...given] = wordsOf(from, command);
  const { error, signal, status, stdout, stderr } = spawnSync(program, given, {
    encoding: 'utf8',
    killSignal: 'SIGKILL',
    maxBuffer: secretByteLimit,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: commandTimeoutMs,
  });
  // Null when the program did not begin.
  const text = (stderr as string | null)?.trim() ?? '';
  const said: InBoth =
    text === ''
      ? sameInBoth('')
      : { en: `; it says ${shown(text, 300)}`, zh: `；其输出为 ${shown(text, 300)}` };
  const about = `${from}: ${shown(program)}`;
  // What it printed can be half of a passphrase: it is not repeated.
  if (error !== undefined) {
    const { code = error.message } = error as NodeJS.ErrnoException;
    const problem: InBoth =
      code === 'ETIMEDOUT'
        ? {
            en: `did not end within ${String(commandTimeoutMs / 1_000)} s`,
            zh: `未在 ${String(commandTimeoutMs / 1_000)} 秒内结束`,
          }
        : code === 'ENOBUFS'
          ? {
              en: `prints more than ${secretByteLimit} bytes, the limit of a secret`,
              zh: `输出超过 ${secretByteLimit} 字节，即机密的上限`,
            }
          : { en: `cannot be run: ${code}`, zh: `无法运行：${code}` };
    throw new KeysFileError(
      {
        en: `${about} ${problem.en}${said.en}`,
        zh: `${about} ${problem.zh}${said.zh}`,
      },
      wanted,
    );
  }
  if (status !== 0)
    throw new KeysFileError(
      {
        en: `${about} ended with ${String(signal ?? status)}${said.en}`,
        zh: `${about} 以 ${String(signal ?? status)} 结束${said.zh}`,
      },
      wanted,
    );
  const line = oneLine(stdout);
  if (line === undefined)
    throw new KeysFileError(
      {
        en: `${about} must print one line with a passphrase${said.en}`,
        zh: `${about} 必须打印一行口令${said.zh}`,
      },
      wanted,
    );
  return line;
}

/** The program and its arguments: separated by spaces, or a list in JSON. */
function wordsOf(from: string, command: string): readonly string[] {
  if (!command.trimStart().startsWith('[')) return command.trim().split(/\s+/);
  let list: unknown;
  try {
    list = JSON.parse(command);
  } catch {
    list = undefined;
  }
  if (Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === 'string'))
    return list;
  throw new KeysFileError(
    {
      en: `${from}: ${shown(command)} is not a list of texts in JSON`,
      zh: `${from}：${shown(command)} 不是 JSON 的文本列表`,
    },
    wanted,
  );
}
