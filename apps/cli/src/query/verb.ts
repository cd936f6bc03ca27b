import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';

export function addTo(program: Command): void {
  addVerb(program, 'query <file>', {
    summary: 'answer a file of queries, one a line, in order',
    details:
      'FILE holds one query a line, as JSON; - is standard input. Each answer is one line of JSON.',
    examples: [
      'query queries.ndjson',
      [
        `query - <<< '{"query":"agencies","standing":"pending_expulsion"}'`,
        '[{"agencyId":"mcn-052","balance":120,"standing":"pending_expulsion"}]',
      ],
    ],
  })
    .addOption(storeOption())
    .action(async (file: string, { store }: { readonly store: string }) => {
      const { answerLines } = await import('./answers.js');
      await answerLines(file, store);
    });
}
