import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'query <file>', {
    summary: 'answer the queries in a file, one a line, in order',
    details:
      'FILE holds one query a line (JSON); - is standard input. Answers are JSON, one a line.',
    examples: [`query queries.ndjson`, `query - <<< '{"query":"balance","agencyId":"mcn-007"}'`],
  })
    .addOption(storeOption())
    .action(async (file: string, { store }: { readonly store: string }) => {
      const { answerLines } = await import('./answers.js');
      await answerLines(file, store);
    });
}
