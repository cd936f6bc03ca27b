import { plain } from '@penalty-ledger/application/printable';
import { Command, Option } from 'commander';
import { createRequire } from 'node:module';
import { exitCodeText } from './verb.js';
import { usePager } from './terminal/io.js';
import { said } from './terminal/language.js';
import { helpWords } from './terminal/commander-words.js';

interface VerbModule {
  readonly addTo: (program: Command) => void;
}

type Group = readonly [heading: string, verbs: readonly VerbModule[]];

/** Every verb under its heading, in the help's order. A new one is a folder and a line here. */
function verbGroups(): Promise<readonly Group[]> {
  return Promise.all([
    group(said('Try:', '体验：'), [import('./demo/verb.js')]),
    group(said('Record:', '记录：'), [
      import('./simulate/verb.js'),
      import('./import/verb.js'),
      import('./record/verb.js'),
      import('./deduction/verb.js'),
      import('./rulebook/verb.js'),
    ]),
    group(said('Ask:', '查询：'), [
      import('./balance/verb.js'),
      import('./explain/verb.js'),
      import('./timeline/verb.js'),
      import('./whatif/verb.js'),
      import('./agencies/verb.js'),
      import('./appeal/verb.js'),
      import('./complaint/verb.js'),
      import('./session/verb.js'),
      import('./assessment/verb.js'),
      import('./outlook/verb.js'),
      import('./vertical/verb.js'),
      import('./slots/verb.js'),
      import('./themes/verb.js'),
      import('./query/verb.js'),
    ]),
    group(said('List:', '列表：'), [import('./lists/verb.js')]),
    group(said('Prove:', '取证与验证：'), [
      import('./checkpoint/verb.js'),
      import('./receipt/verb.js'),
      import('./evidence/verb.js'),
      import('./verify/verb.js'),
      import('./keys/verb.js'),
    ]),
    group(said('Operate:', '运维：'), [
      import('./serve/verb.js'),
      import('./api-keys/verb.js'),
      import('./doctor/verb.js'),
      import('./replay/verb.js'),
      import('./export/verb.js'),
      import('./backup/verb.js'),
      import('./restore/verb.js'),
      import('./copy/verb.js'),
      import('./follow/verb.js'),
      import('./promote/verb.js'),
      import('./erase/verb.js'),
      import('./bench/verb.js'),
      import('./completion/verb.js'),
    ]),
  ]);
}

async function group(heading: string, verbs: readonly Promise<VerbModule>[]): Promise<Group> {
  return [heading, await Promise.all(verbs)];
}

/** A verb in the list: its name and arguments, with brackets around those that may be left out. */
function termOf(verb: Command): string {
  const terms = verb.registeredArguments.map((argument) => {
    const name = argument.name().toUpperCase();
    return argument.required ? name : `[${name}]`;
  });
  return [verb.name(), ...terms].join(' ');
}

const { version } = createRequire(import.meta.url)('../package.json') as {
  readonly version: string;
};

/** The program. A verb loads what it needs when it runs, so that `--help` answers at once. */
export async function program(): Promise<Command> {
  const ledger = new Command('ledger')
    .description(
      said(
        "an audit ledger of penalty points: an agency's score at any moment, as it was known at " +
          'any other moment, and the reason for each point',
        '处罚积分审计账本：任一机构在任一时点的累计扣分，可按任一已知时点查询，每一分都有依据',
      ),
    )
    .usage(said('VERB [arguments] [options]', 'VERB [参数] [选项]'))
    .helpCommand(false)
    .version(version, '-V, --version', said('print the version', '显示版本号'))
    .option(
      '--no-pager',
      said('print long answers at once, without PAGER', '直接输出长篇回答，不使用 PAGER'),
    )
    .configureHelp({ ...helpWords, subcommandTerm: termOf })
    .helpOption('-h, --help', said('display help for command', '显示帮助'))
    .option(
      '--insecure',
      said(
        'connect to an engine without TLS and credentials (also LEDGER_ALLOW_INSECURE=1)',
        '不使用 TLS 和凭据连接存储引擎（也可设 LEDGER_ALLOW_INSECURE=1）',
      ),
    )
    .addOption(
      new Option(
        '--lang <language>',
        said(
          'the language of texts (default: that of the locale)',
          '文字的语言（默认：系统区域设置的语言）',
        ),
      ).choices(['en', 'zh']),
    )
    .hook('preAction', (program) => {
      if (program.opts<{ pager?: boolean }>().pager === false) usePager(false);
      if (program.opts<{ insecure?: boolean }>().insecure === true)
        process.env['LEDGER_ALLOW_INSECURE'] = '1';
    })
    .exitOverride()
    .configureOutput({
      writeErr: (text) => void process.stderr.write(plain(text)),
      // The program ends with what is wrong, in the reader's language.
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      `\n${exitCodeText()}\n` +
        said(
          'Begin with "ledger demo", or see "ledger VERB --help".',
          '可先运行 "ledger demo"，或查看 "ledger VERB --help"。',
        ),
    );
  for (const [heading, verbs] of await verbGroups()) {
    ledger.commandsGroup(heading);
    for (const { addTo } of verbs) addTo(ledger);
  }
  // Last, so that it is listed with the verbs.
  return ledger.helpCommand('help [verb]', said('show the help of a verb', '显示某个动词的帮助'));
}
