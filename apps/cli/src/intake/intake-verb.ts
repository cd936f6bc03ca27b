import { InvalidArgumentError, Option, type Command } from 'commander';
import { addVerb, storeOption, type VerbText } from '../verb.js';

/** The part of the help that `simulate` and `import` share. */
export const fileText =
  'FILE holds one command a line, as JSON; - is standard input. Each line gets an outcome line ' +
  'on standard output. A rejected line gets a message on standard error too, and the next lines ' +
  'go on.\n' +
  'A file of sessions can be CSV: one session a row (docs/spec/session-csv.md).';

/** Adds a verb that applies a file of commands. Its options are those of `IntakeOptions`. */
export function addIntakeVerb(program: Command, name: string, text: VerbText): Command {
  return addVerb(program, `${name} <file>`, text)
    .addOption(
      new Option(
        '--mode <mode>',
        'the mode of a new ledger, fixed for its life (default: observer)',
      ).choices(['observer', 'operator']),
    )
    .option('--strict', 'exit with 1 if any line is rejected')
    .option(
      '--refused <file>',
      'write rejected lines to a file, with code and message, to correct and import again',
    )
    .addOption(
      new Option(
        '--format <format>',
        'the format of FILE (default: csv if its name ends in .csv, else ndjson)',
      ).choices(['csv', 'ndjson']),
    )
    .option(
      '--column <field=header>',
      'CSV: name the column that holds a field (repeatable)',
      collectColumn,
    )
    .option('--ignore-columns', 'CSV: skip columns that are not a field')
    .option('--local-times', "CSV: read times without an offset in the ledger's zone")
    .addOption(storeOption());
}

function collectColumn(
  given: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, field, header] = /^(\w+)=(.+)$/s.exec(given) ?? [];
  if (field === undefined || header === undefined)
    throw new InvalidArgumentError('Give FIELD=HEADER, such as sessionId=场次ID.');
  return new Map([...before, [field, header.trim()]]);
}
