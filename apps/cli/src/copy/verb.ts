import { InvalidArgumentError, Option, type Command } from 'commander';
import { print, printJson } from '../terminal/io.js';
import { addVerb, jsonOption } from '../verb.js';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly keys: boolean;
  readonly leaseSeconds: number;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'copy', {
    summary: 'move a ledger to another engine or file, and verify the copy',
    details:
      'Copies every event in order, with the same bytes, ids and hashes, then the checkpoints, and compares both sides: events, heads, tree, ' +
      'read models, balances. Interrupted, run it again: it goes on. The target must be empty or hold the beginning of the same ledger; ' +
      'nobody may write to either meanwhile.',
    examples: [
      'copy --from sqlite:./data/ledger.db --to esdb://node1:2113',
      'copy --from $LEDGER_STORE --to sqlite:./copy/ledger.db',
    ],
  })
    .requiredOption('--from <url>', 'the ledger: sqlite:PATH, esdb://HOST or esdb+discover://HOST')
    .requiredOption('--to <url>', 'where the copy goes')
    .option('--no-keys', 'leave the keys out: they are brought another way')
    .addOption(
      new Option(
        '--lease-seconds <n>',
        'on an engine: how long after a kill the target stays closed to the next copy',
      )
        .env('LEDGER_LEASE_SECONDS')
        .default(15)
        .argParser(leaseSecondsIn),
    )
    .addOption(jsonOption())
    .action(async ({ from, to, keys, leaseSeconds, json = false }: CopyOptions) => {
      const { copyWithProgress } = await import('./ledger-copy.js');
      const { copyPage } = await import('./page.js');
      const copied = await copyWithProgress({ from, to, keys, termMs: leaseSeconds * 1_000 });
      return json ? printJson(copied) : print(`${copyPage(copied).join('\n')}\n`);
    });
}

/** The bounds are those of the service. */
function leaseSecondsIn(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 2 || seconds > 300)
    throw new InvalidArgumentError('Give seconds from 2 to 300.');
  return seconds;
}
