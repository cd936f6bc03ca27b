import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { instantOf, ledgerZone, LedgerZone, type InBoth } from '@penalty-ledger/ledger';

/** The process that has a lock, as it wrote itself down. */
interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
}

/**
 * A note beside a lock that names its holder. It is not the lock: one that a killed process left
 * behind excludes nobody, and one that cannot be written or read only makes a message shorter.
 */
export class LockHolderNote {
  readonly #path: string;

  constructor(lockFile: string) {
    this.#path = `${lockFile}-holder`;
  }

  /** Names this process. Only who has the lock may call it. */
  write(): void {
    const holder: LockHolder = {
      pid: process.pid,
      host: hostname(),
      command: commandOf(process.argv),
    };
    try {
      writeFileSync(this.#path, JSON.stringify(holder), { mode: 0o600 });
    } catch {
      this.remove();
    }
  }

  /** Removes it. Only who has the lock may call it. */
  remove(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // The next holder replaces it.
    }
  }

  /** The holder and since when, in brackets; empty when nobody is named who is still there. */
  read(): InBoth {
    try {
      const file = statSync(this.#path);
      if (!file.isFile() || file.size > noteByteLimit) return nobody;
      const holder: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (!isHolder(holder)) return nobody;
      const { pid, host, command } = holder;
      if (host === hostname() && !isRunning(pid)) return nobody;
      const since = zone.format(instantOf(Math.floor(file.mtimeMs)));
      return {
        en: ` (process ${String(pid)} on "${host}", "${command}", since ${since})`,
        zh: `（主机 "${host}" 上的进程 ${String(pid)}，"${command}"，始于 ${since}）`,
      };
    } catch {
      return nobody;
    }
  }
}

const nobody: InBoth = { en: '', zh: '' };

const noteByteLimit = 4096;

/** Printable, and without the quotation marks that it is shown between. */
const shownText = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,255}$/u;

/** Says whether the note is in its form: anybody who may write beside the store can change it. */
function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, command } = value as Readonly<Record<keyof LockHolder, unknown>>;
  const isShown = (text: unknown): boolean =>
    typeof text === 'string' && shownText.test(text) && !text.includes('"');
  // 0 and below would name a group of processes.
  return Number.isSafeInteger(pid) && (pid as number) > 0 && isShown(host) && isShown(command);
}

const zone = new LedgerZone(ledgerZone, process.versions['tz'] ?? 'unknown');

/** The program and its verb; further arguments can hold the credentials of an engine. */
export function commandOf([, program = '', verb = '']: readonly string[]): string {
  const file = basename(program, '.js');
  const name = file === 'main' ? programOf(basename(dirname(dirname(program)))) : file;
  return /^[a-z][a-z-]*$/.test(verb) ? `${name} ${verb}` : name;
}

/** The program of a folder in `apps`: the command line is called `ledger`. */
function programOf(folder: string): string {
  return folder === 'cli' ? 'ledger' : folder;
}

/** Says whether a process of this host is there; one of another user counts too. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
