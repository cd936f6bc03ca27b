import type { Command } from 'commander';
import { noteEvidenceStays } from '../ledger/evidence-note.js';
import { addFilesElsewhere, filesElsewhere } from '../ledger/files-elsewhere.js';
import { addVerb, jsonOption, leaseSecondsOption } from '../verb.js';
import { said } from '../terminal/language.js';
import { printMarked } from '../terminal/simulation-mark.js';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly keys: boolean;
  readonly keysFile?: string;
  readonly leaseSeconds: number;
  readonly json?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'copy', {
    summary: said(
      'copy a ledger to another engine or file, and verify the copy',
      '把账本复制到另一引擎或文件，并验证副本',
    ),
    details: said(
      'Copies every event in order, with the same bytes, ids and hashes, then the checkpoints. ' +
        'Compares both sides: events, stream heads, tree, read models, balances. Run it again ' +
        'after an interruption, and it continues. The target must be empty or hold the beginning ' +
        'of the same ledger; neither side may be written meanwhile.',
      '按顺序复制全部事件（字节、编号、哈希均相同），然后复制检查点。比对两边的事件、流头、' +
        '默克尔树、读模型和累计扣分。中断后再次运行即可继续。目标须为空，或已含同一账本的开头；' +
        '期间两边都不得写入。',
    ),
    examples: [
      'copy --from sqlite:./data/ledger.db --to esdb://node1:2113',
      [
        'copy --from sqlite:./data/demo/ledger.db --to sqlite:./copy/ledger.db',
        '...',
        said(
          'equal         3,371 events in 427 streams: order, hashes, heads',
          '一致          3,371 个事件，427 个事件流：顺序、哈希、流头',
        ),
        '...',
        said('balances      equal for 60 agencies', '累计扣分      60 家机构一致'),
        '...',
      ],
    ],
  })
    .requiredOption(
      '--from <url>',
      said(
        'the ledger to copy: sqlite:PATH, esdb://HOST or kurrentdb://HOST',
        '要复制的账本：sqlite:PATH、esdb://HOST 或 kurrentdb://HOST',
      ),
    )
    .requiredOption('--to <url>', said('the target, named in the same way', '目标，写法相同'))
    .option(
      '--no-keys',
      said('leave out the keys, to bring them another way', '不复制密钥，另行转移'),
    );
  addFilesElsewhere(verb, ['keys'])
    .addOption(leaseSecondsOption())
    .addOption(jsonOption())
    .action(async (options: CopyOptions) => {
      const { from, to, keys, leaseSeconds, json = false } = options;
      const { copyWithProgress } = await import('./ledger-copy.js');
      const { copyPage } = await import('./page.js');
      const elsewhere = filesElsewhere(options, keys ? ['keys'] : []);
      const termMs = leaseSeconds * 1_000;
      const copied = await copyWithProgress({ from, to, keys, elsewhere, termMs });
      noteEvidenceStays(from);
      return printMarked(copied, json, copied, () => copyPage(copied));
    });
}
