import { commandSchemas, type LedgerCommand } from '@penalty-ledger/ledger';
import { Command } from 'commander';
import { UsageError } from '../terminal/exit-codes.js';
import { printLine } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { dataOf, fieldsOf, valueOf, type CommandField } from './command-fields.js';
import { askForMissing } from './missing-fields.js';
import { recordOne, type RecordOptions } from './recording.js';

type CommandName = LedgerCommand['command'];

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/**
 * Records the command that was typed, with its fields.
 *
 * @param verb `record`, whose manner of telling errors holds for the fields
 * @param typed the words after the command: the fields' options and their values
 * @throws UsageError
 */
export async function recordTyped(
  verb: Command,
  command: string | undefined,
  typed: readonly string[],
  options: RecordOptions,
): Promise<void> {
  if (command === undefined || isHelp(command)) {
    if (command !== undefined) verb.outputHelp();
    else for (const name of Object.keys(commandSchemas)) await printLine(name);
    return;
  }
  if (!isCommandName(command))
    throw new UsageError(
      said(`"${command}" is not a command`, `"${command}" 不是命令`),
      said('"ledger record" lists the commands', '"ledger record" 列出所有命令'),
    );
  const fields = fieldsOf(commandSchemas[command]);
  const reader = readerOf(verb, command, fields);
  if (typed.some(isHelp)) {
    reader.outputHelp();
    return;
  }
  reader.parse([...typed], { from: 'user' });
  const given = new Map<CommandField, unknown>();
  for (const [place, field] of fields.entries()) {
    const value = reader.getOptionValue(String(place)) as string | readonly string[] | undefined;
    if (value !== undefined) given.set(field, valueOf(field, value));
  }
  await recordOne(command, dataOf(await askForMissing(command, fields, given)), options);
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commandSchemas, name);
}

/** A parser of the fields of a command. The value of a field is kept under its place. */
function readerOf(verb: Command, command: string, fields: readonly CommandField[]): Command {
  const reader = new Command(`ledger record ${command}`)
    .copyInheritedSettings(verb)
    .usage(said('[fields] [options of record]', '[字段] [record 的选项]'))
    .helpOption('-h, --help')
    .action(() => undefined);
  for (const [place, { option, form, required, description }] of fields.entries()) {
    const value = form === 'texts' ? '<text...>' : `<${form}>`;
    const about = required
      ? description
      : `${description} ${said('(may be left out)', '（可省略）')}`;
    const made = reader.createOption(`${option} ${value}`, about.trim());
    made.attributeName = () => String(place);
    reader.addOption(made);
  }
  return reader;
}
