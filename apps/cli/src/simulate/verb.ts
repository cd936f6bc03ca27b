import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'simulate', {
    summary: 'apply a file of commands to a simulation, at the times of its lines',
    details: `${fileText}\nA ledger that was made as a simulation stays one.`,
    examples: [
      [
        'simulate docs/examples/tour.ndjson --store sqlite:./data/trial.db',
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
