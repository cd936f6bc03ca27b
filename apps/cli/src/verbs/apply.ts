import { Option, type Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import type { ApplyOptions } from '../applying.js';

const lines =
  'FILE holds one command a line (JSON); - is standard input. An outcome a line goes to standard output. A wrong line ' +
  'is rejected, with a message on standard error, and never stops the rest.';

export function addSimulate(program: Command): void {
  addApplyingVerb(program, 'simulate', {
    summary: 'apply command lines to a simulation ledger, under the clock of their "at"',
    details: `${lines}\nA new ledger is marked as a simulation for its life.`,
    examples: ['simulate commands.ndjson --store sqlite:./data/trial.db', 'simulate - --strict < commands.ndjson'],
  });
}

export function addImport(program: Command): void {
  addApplyingVerb(program, 'import', {
    summary: 'apply command lines to a real ledger, recorded now',
    details: `${lines}\nRepeat an import, or go on after it was stopped: what is recorded already is a duplicate.`,
    examples: ['import commands.ndjson', 'import - --mode operator < commands.ndjson'],
  });
}

function addApplyingVerb(program: Command, name: 'simulate' | 'import', text: Parameters<typeof addVerb>[2]): void {
  addVerb(program, `${name} <file>`, text)
    .addOption(
      new Option('--mode <mode>', 'of a new ledger; fixed for its life (default: observer)').choices([
        'observer',
        'operator',
      ]),
    )
    .option('--strict', 'exit with 1 if any line was rejected')
    .addOption(storeOption())
    .action(async (file: string, options: ApplyOptions) => {
      const { importFile, simulateFile } = await import('../applying.js');
      await (name === 'simulate' ? simulateFile(file, options) : importFile(file, options));
    });
}
