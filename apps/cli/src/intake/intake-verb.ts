import { InvalidArgumentError, Option, type Command } from 'commander';
import { addVerb, storeOption, type VerbText } from '../verb.js';
import { said } from '../terminal/language.js';

/** The part of the help that `simulate` and `import` share. */
export const fileText = (): string =>
  said(
    'FILE holds one command a line, as JSON; - is standard input. Each line gets an outcome ' +
      'line on standard output. On a terminal, the outcome lines of a file need --json. A ' +
      'rejected line gets a message on standard error, and the next lines go on.\n' +
      'A spreadsheet (.xlsx or .csv) holds one command a row: sessions, a ' +
      'roster, deductions, complaints or appeals (docs/spec/spreadsheets.md).',
    'FILE 每行一条 JSON 指令；- 表示标准输入。每行在标准输出上得到一行结果。' +
      '在终端上，文件的结果行需加 --json 才会打印。被拒绝的行在标准错误上得到说明，' +
      '后面的行继续处理。\n电子表格（.xlsx 或 .csv）每行' +
      '一条指令：直播场次、绑定名单、扣分、投诉或申诉（docs/spec/spreadsheets.md）。',
  );

/** Adds a verb that applies a file of commands. Its options are those of `IntakeOptions`. */
export function addIntakeVerb(program: Command, name: string, text: VerbText): Command {
  return addVerb(program, `${name} <file>`, text)
    .addOption(
      new Option(
        '--mode <mode>',
        said(
          'the mode of a new ledger, fixed for its life (default: observer)',
          '新账本的模式，终身不变（默认：observer）',
        ),
      ).choices(['observer', 'operator']),
    )
    .option(
      '--dry-run',
      said(
        'record nothing: apply FILE to a copy of the ledger, and tell outcomes and findings',
        '不作记录：把 FILE 应用到账本的副本上，只报告结果和发现的问题',
      ),
    )
    .option(
      '--json',
      said(
        'print the outcome of each line on a terminal too; ' +
          'without it, a terminal shows rejected lines and a count',
        '在终端上也打印每行的结果；不加时，终端只显示被拒绝的行和计数',
      ),
    )
    .option('--strict', said('exit with 1 if any line is rejected', '任一行被拒绝时退出码为 1'))
    .option(
      '--refused <file>',
      said(
        'write rejected lines to a file, with code and message, to correct and import again',
        '把被拒绝的行连同代码和说明写入文件，供改正后再次导入',
      ),
    )
    .addOption(
      new Option(
        '--format <format>',
        said(
          'the format of FILE (default: by its name, .csv, .tsv or .xlsx; else ndjson)',
          'FILE 的格式（默认：按文件名 .csv、.tsv 或 .xlsx；否则为 ndjson）',
        ),
      ).choices(['csv', 'ndjson', 'xlsx']),
    )
    .addOption(
      new Option(
        '--kind <kind>',
        said('the kind of a spreadsheet (default: sessions)', '电子表格的种类（默认：sessions）'),
      ).choices(['sessions', 'roster', 'deductions', 'complaints', 'appeals']),
    )
    .option(
      '--column <field=header>',
      said(
        'spreadsheet: name the column that holds a field (repeatable)',
        '电子表格：指明某字段所在的列（可重复）',
      ),
      collectColumn,
    )
    .option(
      '--columns <file>',
      said(
        'spreadsheet: read which column holds which field; --dry-run writes the file',
        '电子表格：读取各字段所在列的文件；--dry-run 会生成该文件',
      ),
    )
    .option(
      '--ignore-columns',
      said('spreadsheet: skip columns that are not a field', '电子表格：跳过不是字段的列'),
    )
    .option(
      '--sheet <name>',
      said('xlsx: the sheet to read, if there are several', 'xlsx：有多个工作表时要读取的那个'),
    )
    .addOption(
      new Option(
        '--encoding <encoding>',
        said('csv: the encoding (default: found)', 'csv：编码（默认：自动识别）'),
      ).choices(['utf-8', 'utf-16le', 'utf-16be', 'gb18030']),
    )
    .addOption(
      new Option(
        '--separator <name>',
        said(
          'csv: the sign between cells (default: found)',
          'csv：单元格之间的分隔符（默认：自动识别）',
        ),
      ).choices(['comma', 'semicolon', 'tab']),
    )
    .addOption(storeOption());
}

function collectColumn(
  given: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, field, header] = /^(\w+)=(.+)$/s.exec(given) ?? [];
  if (field === undefined || header === undefined)
    throw new InvalidArgumentError(
      said(
        'Give FIELD=HEADER, such as sessionId=Session.',
        '请给出 字段=表头，例如 sessionId=场次ID。',
      ),
    );
  return new Map([...before, [field, header.trim()]]);
}
