import { plain, plainLine } from '@penalty-ledger/application/printable';
import { Command, Option } from 'commander';
import { said } from './terminal/language.js';
import { pageWidth } from './terminal/layout.js';

interface VerbModule {
  readonly addTo: (program: Command) => void;
}

type Group = readonly [heading: string, verbs: readonly VerbModule[]];

/** Every verb under its heading, in the help's order. A new one is a folder and a line here. */
function verbGroups(): Promise<readonly Group[]> {
  return Promise.all([
    group('Try:', [import('./demo/verb.js')]),
    group('Record:', [
      import('./simulate/verb.js'),
      import('./import/verb.js'),
      import('./record/verb.js'),
      import('./deduction/verb.js'),
      import('./rulebook/verb.js'),
    ]),
    group('Ask:', [
      import('./balance/verb.js'),
      import('./explain/verb.js'),
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
    group('Prove:', [
      import('./checkpoint/verb.js'),
      import('./receipt/verb.js'),
      import('./evidence/verb.js'),
      import('./verify/verb.js'),
      import('./keys/verb.js'),
    ]),
    group('Operate:', [
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

/** Commander's message of an error with what was given, and on its next line what was meant. */
function errorText(text: string): string {
  const lines = text.trimEnd().split(/\n(?=\(Did you mean )/);
  return `${lines.map(plainLine).join('\n')}\n`;
}

/** The program. A verb loads what it needs when it runs, so that `--help` answers at once. */
export async function program(): Promise<Command> {
  const ledger = new Command('ledger')
    .description(
      "an audit ledger of penalty points: an agency's score at any moment, as it was known at " +
        'any other moment, and the reason for each point',
    )
    .usage('VERB [arguments] [options]')
    .helpCommand(false)
    .configureHelp({ helpWidth: pageWidth, subcommandTerm: termOf })
    .showHelpAfterError('hint: see --help')
    .option(
      '--insecure',
      'connect to an engine without TLS and credentials (also LEDGER_ALLOW_INSECURE=1)',
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
      if (program.opts<{ insecure?: boolean }>().insecure === true)
        process.env['LEDGER_ALLOW_INSECURE'] = '1';
    })
    .exitOverride()
    .configureOutput({
      writeErr: (text) => void process.stderr.write(plain(text)),
      outputError: (text, write) => write(errorText(text)),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 the answer is no; 2 wrong usage or input; ' +
        '3 the store cannot be reached,\nis locked or is damaged.\n' +
        'Begin with "ledger demo", or see "ledger VERB --help".',
    );
  for (const [heading, verbs] of await verbGroups()) {
    ledger.commandsGroup(heading);
    for (const { addTo } of verbs) addTo(ledger);
  }
  return ledger;
}
