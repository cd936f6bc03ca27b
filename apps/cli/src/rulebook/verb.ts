import { Argument, type Command } from 'commander';
import { exitCodes, UsageError } from '../terminal/exit-codes.js';
import { noteError, noteHint, printJson, printLine, printPage } from '../terminal/io.js';
import { addVerb, jsonOption } from '../verb.js';
import { said, speakToPrograms, saidIn } from '../terminal/language.js';

interface RulebookOptions {
  readonly json?: boolean;
  readonly line?: boolean;
}

export function addTo(program: Command): void {
  const verb = addVerb(program, 'rulebook', {
    summary: said(
      'explain a rulebook of your own, and try it on a sample before it is published',
      '解释您自己的规则，并在发布前以示例试行',
    ),
    details: said(
      'Reads a rulebook (docs/spec/rulebook.md) as JSON. Explains every account, clause and ' +
        'parameter with its source, and marks what is assumed. Then tries it on a sample agency, ' +
        'without a ledger. Exits with 1, and names each place, if it cannot be published.\n' +
        '"print" prints a rulebook that comes with the program, to publish it or to begin with.',
      '读取 JSON 格式的规则（docs/spec/rulebook.md）。解释每个计分账户、条款和参数及其来源，' +
        '并标出假设。然后在没有账本的情况下以示例机构试行。不能发布时退出码为 1，并指出每一处。' +
        '\n"print" 打印程序附带的规则，供发布或作为起点。',
    ),
    examples: [
      'rulebook print douyin-mcn-credit > mine.json',
      [
        'rulebook print ali-mcn 2018-07-03',
        '...',
        '  "id": "ali-mcn",',
        '  "rulebookVersion": "2018-07-03",',
        '...',
      ],
      'rulebook check mine.json',
      'rulebook check mine.json --line | ledger import -',
    ],
  });
  verb
    .addArgument(
      new Argument('<action>', said('what to do', '要做什么')).choices(['check', 'print']),
    )
    .argument(
      '<file...>',
      said(
        'the rulebook; for "print" the id, and a version, of one that comes with the program',
        '规则文件；用于 "print" 时为程序附带的规则的编号和版本',
      ),
    )
    .option(
      '--line',
      said(
        'print the command line that publishes it, for "ledger import"',
        '打印用于发布它的指令行，供 "ledger import" 使用',
      ),
    )
    .addOption(jsonOption())
    .action(
      async (
        action: 'check' | 'print',
        [file = '', version, ...more]: readonly string[],
        options: RulebookOptions,
      ) => {
        const [unread] = action === 'print' ? more : [version, ...more];
        if (unread !== undefined)
          throw new UsageError(
            said(`"${unread}" is not read`, `不读取 "${unread}"`),
            said(
              '"check" takes one file; "print" takes an id and a version',
              '"check" 只接受一个文件；"print" 接受编号和版本',
            ),
          );
        if (action === 'print') {
          const { shippedRulebook } = await import('./shipped.js');
          return printLine(JSON.stringify(shippedRulebook(file, version), null, 2));
        }
        if (options.json === true) speakToPrograms();
        const { readRulebook } = await import('./rulebook-file.js');
        const read = await readRulebook(file);
        if (read.problems !== undefined) {
          process.exitCode = exitCodes.no;
          for (const problem of read.problems) noteError(saidIn(problem));
          noteHint(
            said(
              'docs/spec/rulebook.md has every member, with an example',
              'docs/spec/rulebook.md 列出了每个成员并附示例',
            ),
          );
          return options.json === true ? printJson({ problems: read.problems }) : undefined;
        }
        const { document } = read;
        if (options.line === true)
          return printLine(
            JSON.stringify({ command: 'PublishRulebook', data: { rulebook: document } }),
          );
        const { triedOn } = await import('./sample.js');
        const { rulebookJson, rulebookPage } = await import('./page.js');
        const sample = document.accounts.map((account) => triedOn(document, account));
        return options.json === true
          ? printJson(rulebookJson(document, sample))
          : printPage(rulebookPage(document, sample));
      },
    );
}
