import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';
import { said } from '../terminal/language.js';

interface VerticalOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'vertical <month> <vertical>', {
    summary: said(
      "print a month's ranking in a vertical, and who is not ranked and why",
      '打印某月某垂类的排名，以及未入围的机构及原因',
    ),
    details: said(
      'Computes it from the recorded sessions of MONTH; --effective-at selects the moment of the ' +
        'standing only.',
      '根据 MONTH 已记录的直播场次计算；--effective-at 只决定身份的时点。',
    ),
    examples: [
      [
        'vertical 2019-10 美妆',
        '...',
        '1  mcn-019  义乌木棠影视传媒有限公司    876,097.00  …',
        '...',
      ],
      'vertical 2019-10 美妆 --known-at 2019-11-05T12:00:00+08:00 --json',
    ],
  })
    .addOption(effectiveAtOption())
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async (
        month: string,
        vertical: string,
        { effectiveAt, knownAt, ...options }: VerticalOptions,
      ) => {
        const { printAnswer } = await import('../ledger/query-runner.js');
        const { verticalPage } = await import('./page.js');
        const fields = { month, vertical, effectiveAt, knownAt };
        const unknown = said('the ledger has no answer', '账本没有答案');
        await printAnswer(options, { name: 'vertical', fields, unknown }, (answer, { nameOf }) =>
          verticalPage(answer, nameOf),
        );
      },
    );
}
