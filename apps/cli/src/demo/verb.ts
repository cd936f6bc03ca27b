import { Option, type Command } from 'commander';
import { addVerb } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'demo', {
    summary: 'sample data: a year of sixty agencies, and what the ledger is for',
    details:
      'Opens a simulation ledger, imports a generated year of one platform slice (2019 and its turn) and shows what it ' +
      'can be asked. The ledger stays, to be looked at; the next demo begins anew.',
    examples: ['demo', 'demo --lines commands.ndjson'],
  })
    .option('--lines <file>', 'also write the generated command lines to a file')
    .addOption(
      new Option('--store <url>', 'where to put it').default('sqlite:./data/demo/ledger.db'),
    )
    .action(async (options: { readonly store: string; readonly lines?: string }) => {
      const { runDemo } = await import('./run.js');
      await runDemo(options.store, options.lines);
    });
}
