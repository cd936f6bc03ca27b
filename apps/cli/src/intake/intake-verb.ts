import { InvalidArgumentError, Option, type Command } from 'commander';
import { addVerb, storeOption, type VerbText } from '../verb.js';

/** The part of the help that `simulate` and `import` share. */
export const fileText =
  'FILE holds one command a line, as JSON; - is standard input. Each line gets an outcome line ' +
  'on standard output. A rejected line gets a message on standard error too, and the next lines ' +
  'go on.\n' +
  'A spreadsheet (.xlsx or .csv) holds one command a row: sessions, a roster, deductions, ' +
  'complaints or appeals (docs/spec/spreadsheets.md).';

/** Adds a verb that applies a file of commands. Its options are those of `IntakeOptions`. */
export function addIntakeVerb(program: Command, name: string, text: VerbText): Command {
  return addVerb(program, `${name} <file>`, text)
    .addOption(
      new Option(
        '--mode <mode>',
        'the mode of a new ledger, fixed for its life (default: observer)',
      ).choices(['observer', 'operator']),
    )
    .option(
      '--dry-run',
      'record nothing: apply FILE to a copy of the ledger, and tell outcomes and findings',
    )
    .option('--strict', 'exit with 1 if any line is rejected')
    .option(
      '--refused <file>',
      'write rejected lines to a file, with code and message, to correct and import again',
    )
    .addOption(
      new Option(
        '--format <format>',
        'the format of FILE (default: by its name, .csv, .tsv or .xlsx; else ndjson)',
      ).choices(['csv', 'ndjson', 'xlsx']),
    )
    .addOption(
      new Option('--kind <kind>', 'the kind of a spreadsheet (default: sessions)').choices([
        'sessions',
        'roster',
        'deductions',
        'complaints',
        'appeals',
      ]),
    )
    .option(
      '--column <field=header>',
      'spreadsheet: name the column that holds a field (repeatable)',
      collectColumn,
    )
    .option(
      '--columns <file>',
      'spreadsheet: read which column holds which field; --dry-run writes the file',
    )
    .option('--ignore-columns', 'spreadsheet: skip columns that are not a field')
    .option('--sheet <name>', 'xlsx: the sheet to read, if there are several')
    .addOption(
      new Option('--encoding <encoding>', 'csv: the encoding (default: found)').choices([
        'utf-8',
        'utf-16le',
        'utf-16be',
        'gb18030',
      ]),
    )
    .addOption(
      new Option('--separator <name>', 'csv: the sign between cells (default: found)').choices([
        'comma',
        'semicolon',
        'tab',
      ]),
    )
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
