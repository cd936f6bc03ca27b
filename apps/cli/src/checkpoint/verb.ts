import type { Command } from 'commander';
import { note, print, printJson } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

interface CheckpointOptions extends AskOptions {
  readonly list?: boolean;
  readonly rebuild?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'checkpoint', {
    summary: 'sign everything recorded so far',
    details:
      'Prints a signed checkpoint (C2SP tlog-checkpoint): the size and the root of the Merkle ' +
      'tree over all events. Without new events it prints the last one again. Keep a copy where ' +
      'the operator of this ledger cannot change it: what it signs cannot be denied later. ' +
      '"import" and "simulate" sign one when they end; the log keeps all of them.',
    examples: ['checkpoint > june.checkpoint', 'checkpoint --list'],
  })
    .option('--list', 'list the checkpoints signed so far, without signing')
    .option('--rebuild', 'build the tree again from the events first; checkpoints stay')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async ({ store, json = false, list = false, rebuild = false }: CheckpointOptions) => {
      const { listCheckpoints, signCheckpoint } = await import('./signed-checkpoint.js');
      const { checkpointLines } = await import('./page.js');
      if (list) {
        const listed = await listCheckpoints(store);
        return json
          ? printJson(listed)
          : print(
              checkpointLines(listed)
                .map((line) => `${line}\n`)
                .join(''),
            );
      }
      const signed = await signCheckpoint(store, rebuild);
      if (json) return printJson(signed);
      await print(signed.note);
      note('keep it outside this ledger; "ledger keys" prints the key that verifies it');
    });
}
