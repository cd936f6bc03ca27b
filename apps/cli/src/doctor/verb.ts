import type { Command } from 'commander';
import { exitCodes } from '../terminal/exit-codes.js';
import { printJson, printPage } from '../terminal/io.js';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'doctor', {
    summary: 'diagnose a ledger, and say what to do',
    details:
      'Reads and checks every event and everything around it. It changes nothing, except read ' +
      'models that this version cannot use. Exits with 3 if anything is damaged.',
    examples: [
      ['doctor', '...', 'ok    merkle log    3,371 events, those of the store'],
      'doctor --full',
    ],
  })
    .option('--full', 'also rebuild every read model and compare digests')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(
      async ({ store, json = false, full = false }: AskOptions & { readonly full?: boolean }) => {
        const { diagnose } = await import('./diagnoses.js');
        const { diagnosisLines } = await import('./page.js');
        const diagnoses = await diagnose(store, full);
        if (diagnoses.some(({ status }) => status === 'fail')) process.exitCode = exitCodes.store;
        return json ? printJson(diagnoses) : printPage(diagnoses.flatMap(diagnosisLines));
      },
    );
}
