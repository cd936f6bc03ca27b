import type { Command } from 'commander';
import { print, printJson } from '../io.js';
import { addVerb, jsonOption } from '../verb.js';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly keys: boolean;
  readonly json?: boolean;
}

export function addCopy(program: Command): void {
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
    .addOption(jsonOption())
    .action(async ({ from, to, keys, json = false }: CopyOptions) => {
      const { copyPage, copyWithProgress } = await import('../copying.js');
      const copied = await copyWithProgress(from, to, keys);
      return json ? printJson(copied) : print(`${copyPage(copied).join('\n')}\n`);
    });
}
