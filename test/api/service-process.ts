import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { firstTokenBy } from '../support/first-key.js';

const main = join(__dirname, '../../dist/service.js');

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** The administrator's, which only the first start says. */
  readonly token: string | undefined;
  /** The lines of its log so far. */
  readonly logged: readonly string[];
}

/**
 * Starts the program as people start it, over a ledger in a folder.
 *
 * @param maxFileKb the length to which the process can make files grow at first
 */
export async function startService(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  maxFileKb?: number,
): Promise<ServiceProcess> {
  const limit = maxFileKb === undefined ? '' : `ulimit -S -f ${String(maxFileKb)}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$1"`, process.execPath, main], {
    env: {
      ...process.env,
      LEDGER_STORE: `sqlite:${join(folder, 'ledger.db')}`,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const found: { url?: string | undefined; token?: string | undefined } = {};
  const logged: string[] = [];
  const said = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    said.on('line', (line) => {
      if (line.startsWith('{')) logged.push(line);
      found.url ??= /listens on (\S+)/.exec(line)?.[1];
      found.token ??= firstTokenBy(line);
      if (line.startsWith('open ')) resolve();
    });
    said.on('close', () => {
      reject(new Error('the service ended before it said where it listens'));
    });
  });
  const { url, token } = found;
  if (url === undefined) throw new Error('the service did not say where it listens');
  return { child, url, token, logged };
}
