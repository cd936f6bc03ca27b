import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

export function addTo(program: Command): void {
  addVerb(program, 'replay', {
    summary: said(
      'rebuild every read model from the first event, and compare',
      '从第一个事件起重建全部读模型，并进行比对',
    ),
    details: said(
      'Folds all events again beside the read models in use, and compares the digests of their ' +
        'rows, which must be equal. --switch replaces the read models in use.',
      '在使用中的读模型之外重新计算全部事件，并比对各行的摘要，二者必须相同。' +
        '--switch 会替换使用中的读模型。',
    ),
    examples: [
      [
        'replay | tail -1',
        said(
          '3,371 events folded again: the digests are equal.',
          '3,371 个事件已重新计算：摘要一致。',
        ),
      ],
      'replay --switch',
    ],
  })
    .option(
      '--switch',
      said(
        'replace the read models in use by the rebuilt ones',
        '用重建的读模型替换使用中的读模型',
      ),
    )
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
        const rebuilt = await withCheckNote(
          store,
          'replay',
          () => rebuildWithProgress(store, switchOver),
          ({ rebuild: { equal, events } }) => ({ holds: equal, events }),
        );
        const { rebuild } = rebuilt;
        if (!rebuild.equal) process.exitCode = exitCodes.no;
        return printMarked(rebuilt, json, rebuild, () => replayPage(rebuild));
      },
    );
}
