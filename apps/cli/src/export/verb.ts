import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import type { EventDamage } from '@penalty-ledger/event-store';
import { damageHint, exitCodes } from '../terminal/exit-codes.js';
import { isReaderGone, note, print } from '../terminal/io.js';

export function addTo(program: Command): void {
  addVerb(program, 'export', {
    summary: 'print every event as stored, one a line, in order',
    details:
      'Prints the stored bytes (canonical JSON) and checks them against their hashes: the same ' +
      'ledger gives the same bytes. Names and free text stay sealed; keys are not exported. The ' +
      'first line says how the ledger was opened, and whether it is a simulation. Damaged events ' +
      'are left out and named on standard error, and the exit code is 3.',
    examples: ['export > events.ndjson', 'export | head -1'],
  })
    .addOption(storeOption())
    .action(async ({ store: url }: { readonly store: string }) => {
      const { withLedgerFile } = await import('../ledger/ledger-file.js');
      const { noteAct } = await import('../ledger/noted-act.js');
      const { damageText } = await import('@penalty-ledger/event-store');
      const { keptHeads } = await import('../ledger/kept-heads.js');
      await withLedgerFile(url, 'read', async ({ store, location }) => {
        noteAct(url, 'export');
        const refuse = (text: string): void => {
          process.exitCode = exitCodes.store;
          note(`not exported: ${text}`);
        };
        const damaged = new Set<string>();
        const onDamage = (damage: EventDamage): void => {
          if (damage.stream !== undefined) damaged.add(damage.stream);
          refuse(damageText(damage));
        };
        const ends = new Map<string, number>();
        // Read before the events: what is recorded meanwhile is in them.
        const kept = keptHeads(location.log);
        for await (const batch of store.readAll({ onDamage })) {
          if (isReaderGone()) return;
          for (const { stream, revision } of batch) ends.set(stream, revision);
          await print(batch.map(({ body }) => `${body}\n`).join(''));
        }
        // The last events of a stream that are gone show only by the log that remembers them.
        for (const { stream, revision, leafHash } of kept) {
          const end = ends.get(stream) ?? -1;
          if (end >= revision || damaged.has(stream)) continue;
          refuse(
            `missing: revisions ${end + 1} to ${revision} of stream ${stream}; ` +
              `the leaf hash of revision ${revision} is ${leafHash}`,
          );
        }
        if (process.exitCode === exitCodes.store) note(`hint: ${damageHint}`);
      });
    });
}
