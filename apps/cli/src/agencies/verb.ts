import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { exitCodes } from '../terminal/exit-codes.js';
import { printLine, printPage } from '../terminal/io.js';

interface AgenciesOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly standing?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'agencies', {
    summary: 'list the agencies with balance and standing',
    examples: [
      [
        'agencies --standing pending_expulsion',
        'Agency   Name                      Balance  Standing',
        '───────  ────────────────────────  ───────  ────────────────────────',
        'mcn-052  长沙予麓文化传媒有限公司      120  pending expulsion 待清退',
        '...',
      ],
      'agencies --effective-at 2019-12-31T23:59:59+08:00',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .option(
      '--standing <standing>',
      'list only not_admitted, active, pending_expulsion, expelled or exited',
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async ({ store, json = false, ...fields }: AgenciesOptions) => {
      const { isQueryError, printRefusal, withQueryRunner } =
        await import('../ledger/query-runner.js');
      const { agenciesTable } = await import('./page.js');
      await withQueryRunner(store, async ({ ask, nameOf }) => {
        const entries = await ask('agencies', fields);
        if (isQueryError(entries)) return printRefusal(entries, 'the ledger has no answer', json);
        const named = [];
        const damaged = [];
        for (const entry of entries)
          if ('error' in entry) damaged.push(entry.agencyId);
          else if (!json) named.push({ ...entry, name: (await nameOf(entry.agencyId)) ?? '' });
        if (damaged.length > 0) process.exitCode = exitCodes.store;
        if (json) return printJsonList(entries);
        return printPage(agenciesTable(named, damaged));
      });
    });
}

/** Prints one array, an entry a line, for machines and for `grep`. */
async function printJsonList(entries: readonly unknown[]): Promise<void> {
  await printLine('[');
  for (const [index, entry] of entries.entries()) {
    await printLine(JSON.stringify(entry) + (index < entries.length - 1 ? ',' : ''));
  }
  await printLine(']');
}
