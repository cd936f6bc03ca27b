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
    const holder: LockHolder = { pid: process.pid, host: hostname(), command: commandText() };
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

  /** The holder in words, and since when; `undefined` when nobody is named who is still there. */
  read(): InBoth | undefined {
    try {
      const { pid, host, command } = JSON.parse(readFileSync(this.#path, 'utf8')) as LockHolder;
      if (host === hostname() && !isRunning(pid)) return undefined;
      const since = zone.format(instantOf(Math.floor(statSync(this.#path).mtimeMs)));
      return {
        en: `process ${String(pid)} on "${host}", "${command}", since ${since}`,
        zh: `主机 "${host}" 上的进程 ${String(pid)}，"${command}"，始于 ${since}`,
      };
    } catch {
      return undefined;
    }
  }
}

const zone = new LedgerZone(ledgerZone, process.versions['tz'] ?? 'unknown');

/** The program and its verb; further arguments can hold the credentials of an engine. */
function commandText(): string {
  const [, program = '', verb = ''] = process.argv;
  const file = basename(program, '.js');
  const name = file === 'main' ? basename(dirname(dirname(program))) : file;
  return /^[a-z][a-z-]*$/.test(verb) ? `${name} ${verb}` : name;
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
