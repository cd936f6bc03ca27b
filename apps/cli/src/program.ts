import { Command } from 'commander';
import { pageWidth } from './text/layout.js';
import { addAgencies } from './verbs/agencies.js';
import { addApiKeys } from './verbs/api-keys.js';
import { addAppeal } from './verbs/appeal.js';
import { addImport, addSimulate } from './verbs/apply.js';
import { addAssessment } from './verbs/assessment.js';
import { addBalance } from './verbs/balance.js';
import { addBench } from './verbs/bench.js';
import { addCheckpoint } from './verbs/checkpoint.js';
import { addComplaint } from './verbs/complaint.js';
import { addCopy } from './verbs/copy.js';
import { addDemo } from './verbs/demo.js';
import { addDoctor } from './verbs/doctor.js';
import { addErase } from './verbs/erase.js';
import { addEvidence } from './verbs/evidence.js';
import { addExplain } from './verbs/explain.js';
import { addExport } from './verbs/export.js';
import { addKeys } from './verbs/keys.js';
import { addQuery } from './verbs/query.js';
import { addReceipt } from './verbs/receipt.js';
import { addReplay } from './verbs/replay.js';
import { addServe } from './verbs/serve.js';
import { addSession } from './verbs/session.js';
import { addSlots } from './verbs/slots.js';
import { addThemes } from './verbs/themes.js';
import { addVerify } from './verbs/verify.js';
import { addVertical } from './verbs/vertical.js';
import { addWhatIf } from './verbs/whatif.js';

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
