import { listTexts } from '@penalty-ledger/application/list-texts';
import type { Command } from 'commander';
import { addPageOptions, type ListOptions } from '../lists/list-options.js';
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
import { said } from '../terminal/language.js';
import { noteSimulation, simulationMark } from '../terminal/simulation-mark.js';

interface AgenciesOptions extends AskOptions {
  readonly csv?: boolean;
  readonly sort?: string;
  readonly limit?: string;
  readonly after?: string;
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly standing?: string;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'agencies', {
    summary: said('list the agencies with balance and standing', '列出各机构及其累计扣分和身份'),
    examples: [
      [
        'agencies --standing pending_expulsion',
        '...',
        said(
          'Agency   Name                      Balance  Standing',
          '机构     名称                      累计扣分  身份',
        ),
        '...',
        said(
          'mcn-052  长沙予麓文化传媒有限公司      120  pending expulsion',
          'mcn-052  长沙予麓文化传媒有限公司       120  待清退',
        ),
        '...',
      ],
      'agencies --effective-at 2019-12-31T23:59:59+08:00',
      'agencies --sort -balance --limit 10 --csv',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .option(
      '--standing <standing>',
      said(
        'list only not_admitted, active, pending_expulsion, expelled or exited',
        '只列出 not_admitted、active、pending_expulsion、expelled 或 exited 的机构',
      ),
    )
    .addOption(jsonOption())
    .addOption(storeOption());
  addPageOptions(verb, listTexts.agencies.sorts).action(async (options: AgenciesOptions) => {
    const { sort, limit, after, csv, store, json = false, ...fields } = options;
    if ([sort, limit, after, csv].some((each) => each !== undefined))
      return printPageOfAgencies({ ...options });
    const { isQueryError, printRefusal, withQueryRunner } =
      await import('../ledger/query-runner.js');
    const { agenciesTable } = await import('./page.js');
    await withQueryRunner(store, async ({ ask, nameOf, settings }) => {
      const entries = await ask('agencies', fields);
      if (isQueryError(entries))
        return printRefusal(entries, said('the ledger has no answer', '账本没有答案'), {
          json,
          settings,
        });
      const named = [];
      const damaged = [];
      for (const entry of entries)
        if ('error' in entry) damaged.push(entry.agencyId);
        else if (!json) named.push({ ...entry, name: (await nameOf(entry.agencyId)) ?? '' });
      if (damaged.length > 0) process.exitCode = exitCodes.store;
      if (json) {
        noteSimulation(settings);
        return printJsonList(entries);
      }
      return printPage([...simulationMark(settings), ...agenciesTable(named, damaged)]);
    });
  });
}

/** Prints a page in the manner of all lists; without a size the answer comes whole. */
async function printPageOfAgencies(options: ListOptions): Promise<void> {
  const { printList } = await import('../lists/print-list.js');
  const { nameColumn } = await import('../lists/name-column.js');
  await printList('agencies', options, async (items, reader) => ({
    columns: [await nameColumn(items, reader)],
  }));
}

/** Prints one array, an entry a line, for machines and for `grep`. */
async function printJsonList(entries: readonly unknown[]): Promise<void> {
  await printLine('[');
  for (const [index, entry] of entries.entries()) {
    await printLine(JSON.stringify(entry) + (index < entries.length - 1 ? ',' : ''));
  }
  await printLine(']');
}
