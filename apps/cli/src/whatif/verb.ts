import { InvalidArgumentError, type Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { printJson, printPage } from '../terminal/io.js';

interface WhatIfOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly without?: readonly string[];
  readonly points?: Readonly<Record<string, number>>;
  readonly attribution?: string;
  readonly rulebook?: string | { readonly id: string; readonly rulebookVersion: string };
}

export function addTo(program: Command): void {
  addVerb(program, 'whatif <agency>', {
    summary: 'compute a balance under other facts or rules',
    details: 'Compares it with what is recorded, and stores nothing.',
    examples: [
      [
        'whatif mcn-007 --without d-007-2 --effective-at 2019-06-01T12:00:00+08:00',
        '...',
        '                      Recorded      What if',
        '─────────────────  ───────────  ───────────',
        'Balance in 2019             80           40',
        '...',
      ],
      'whatif mcn-007 --points d-007-1=20 --attribution occurredAt',
    ],
  })
    .option('--without <ids>', 'leave out deductions: d1,d2 (repeatable)', collectIds)
    .option(
      '--points <id=n>',
      'impose other points for a deduction: d1=20 (repeatable)',
      collectPoints,
    )
    .option(
      '--attribution <basis>',
      'attribute deductions by effectiveAt, occurredAt or assessmentMonthEnd',
    )
    .option('--rulebook <version>', 'apply another rulebook: VERSION or ID@VERSION', rulebookName)
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (agencyId: string, { store, json = false, ...fields }: WhatIfOptions) => {
      const { isQueryError, printRefusal, withQueryRunner } =
        await import('../ledger/query-runner.js');
      const { whatIfPage } = await import('./page.js');
      await withQueryRunner(store, async ({ ask, nameOf }) => {
        const answer = await ask('whatif', { agencyId, ...fields });
        if (isQueryError(answer)) {
          const what =
            answer.error === 'unknown_rulebook'
              ? 'no rulebook has this version, or several do: give ID@VERSION'
              : `no agency "${agencyId}" was recorded by then`;
          return printRefusal(answer, what, json);
        }
        if (json) return printJson(answer);
        return printPage(whatIfPage(answer, await nameOf(agencyId)));
      });
    });
}

function collectIds(given: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...given.split(',')];
}

function collectPoints(
  given: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, id, points] = /^([^=]+)=(\d+)$/.exec(given) ?? [];
  if (id === undefined) throw new InvalidArgumentError('Give ID=POINTS, such as d-007-1=20.');
  return { ...before, [id]: Number(points) };
}

function rulebookName(given: string): WhatIfOptions['rulebook'] {
  const at = given.indexOf('@');
  return at === -1 ? given : { id: given.slice(0, at), rulebookVersion: given.slice(at + 1) };
}
