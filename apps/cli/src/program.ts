import { Command } from 'commander';
import { pageWidth } from './terminal/layout.js';

interface VerbModule {
  readonly addTo: (program: Command) => void;
}

/** Every verb, in the order of the help. A new one is a folder, and a line here. */
function verbModules(): Promise<VerbModule[]> {
  return Promise.all([
    import('./demo/verb.js'),
    import('./serve/verb.js'),
    import('./simulate/verb.js'),
    import('./import/verb.js'),
    import('./query/verb.js'),
    import('./balance/verb.js'),
    import('./explain/verb.js'),
    import('./appeal/verb.js'),
    import('./agencies/verb.js'),
    import('./whatif/verb.js'),
    import('./assessment/verb.js'),
    import('./session/verb.js'),
    import('./complaint/verb.js'),
    import('./vertical/verb.js'),
    import('./slots/verb.js'),
    import('./themes/verb.js'),
    import('./replay/verb.js'),
    import('./export/verb.js'),
    import('./copy/verb.js'),
    import('./erase/verb.js'),
    import('./keys/verb.js'),
    import('./api-keys/verb.js'),
    import('./checkpoint/verb.js'),
    import('./receipt/verb.js'),
    import('./evidence/verb.js'),
    import('./verify/verb.js'),
    import('./doctor/verb.js'),
    import('./bench/verb.js'),
  ]);
}

/** A verb in the list: its name and arguments. */
function termOf(verb: Command): string {
  return [
    verb.name(),
    ...verb.registeredArguments.map((argument) => argument.name().toUpperCase()),
  ].join(' ');
}

/** The program with every verb. A verb loads what it needs when it runs: `--help` answers at once. */
export async function program(): Promise<Command> {
  const ledger = new Command('ledger')
    .description(
      'An audit ledger of penalty points: what the score was at an instant, as known at an instant, and why.',
    )
    .usage('VERB [arguments] [options]')
    .helpCommand(false)
    .configureHelp({ helpWidth: pageWidth, subcommandTerm: termOf })
    .showHelpAfterError('hint: --help shows what there is')
    .option(
      '--insecure',
      'let an engine be reached without TLS and credentials (also LEDGER_ALLOW_INSECURE=1)',
    )
    .hook('preAction', (program) => {
      if (program.opts<{ insecure?: boolean }>().insecure === true)
        process.env['LEDGER_ALLOW_INSECURE'] = '1';
    })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 the answer is no; 2 bad usage or input; 3 the store is unreachable, locked or damaged.\n' +
        'Try "ledger demo", or "ledger VERB --help".',
    );
  for (const { addTo } of await verbModules()) addTo(ledger);
  return ledger;
}
