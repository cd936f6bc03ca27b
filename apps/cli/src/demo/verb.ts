import { Option, type Command } from 'commander';
import { addVerb } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'demo', {
    summary: 'record a sample year of sixty agencies and walk through the queries',
    details:
      'Opens a simulation ledger, records a generated year (2019 and its turn), and shows what ' +
      'the queries answer. The ledger stays for you to explore; the next demo replaces it.',
    examples: ['demo', 'demo --lines commands.ndjson'],
  })
    .option('--lines <file>', 'also write the generated commands to a file')
    .addOption(
      new Option('--store <url>', 'the ledger to make').default('sqlite:./data/demo/ledger.db'),
    )
    .action(async (options: { readonly store: string; readonly lines?: string }) => {
      const { runDemo } = await import('./run.js');
      await runDemo(options.store, options.lines);
    });
}
