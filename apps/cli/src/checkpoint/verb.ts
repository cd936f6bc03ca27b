import type { Command } from 'commander';
import { note, print, printJson } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { said } from '../terminal/language.js';
import { markedAnswer, noteSimulation, printMarked } from '../terminal/simulation-mark.js';

interface CheckpointOptions extends AskOptions {
  readonly list?: boolean;
  readonly rebuild?: boolean;
}

export function addTo(program: Command): void {
  addVerb(program, 'checkpoint', {
    summary: said('sign everything recorded so far', '签署目前记录的全部内容'),
    details: said(
      'Prints a signed checkpoint (C2SP tlog-checkpoint): the size and the root of the Merkle ' +
        'tree over all events. Without new events it prints the last one again. Keep a copy ' +
        'where the operator of this ledger cannot change it: what it signs cannot be denied ' +
        'later. "import" and "simulate" sign one when they end; the log keeps all of them.',
      '打印已签署的检查点（C2SP tlog-checkpoint）：全部事件的默克尔树的大小和根。' +
        '没有新事件时再次打印上一个。请在账本运营方无法更改的地方保存一份：' +
        '签署过的内容以后无法否认。"import" 和 "simulate" 结束时会签署一个；' +
        '日志保存全部检查点。',
    ),
    examples: [
      ['checkpoint', 'penalty-ledger-…', '3371', '...'],
      'checkpoint > june.checkpoint',
      [
        'checkpoint --list',
        '...',
        said(
          'Events  Streams  Signed at (UTC)           Root',
          '事件数  事件流数  签署时间（UTC）           根哈希',
        ),
        '...',
        ' 3,371  …',
        '...',
      ],
    ],
  })
    .option(
      '--list',
      said('list the checkpoints signed so far, without signing', '列出已签署的检查点，不再签署'),
    )
    .option(
      '--rebuild',
      said(
        'build the tree again from the events first; checkpoints stay',
        '先根据事件重建默克尔树；检查点保持不变',
      ),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async ({ store, json = false, list = false, rebuild = false }: CheckpointOptions) => {
      const { listCheckpoints, signCheckpoint } = await import('./signed-checkpoint.js');
      const { checkpointLines } = await import('./page.js');
      if (list) {
        const { signed: checkpoints, ...kind } = await listCheckpoints(store);
        return printMarked(kind, json, { checkpoints }, () => checkpointLines(checkpoints));
      }
      const { signed, ...kind } = await signCheckpoint(store, rebuild);
      if (json) return printJson(markedAnswer(signed, kind));
      noteSimulation(kind);
      await print(signed.note);
      note(
        said(
          'keep it outside this ledger; "ledger keys" prints the key that verifies it',
          '请保存在账本之外；"ledger keys" 打印用于验证的密钥',
        ),
      );
    });
}
