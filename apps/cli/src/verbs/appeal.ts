import type { Command } from 'commander';
import { addVerb, jsonOption, knownAtOption, storeOption, type AskOptions } from '../verb.js';
import { print, printJson } from '../io.js';

export function addAppeal(program: Command): void {
  addVerb(program, 'appeal <appeal>', {
    summary: 'the state of an appeal and its deadlines',
    examples: ['appeal ap-007-1', 'appeal ap-007-1 --known-at 2019-05-14T12:00:00+08:00'],
  })
    .addOption(knownAtOption())
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (appealId: string, { store, json = false, knownAt }: AskOptions & { readonly knownAt?: string }) => {
      const { asking, isQueryError, refuse } = await import('../asking.js');
      const { appealFields } = await import('./appeal-page.js');
      const { field } = await import('../text/layout.js');
      const { time } = await import('../text/words.js');
      await asking(store, async ({ ask, nameOf }) => {
        const answer = await ask('appeal', { appealId, knownAt });
        if (isQueryError(answer)) return refuse(answer, `no appeal "${appealId}" was initiated by then`, json);
        if (json) return printJson(answer);
        const name = await nameOf(answer.agencyId);
        const page = [
          ...field('Appeal', answer.appealId),
          ...field('Agency', name === undefined ? answer.agencyId : `${answer.agencyId}  ${name}`),
          ...appealFields(answer, 0),
          ...answer.assumptions.flatMap((assumption, index) => field(index === 0 ? 'Assumptions' : '', assumption)),
          ...field('Known at', time(answer.knownAt)),
        ];
        return print(`${page.join('\n')}\n`);
      });
    });
}
