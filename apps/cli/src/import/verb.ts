import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'import', {
    summary: said(
      'apply a file of commands to a real ledger, at the current time',
      '把指令文件应用到正式账本，以当前时间记录',
    ),
    details: said(
      `${fileText()}\n` +
        'Importing a file again records nothing twice, also when it is longer or a line was put ' +
        'right. An act that is meant again needs a commandId.',
      `${fileText()}\n` +
        '再次导入同一文件不会重复记录，文件变长或某行改正后也是如此。' +
        '确实要再次记录的行为需要 commandId。',
    ),
    examples: [
      [
        'import commands.ndjson --json --store sqlite:./own/ledger.db',
        '{"line":1,"status":"accepted","code":null,"events":["AgencyAdmitted"],"findings":[]}',
      ],
      'import - --mode operator < commands.ndjson',
      'import sessions.csv --refused refused.csv',
      'import 四月.xlsx --sheet 场次 --dry-run --columns 四月.columns.json',
    ],
  }).action(async (file: string, options: IntakeOptions) => {
    const { importFile } = await import('./file-import.js');
    await importFile(file, options);
  });
}
