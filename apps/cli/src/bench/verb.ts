import { Option, type Command } from 'commander';
import { fileURLToPath } from 'node:url';
import { addVerb } from '../verb.js';
import { said } from '../terminal/language.js';

interface BenchOptions {
  readonly only?: string;
  readonly rounds?: string;
  readonly events?: string;
  readonly sessions?: string;
  readonly requests?: string;
  readonly write?: true;
  readonly checkout: string;
}

/** The checkout that this program runs in, if it does: the folder above `apps`. */
const ownCheckout = fileURLToPath(new URL('../../../../', import.meta.url));

export function addTo(program: Command): void {
  addVerb(program, 'bench', {
    summary: said(
      'run benchmarks against a baseline loop (source checkout only)',
      '运行性能基准测试，与基线循环对比（仅限源代码检出目录）',
    ),
    details: said(
      'Runs the benchmarks of a source checkout and prints a Markdown table. All of them take ' +
        'hours; select with --only. They work in a folder of their own and touch no ledger.',
      '运行源代码检出目录中的基准测试，并打印 Markdown 表格。全部运行需数小时，' +
        '可用 --only 选择。测试在自己的文件夹中进行，不触及任何账本。',
    ),
    examples: ['bench --only "durable single" --rounds 3', 'bench --only http --requests 20000'],
  })
    .option(
      '--only <text>',
      said('run only the cases whose names contain a text', '只运行名称含有该文字的用例'),
    )
    .option(
      '--rounds <count>',
      said('rounds of each case (default: 5)', '每个用例的轮数（默认：5）'),
    )
    .option(
      '--events <count>',
      said(
        'events of a case, where that can be chosen (default: 1000000)',
        '可选择事件数的用例的事件数（默认：1000000）',
      ),
    )
    .option(
      '--sessions <count>',
      said('sessions of a case (default: 1000000)', '用例的直播场次数（默认：1000000）'),
    )
    .option(
      '--requests <count>',
      said('HTTP requests of a case (default: 10000)', '用例的 HTTP 请求数（默认：10000）'),
    )
    .option(
      '--write',
      said(
        'also write the table to bench/results….md of the checkout',
        '同时把表格写入检出目录的 bench/results….md',
      ),
    )
    .addOption(
      new Option('--checkout <folder>', said('the folder of the checkout', '检出目录')).default(
        ownCheckout,
        said("this program's own", '本程序所在的检出目录'),
      ),
    )
    .action(async ({ checkout, ...chosen }: BenchOptions) => {
      const { runMeasurements } = await import('./measurements.js');
      const given = Object.entries(chosen).flatMap(([name, value]) =>
        value === true ? [`--${name}`] : [`--${name}`, value],
      );
      process.exitCode = await runMeasurements(checkout, given);
    });
}
