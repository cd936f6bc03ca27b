import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { isVouchingAlone } from './diagnosis.js';
import { said, speakToPrograms } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

export function addTo(program: Command): void {
  addVerb(program, 'doctor', {
    summary: said('diagnose a ledger, and say what to do', '诊断账本，并说明该怎么做'),
    details: said(
      'Reads and checks every event and everything around it. It changes nothing, except read ' +
        'models that this version cannot use. Exits with 3 if anything is damaged, and with 1 if ' +
        'only what vouches for the events is: the Merkle log, checkpoints, the signing key, ' +
        'guards and MACs of rows.',
      '读取并检查每个事件及其周边的一切。除本版本无法使用的读模型外，不作任何更改。' +
        '发现损坏时退出码为 3；若损坏的仅是为事件作证之物（默克尔日志、检查点、签名密钥、' +
        '防改触发器和行校验码），则为 1。',
    ),
    examples: [
      [
        'doctor',
        '...',
        said(
          'ok    merkle log    3,371 events, those of the store',
          '正常  默克尔日志    3,371 个事件，与存储一致',
        ),
        '...',
      ],
      'doctor --full',
    ],
  })
    .option(
      '--full',
      said(
        'also check the MAC of every row, rebuild every read model and compare digests',
        '同时检查每行的校验码，重建全部读模型并比对摘要',
      ),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async ({ store, json = false, full = false }: AskOptions & { readonly full?: boolean }) => {
        if (json) speakToPrograms();
        const { diagnose } = await import('./diagnoses.js');
        const { diagnosisLines } = await import('./page.js');
        const diagnosed = await diagnose(store, full);
        const { diagnoses } = diagnosed;
        if (diagnoses.some(({ status }) => status === 'fail'))
          process.exitCode = isVouchingAlone(diagnoses) ? exitCodes.no : exitCodes.store;
        return printMarked(diagnosed, json, { diagnoses }, () => diagnoses.flatMap(diagnosisLines));
      },
    );
}
