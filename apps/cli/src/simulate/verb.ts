import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'simulate', {
    summary: said(
      'apply a file of commands to a simulation, at the times of its lines',
      '把指令文件应用到模拟账本，以各行的时间记录',
    ),
    details: said(
      `${fileText()}\nA ledger that was made as a simulation stays one.`,
      `${fileText()}\n作为模拟账本建立的账本始终是模拟账本。`,
    ),
    examples: [
      [
        'simulate docs/examples/tour.ndjson --json --store sqlite:./data/trial.db',
        '{"line":1,"status":"accepted","code":null,"events":["AgencyAdmitted"],"findings":[]}',
        '...',
      ],
      'simulate - --strict < commands.ndjson',
    ],
  }).action(async (file: string, options: IntakeOptions) => {
    const { simulateFile } = await import('./simulation.js');
    await simulateFile(file, options);
  });
}
