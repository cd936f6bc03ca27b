import { commandSchemas, type LedgerCommand } from '@penalty-ledger/ledger';
import { Command } from 'commander';
import { UsageError } from '../terminal/exit-codes.js';
import { printLine } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';
import { attachedFiles, keepFiles, type AttachedFile } from './attached-files.js';
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
      said(`"${command}" is not a command`, `"${command}" 不是指令`),
      said('"ledger record" lists the commands', '"ledger record" 列出所有指令'),
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
  const file = await evidenceFile(reader);
  for (const name of fileFields) {
    const field = fields.find(({ path }) => path.join('.') === name);
    if (file !== undefined && field !== undefined && !given.has(field))
      given.set(field, file[name]);
  }
  const data = dataOf(await askForMissing(command, fields, given));
  if (file !== undefined) assertHashOf(file, data);
  const isKept = reader.getOptionValue('keep') === true;
  await recordOne(command, data, options, {
    ...(file !== undefined && isKept && { before: () => keepFiles(options.store, [file]) }),
  });
}

/** The fields of `RegisterEvidence` that follow from a file. */
const fileFields = ['title', 'mediaType', 'sha256'] as const;

/** Reads the file that `--file` names. @throws UsageError */
async function evidenceFile(reader: Command): Promise<AttachedFile | undefined> {
  const path = reader.getOptionValue('file') as string | undefined;
  if (path !== undefined) return (await attachedFiles([path], '--file'))[0];
  if (reader.getOptionValue('keep') !== true) return undefined;
  throw new UsageError(
    said('--keep: no file is given to keep', '--keep：没有给出要保存的文件'),
    said('name it with --file', '请用 --file 指定'),
  );
}

/** @throws UsageError for a hash that was typed and is another file's */
function assertHashOf({ sha256, title }: AttachedFile, data: Record<string, unknown>): void {
  if (data['sha256'] === sha256) return;
  const given = String(data['sha256']);
  throw new UsageError(
    said(
      `--sha256: "${title}" has the SHA-256 ${sha256}, not ${given}`,
      `--sha256："${title}" 的 SHA-256 是 ${sha256}，不是 ${given}`,
    ),
    said('leave --sha256 out, or give the file that has it', '请省略 --sha256，或给出对应的文件'),
  );
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
    const what = saidIn(description);
    const about = required ? what : said(`${what} (may be left out)`, `${what}（可省略）`);
    const made = reader.createOption(`${option} ${value}`, about.trim());
    made.attributeName = () => String(place);
    reader.addOption(made);
  }
  if (command === 'RegisterEvidence')
    reader
      .option(
        '--file <file>',
        said(
          'the file of the evidence: its hash, title and media type need not be typed',
          '证据文件：其哈希、标题和媒体类型无需输入',
        ),
      )
      .option('--keep', said('keep a copy of the file beside the ledger', '在账本旁保存文件副本'));
  return reader;
}
