import type { Command } from 'commander';
import { addIntakeVerb, fileText } from '../intake/intake-verb.js';
import type { IntakeOptions } from '../intake/file-intake.js';

export function addTo(program: Command): void {
  addIntakeVerb(program, 'simulate', {
    summary: 'apply command lines to a simulation ledger, under the clock of their "at"',
    details: `${fileText}\nA new ledger is marked as a simulation for its life.`,
    examples: [
      'simulate commands.ndjson --store sqlite:./data/trial.db',
      'simulate - --strict < commands.ndjson',
    ],
  }).action(async (file: string, options: IntakeOptions) => {
    const { simulateFile } = await import('./simulation.js');
    await simulateFile(file, options);
  });
}
