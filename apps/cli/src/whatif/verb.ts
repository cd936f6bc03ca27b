import { InvalidArgumentError, type Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { noteHint, printJson, printPage } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { markedAnswer, simulationMark } from '../terminal/simulation-mark.js';

interface WhatIfOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
  readonly without?: readonly string[];
  readonly points?: Readonly<Record<string, number>>;
  readonly attribution?: string;
  readonly rulebook?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'whatif <agency>', {
    summary: said('compute a balance under other facts or rules', '按其他事实或规则计算累计扣分'),
    details: said(
      'Compares it with what is recorded, and stores nothing.',
      '与已记录的情况对比，不存储任何内容。',
    ),
    examples: [
      [
        'whatif mcn-007 --without d-007-2 --effective-at 2019-06-01T12:00:00+08:00',
        '...',
        said('Supposing     without d-007-2', '假设          去掉扣分 d-007-2'),
        '...',
        said('                      Recorded      What if', '                     记录    假设'),
        '─────────────────  …',
        said('Balance in 2019             80           40', '2019 年度累计扣分      80      40'),
        '...',
      ],
      'whatif mcn-007 --points d-007-1=20 --attribution occurredAt',
      'whatif mcn-007 --rulebook draft.json',
    ],
  })
    .option(
      '--without <ids>',
      said('leave out deductions: d1,d2 (repeatable)', '去掉若干扣分：d1,d2（可重复）'),
      collectIds,
    )
    .option(
      '--points <id=n>',
      said(
        'impose other points for a deduction: d1=20 (repeatable)',
        '改变某次扣分的分值：d1=20（可重复）',
      ),
      collectPoints,
    )
    .option(
      '--attribution <basis>',
      said(
        'attribute deductions by effectiveAt, occurredAt or assessmentMonthEnd',
        '按 effectiveAt、occurredAt 或 assessmentMonthEnd 归属扣分',
      ),
    )
    .option(
      '--rulebook <version>',
      said(
        'apply another rulebook: VERSION, ID@VERSION or a file of one',
        '适用另一版规则：VERSION、ID@VERSION 或规则文件',
      ),
    )
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (agencyId: string, { store, json = false, rulebook, ...changes }: WhatIfOptions) => {
        const { isQueryError, printRefusal, withQueryRunner } =
          await import('../ledger/query-runner.js');
        const { didYouMean, hintFor } = await import('../ledger/nearest-ids.js');
        const { whatIfPage } = await import('./page.js');
        const { rulebookAsked } = await import('./other-rulebook.js');
        const fields = {
          agencyId,
          ...changes,
          ...(rulebook !== undefined && { rulebook: await rulebookAsked(rulebook) }),
        };
        await withQueryRunner(store, async ({ ask, nameOf, ids, settings }) => {
          const answer = await ask('whatif', fields);
          if (isQueryError(answer)) {
            const what =
              answer.error === 'unknown_rulebook'
                ? said(
                    'no rulebook has this version, or several do: give ID@VERSION or a file',
                    '没有该版本的规则，或有多个：请给出 ID@VERSION 或规则文件',
                  )
                : said(
                    `no agency "${agencyId}" was recorded by then`,
                    `截至该时点没有记录机构 "${agencyId}"`,
                  );
            const hint = await hintFor(answer, fields, ids);
            return printRefusal(answer, what, { json, settings }, hint);
          }
          if (json) return printJson(markedAnswer(answer, settings));
          const page = whatIfPage(answer, await nameOf(agencyId));
          await printPage([...simulationMark(settings), ...page]);
          const [unknown] = answer.unknown;
          const near = unknown === undefined ? [] : await ids.nearestIds('deduction', unknown);
          const meant = didYouMean(near.filter(({ id }) => id !== unknown));
          if (meant !== undefined) noteHint(meant);
          return;
        });
      },
    );
}

function collectIds(given: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...given.split(',')];
}

function collectPoints(
  given: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, id, points] = /^([^=]+)=(\d+)$/.exec(given) ?? [];
  if (id === undefined)
    throw new InvalidArgumentError(
      said('Give ID=POINTS, such as d-007-1=20.', '请给出 编号=分值，例如 d-007-1=20。'),
    );
  return { ...before, [id]: Number(points) };
}
