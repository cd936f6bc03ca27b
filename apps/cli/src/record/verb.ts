import type { Command } from 'commander';
import { said } from '../terminal/language.js';
import { addVerb } from '../verb.js';
import { addRecordOptions, commandIdOption } from './options.js';
import type { RecordOptions } from './recording.js';

export function addTo(program: Command): void {
  const verb = addVerb(program, 'record [command]', {
    summary: said(
      'record one command, and see first what it will cause',
      '记录一条指令，并先看后果',
    ),
    details: said(
      'COMMAND is a command of docs/spec/interchange.md; "record COMMAND --help" lists its ' +
        'fields. On a terminal it asks for required fields that are missing, shows what will be ' +
        'recorded and what it will cause, and asks once more. Scripts give --yes. Without ' +
        'COMMAND it lists the commands. An object or a list of objects is written as JSON.',
      'COMMAND 是 docs/spec/interchange.md 中的指令；"record COMMAND --help" 列出其字段。' +
        '在终端中会询问缺少的必填字段，显示将记录的内容及其后果，再请确认。脚本请加 --yes。' +
        '不给 COMMAND 时列出所有指令。对象和对象列表以 JSON 书写。',
    ),
    examples: [
      [
        'record RecordRevocation --deduction-id d-007-5 --reason 证据不足 --dry-run',
        '...',
        said(
          '  Balance           2 → 0 of 120 points in 2020',
          '  累计扣分          2020 年 2 → 0 / 120 分',
        ),
        '...',
      ],
      'record AdmitAgency --agency-id mcn-007 --name 星河文化 --dry-run',
      [
        'record FileComplaint --complaint-id tp-061-1 --agency-id mcn-061 \\\n' +
          '      --complainant.kind merchant --occurred-at 2026-01-10T10:00:00+08:00 \\\n' +
          '      --subject 未讲解商品 --yes --store sqlite:./own/ledger.db',
        '...',
        said('Events        ComplaintFiled', '事件          ComplaintFiled'),
        '...',
      ],
    ],
  });
  addRecordOptions(verb)
    .addOption(commandIdOption())
    // The fields and their values, which depend on the command.
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(
      async (
        command: string | undefined,
        options: RecordOptions & { readonly commandId?: string },
      ) => {
        const { recordTyped } = await import('./typed-command.js');
        await recordTyped(verb, command, verb.args.slice(1), options);
      },
    );
}
