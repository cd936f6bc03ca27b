import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'import', {
    summary: 'apply a file of commands to a real ledger, at the current time',
    details:
      `${fileText}\n` +
      'Importing a file again records nothing twice, also when it is longer or a line was put ' +
      'right. An act that is meant again needs a commandId.',
    examples: [
      'import commands.ndjson',
      'import - --mode operator < commands.ndjson',
      'import sessions.csv --refused refused.csv',
      'import 四月.xlsx --sheet 场次 --dry-run --columns 四月.columns.json',
    ],
  }).action(async (file: string, options: IntakeOptions) => {
    const { importFile } = await import('./file-import.js');
    await importFile(file, options);
  });
}
