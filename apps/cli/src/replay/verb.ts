import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'replay', {
    summary: 'rebuild every read model from the first event, and compare',
    details:
      'Folds all events again beside the read models in use, and compares the digests of their ' +
      'rows, which must be equal. --switch replaces the read models in use.',
    examples: [
      ['replay | tail -1', '3,371 events folded again: the digests are equal.'],
      'replay --switch',
    ],
  })
    .option('--switch', 'replace the read models in use by the rebuilt ones')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async ({
        store,
        json = false,
        switch: switchOver = false,
      }: AskOptions & { readonly switch?: boolean }) => {
        const { rebuildWithProgress } = await import('./rebuild.js');
        const { replayPage } = await import('./page.js');
        const { withCheckNote } = await import('../ledger/check-notes.js');
        const rebuild = await withCheckNote(
          store,
          'replay',
          () => rebuildWithProgress(store, switchOver),
          ({ equal, events }) => ({ holds: equal, events }),
        );
        if (!rebuild.equal) process.exitCode = exitCodes.no;
        if (json) return printJson(rebuild);
        return printPage(replayPage(rebuild));
      },
    );
}
