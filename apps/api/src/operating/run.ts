import { locationOf } from '@penalty-ledger/application/store-url';
import { once } from 'node:events';
import { serve, type Serving } from './lifetime.js';
import type { Settings } from './settings.js';

/**
 * Serves until SIGINT or SIGTERM, and writes what people need to know on standard error.
 *
 * @throws as `serve`
 */
export async function run(settings: Settings): Promise<void> {
  const serving = await serve(settings);
  process.stderr.write(`${greeting(serving, settings)}\n`);
  const ended = new AbortController();
  await Promise.race(
    ['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: ended.signal })),
  );
  ended.abort();
  process.stderr.write('closing: what was taken is finished, then a checkpoint is signed\n');
  await serving.close();
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
    ...(firstToken === undefined
      ? []
      : [
          `  the first administrator's API key, shown this once and stored only as a hash:`,
          `    ${firstToken}`,
        ]),
    `open ${url}/docs next`,
  ].join('\n');
}
