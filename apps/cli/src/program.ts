import { Command } from 'commander';
import { pageWidth } from './terminal/layout.js';
import { addAgencies } from './agencies/verb.js';
import { addApiKeys } from './api-keys/verb.js';
import { addAppeal } from './appeal/verb.js';
import { addImport, addSimulate } from './intake/verbs.js';
import { addAssessment } from './assessment/verb.js';
import { addBalance } from './balance/verb.js';
import { addBench } from './bench/verb.js';
import { addCheckpoint } from './checkpoint/verb.js';
import { addComplaint } from './complaint/verb.js';
import { addCopy } from './copy/verb.js';
import { addDemo } from './demo/verb.js';
import { addDoctor } from './doctor/verb.js';
import { addErase } from './erase/verb.js';
import { addEvidence } from './evidence/verb.js';
import { addExplain } from './explain/verb.js';
import { addExport } from './export/verb.js';
import { addKeys } from './keys/verb.js';
import { addQuery } from './query/verb.js';
import { addReceipt } from './receipt/verb.js';
import { addReplay } from './replay/verb.js';
import { addServe } from './serve/verb.js';
import { addSession } from './session/verb.js';
import { addSlots } from './slots/verb.js';
import { addThemes } from './themes/verb.js';
import { addVerify } from './verify/verb.js';
import { addVertical } from './vertical/verb.js';
import { addWhatIf } from './whatif/verb.js';

/** A verb in the list: its name and arguments. */
function termOf(verb: Command): string {
  return [
    verb.name(),
    ...verb.registeredArguments.map((argument) => argument.name().toUpperCase()),
  ].join(' ');
}

/** Every verb. What a verb needs is loaded when it runs, so that `--help` is there at once. */
export function program(): Command {
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
  const adders = [
    ...[
      addDemo,
      addServe,
      addSimulate,
      addImport,
      addQuery,
      addBalance,
      addExplain,
      addAppeal,
      addAgencies,
      addWhatIf,
    ],
    ...[addAssessment, addSession, addComplaint, addVertical, addSlots, addThemes],
    ...[
      addReplay,
      addExport,
      addCopy,
      addErase,
      addKeys,
      addApiKeys,
      addCheckpoint,
      addReceipt,
      addEvidence,
      addVerify,
      addDoctor,
      addBench,
    ],
  ];
  for (const add of adders) add(ledger);
  return ledger;
}
