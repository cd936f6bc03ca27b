import { Option, type Command } from 'commander';
import { said } from '../terminal/language.js';
import { jsonOption, storeOption } from '../verb.js';

/** Adds the options of `RecordOptions`. */
export function addRecordOptions(verb: Command): Command {
  return verb
    .option('--by <id>', said('who acts: the id of a person or a system', '操作人的编号'))
    .option('--yes', said('record without asking', '不询问，直接记录'))
    .option('--dry-run', said('show what it would cause, and record nothing', '只显示后果，不记录'))
    .addOption(
      new Option(
        '--mode <mode>',
        said(
          'the mode of a new ledger, fixed for its life (default: observer)',
          '新账本的模式，此后不可更改（默认：observer）',
        ),
      ).choices(['observer', 'operator']),
    )
    .addOption(jsonOption())
    .addOption(storeOption());
}

/** `--command-id`, of a single act. */
export function commandIdOption(): Option {
  return new Option(
    '--command-id <id>',
    said('the id by which a repetition is known', '用于识别重复的编号'),
  );
}
