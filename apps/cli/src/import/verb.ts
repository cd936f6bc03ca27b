import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'import', {
    summary: 'apply command lines to a real ledger, recorded now',
    details: `${fileText}\nRepeat an import, or go on after it was stopped: what is recorded already is a duplicate.`,
    examples: [
      'import commands.ndjson',
      'import - --mode operator < commands.ndjson',
      'import sessions.csv --refused refused.csv',
      'import export.csv --column sessionId=场次ID --column creatorId=达人ID --ignore-columns --local-times',
    ],
  }).action(async (file: string, options: IntakeOptions) => {
    const { importFile } = await import('./file-import.js');
    await importFile(file, options);
  });
}
