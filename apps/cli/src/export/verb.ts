import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import { isReaderGone, print } from '../terminal/io.js';

export function addTo(program: Command): void {
  addVerb(program, 'export', {
    summary: 'print every event as stored, one a line, in order',
    details:
      'Prints the stored bytes (canonical JSON) and checks them against their hashes: the same ' +
      'ledger gives the same bytes. Names and free text stay sealed; keys are not exported. The ' +
      'first line says how the ledger was opened, and whether it is a simulation.',
    examples: ['export > events.ndjson', 'export | head -1'],
  })
    .addOption(storeOption())
    .action(async ({ store: url }: { readonly store: string }) => {
      const { withLedgerFile } = await import('../ledger/ledger-file.js');
      const { noteAct } = await import('../ledger/noted-act.js');
      await withLedgerFile(url, 'read', async ({ store }) => {
        noteAct(url, 'export');
        for await (const batch of store.readAll()) {
          if (isReaderGone()) return;
          await print(batch.map(({ body }) => `${body}\n`).join(''));
        }
      });
    });
}
