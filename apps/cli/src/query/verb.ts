import type { Command } from 'commander';
import { addVerb, storeOption } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'query <file>', {
    summary: said(
      'answer a file of queries, one a line, in order',
      '按顺序回答查询文件，每行一个查询',
    ),
    details: said(
      'FILE holds one query a line, as JSON; - is standard input. Each answer is one line of JSON.',
      'FILE 每行一个 JSON 查询；- 表示标准输入。每个答案是一行 JSON。',
    ),
    examples: [
      [
        'query queries.ndjson',
        '[{"agencyId":"mcn-052","balance":120,"standing":"pending_expulsion"}]',
      ],
      `query - <<< '{"query":"agencies","standing":"pending_expulsion"}'`,
    ],
  })
    .addOption(storeOption())
    .action(async (file: string, { store }: { readonly store: string }) => {
      const { answerLines } = await import('./answers.js');
      await answerLines(file, store);
    });
}
