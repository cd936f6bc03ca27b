import { Option, type Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';

interface ServeOptions {
  readonly store: string;
  readonly host?: string;
  readonly port?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'serve', {
    summary: 'serve the HTTP API and its documentation',
    details:
      'Makes a new ledger where there is none, prints where everything is, and gives the first ' +
      "administrator's API key once: on a terminal, else in a file of mode 0600. It listens on " +
      'this machine only, unless --host says otherwise. Other settings are LEDGER_ variables ' +
      '(docs/http-api.md). An interrupt ends it, after it has answered the commands that it took.',
    examples: ['serve', 'serve --store sqlite:./data/ledger.db --port 9000'],
  })
    .addOption(
      new Option('--port <port>', 'the port to listen on; 0 takes a free one (default: 8080)').env(
        'LEDGER_PORT',
      ),
    )
    .addOption(
      new Option('--host <address>', 'the address to listen on (default: 127.0.0.1)').env(
        'LEDGER_HOST',
      ),
    )
    .addOption(storeOption())
    .action(async ({ store, host, port }: ServeOptions) => {
      const { readSettings, run } = await import('@penalty-ledger/api');
      await run(
        readSettings({ ...process.env, LEDGER_STORE: store, LEDGER_HOST: host, LEDGER_PORT: port }),
      );
    });
}
