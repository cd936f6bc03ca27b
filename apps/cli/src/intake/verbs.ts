import { InvalidArgumentError, Option, type Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import type { ApplyOptions } from './applied-file.js';

const lines =
  'FILE holds one command a line (JSON); - is standard input. An outcome a line goes to standard output. A wrong line ' +
  'is rejected, with a message on standard error, and never stops the rest.\n' +
  'A file of sessions may be CSV instead: a column a field, a row a session (docs/spec/session-csv.md).';

export function addSimulate(program: Command): void {
  addApplyingVerb(program, 'simulate', {
    summary: 'apply command lines to a simulation ledger, under the clock of their "at"',
    details: `${lines}\nA new ledger is marked as a simulation for its life.`,
    examples: [
      'simulate commands.ndjson --store sqlite:./data/trial.db',
      'simulate - --strict < commands.ndjson',
    ],
  });
}

export function addImport(program: Command): void {
  addApplyingVerb(program, 'import', {
    summary: 'apply command lines to a real ledger, recorded now',
    details: `${lines}\nRepeat an import, or go on after it was stopped: what is recorded already is a duplicate.`,
    examples: [
      'import commands.ndjson',
      'import - --mode operator < commands.ndjson',
      'import sessions.csv --refused refused.csv',
      'import export.csv --column sessionId=场次ID --column creatorId=达人ID --ignore-columns --local-times',
    ],
  });
}

function addApplyingVerb(
  program: Command,
  name: 'simulate' | 'import',
  text: Parameters<typeof addVerb>[2],
): void {
  addVerb(program, `${name} <file>`, text)
    .addOption(
      new Option(
        '--mode <mode>',
        'of a new ledger; fixed for its life (default: observer)',
      ).choices(['observer', 'operator']),
    )
    .option('--strict', 'exit with 1 if any line was rejected')
    .option(
      '--refused <file>',
      'also write the refused lines there, with code and message: to put right and import again',
    )
    .addOption(
      new Option(
        '--format <format>',
        'of FILE (default: csv if its name ends in .csv, else ndjson)',
      ).choices(['csv', 'ndjson']),
    )
    .option(
      '--column <field=header>',
      'of CSV: which column holds a field (repeatable)',
      collectColumn,
    )
    .option('--ignore-columns', 'of CSV: pass over columns that are no field')
    .option('--local-times', "of CSV: read times without an offset in the ledger's zone")
    .addOption(storeOption())
    .action(async (file: string, options: ApplyOptions) => {
      const { importFile, simulateFile } = await import('./applied-file.js');
      await (name === 'simulate' ? simulateFile(file, options) : importFile(file, options));
    });
}

function collectColumn(
  given: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, field, header] = /^(\w+)=(.+)$/s.exec(given) ?? [];
  if (field === undefined || header === undefined)
    throw new InvalidArgumentError('Give FIELD=HEADER, for instance sessionId=场次ID.');
  return new Map([...before, [field, header.trim()]]);
}
