import type { Command } from 'commander';
import {
  addVerb,
  effectiveAtOption,
  jsonOption,
  knownAtOption,
  storeOption,
  type AskOptions,
} from '../verb.js';

interface VerticalOptions extends AskOptions {
  readonly effectiveAt?: string;
  readonly knownAt?: string;
}

export function addTo(program: Command): void {
  addVerb(program, 'vertical <month> <vertical>', {
    summary: "a month's ranking in a vertical, and who is refused and why",
    details:
      'From recorded sessions. --effective-at is the instant of the standing; the month is the month.',
    examples: [
      'vertical 2019-10 美妆',
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
        const unknown = 'the question cannot be answered';
        await printAnswer(options, { name: 'vertical', fields, unknown }, (answer, { nameOf }) =>
          verticalPage(answer, nameOf),
        );
      },
    );
}
