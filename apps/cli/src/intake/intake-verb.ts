import { InvalidArgumentError, Option, type Command } from 'commander';
import { addVerb, storeOption, type VerbText } from '../verb.js';

/** The part of the help that `simulate` and `import` share. */
export const fileText =
  'FILE holds one command a line (JSON); - is standard input. An outcome a line goes to standard output. A wrong line ' +
  'is rejected, with a message on standard error, and never stops the rest.\n' +
  'A file of sessions may be CSV instead: a column a field, a row a session (docs/spec/session-csv.md).';

/** Adds a verb that applies a file of commands. Its options are those of `IntakeOptions`. */
export function addIntakeVerb(program: Command, name: string, text: VerbText): Command {
  return addVerb(program, `${name} <file>`, text)
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
    .addOption(storeOption());
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
