import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { firstTokenBy } from '../support/first-key.js';

const main = join(__dirname, '../../dist/service.js');

/** A node of a ledger in a process of its own, as people start it. */
export interface NodeProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** The first administrator's, which only the first start on a new access file says. */
  readonly token: string | undefined;
}

/** Starts a node whose files lie in a folder of its own; resolves when it listens. */
export async function startNode(store: string, folder: string, name: string): Promise<NodeProcess> {
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      LEDGER_STORE: store,
      LEDGER_ALLOW_INSECURE: '1',
      LEDGER_DATA: join(folder, name),
      LEDGER_KEYS: join(folder, 'shared.keys.db'),
      LEDGER_ACCESS: join(folder, 'shared.access.db'),
      LEDGER_LEASE_SECONDS: '4',
      LEDGER_CHECKPOINT_SECONDS: '1',
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let [url, token]: (string | undefined)[] = [];
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    url ??= /listens on (\S+)/.exec(line)?.[1];
    token ??= firstTokenBy(line);
    if (line.startsWith('open ')) break;
  }
  if (url === undefined)
    throw new Error(`the node did not say where it listens: ${said.join('\n')}`);
  child.stderr.resume();
  return { child, url, token };
}

/** Asks again and again until it is so. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    if (await isSo()) return;
    await pause(25);
  }
  throw new Error(`in fifteen seconds it was not so: ${what}`);
}
