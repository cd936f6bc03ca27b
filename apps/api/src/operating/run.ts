import { locationOf } from '@penalty-ledger/application/store-url';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { firstKeyPath, writeFirstKey } from '../keys/first-key-file.js';
import { errorOutput } from './error-output.js';
import { takesWrites } from './disk-room.js';
import { serve, type Serving } from './lifetime.js';
import type { Settings } from './settings.js';

/** The interval between looks whether a failing disk ended the ledger, and takes writes again. */
const lookEveryMs = 2_000;

/**
 * Serves until SIGINT or SIGTERM, and writes what people need to know on standard error. When a
 * full or failing disk ended the ledger, everything is opened again once the disk takes writes.
 *
 * @throws as `serve`
 */
export async function run(settings: Settings): Promise<void> {
  let serving = await serve(settings);
  say(greeting(serving, settings));
  const ended = new AbortController();
  const { signal } = ended;
  const end = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal })));
  while ((await Promise.race([end, untilMended(serving, settings, signal)])) === 'mended') {
    say('the disk takes writes again: everything is closed and opened again');
    // What failed to be written was refused to its senders, and fails to close once more.
    await serving.close().catch(() => undefined);
    serving = await serve(settings);
    say(greeting(serving, settings));
  }
  ended.abort();
  say('closing: what was taken is finished, then a checkpoint is signed');
  await serving.close();
  // A reader who has stopped does not keep the process.
  if (!(await errorOutput.flush())) process.exit();
}

/** Resolves when the ledger has stopped because of its disk, which takes writes again. */
async function untilMended(
  serving: Serving,
  { store }: Settings,
  signal: AbortSignal,
): Promise<'mended'> {
  const folder = dirname(locationOf(store).readModels);
  for (let isSaid = false; ;) {
    await pause(lookEveryMs, undefined, { signal });
    if (!(await serving.hasStopped())) continue;
    if (!isSaid)
      say(
        'a file could not be written (the log says which), and no command is taken: ' +
          `make room in "${folder}", or mend the disk; the service then goes on by itself`,
      );
    isSaid = true;
    if (takesWrites(folder)) return 'mended';
  }
}

function say(text: string): void {
  errorOutput.write(`${text}\n`);
}

function greeting({ url, firstToken, verifierKey, role }: Serving, { store }: Settings): string {
  const location = locationOf(store);
  const { keys, readModels, log, access } = location;
  return [
    `penalty-ledger listens on ${url}`,
    `  events       ${location.engine === 'sqlite' ? location.events : location.url}`,
    `  keys         ${keys} (keep a copy: without it names and texts are unreadable, ` +
      'and nothing can be signed)',
    `  read models  ${readModels}`,
    `  Merkle log   ${log}`,
    `  access       ${access}`,
    `  verifier key ${verifierKey ?? "not in this node's key file"}`,
    ...(role === 'writer'
      ? []
      : ['  role         reader: another node takes commands, until its lease is free']),
    ...(firstToken === undefined ? [] : firstKeyLines(firstToken, access)),
    `open ${url}/docs next`,
  ].join('\n');
}

/**
 * Shows the first administrator's key to a person at a terminal. Anything else that standard error
 * leads to keeps what it is given, and is read by others: there only the file is named.
 */
function firstKeyLines(token: string, accessPath: string): readonly string[] {
  if (process.stderr.isTTY)
    return [
      `  the first administrator's API key, shown this once and stored only as a hash:`,
      `    ${token}`,
    ];
  const path = firstKeyPath(accessPath);
  try {
    writeFirstKey(path, token);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return [
      `  first key    not written: ${problem}; make one with ` +
        '"ledger api-keys issue --role administrator --label NAME"',
    ];
  }
  return [`  first key    ${path} (the first administrator's, mode 0600: take it, and delete it)`];
}
