import { Option, type Command } from 'commander';
import { addVerb } from '../verb.js';
import { said } from '../terminal/language.js';

export function addTo(program: Command): void {
  addVerb(program, 'demo', {
    summary: said(
      'record a sample year of sixty agencies and walk through the queries',
      '记录六十家机构的示例年度，并逐一演示各种查询',
    ),
    details: said(
      'Opens a simulation ledger, records a generated year (2019 and its turn), and shows what ' +
        'the queries answer. The ledger stays for you to explore; the next demo replaces it.',
      '开立一个模拟账本，记录生成的一年（2019 年及跨年），并展示各种查询的答案。' +
        '账本会保留供您探索；下次演示会替换它。',
    ),
    examples: [
      [
        'demo',
        '...',
        said(
          '    2019-06-01 12:00:00        on that day  120 of 120  expelled',
          '    2019-06-01 12:00:00          当日      120/120 分  已清退',
        ),
        '...',
      ],
      'demo --lines commands.ndjson',
    ],
  })
    .option(
      '--lines <file>',
      said('also write the generated commands to a file', '同时把生成的指令写入文件'),
    )
    .addOption(
      new Option('--store <url>', said('the ledger to make', '要生成的账本')).default(
        'sqlite:./data/demo/ledger.db',
      ),
    )
    .action(async (options: { readonly store: string; readonly lines?: string }) => {
      const { runDemo } = await import('./run.js');
      await runDemo(options.store, options.lines);
    });
}
