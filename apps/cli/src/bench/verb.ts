import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { addVerb } from '../verb.js';

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
const ownCheckout = join(import.meta.dirname, '..', '..', '..', '..');

export function addTo(program: Command): void {
  addVerb(program, 'bench', {
    summary: 'run benchmarks against a baseline loop (source checkout only)',
    details:
      'Runs the benchmarks of a source checkout and prints a Markdown table. All of them take ' +
      'hours; select with --only. They work in a folder of their own and touch no ledger.',
    examples: ['bench --only "durable single" --rounds 3', 'bench --only http --requests 20000'],
  })
    .option('--only <text>', 'run only the cases whose names contain a text')
    .option('--rounds <count>', 'rounds of each case (default: 5)')
    .option('--events <count>', 'events of a case, where that can be chosen (default: 1000000)')
    .option('--sessions <count>', 'sessions of a case (default: 1000000)')
    .option('--requests <count>', 'HTTP requests of a case (default: 10000)')
    .option('--write', 'also write the table to bench/results….md of the checkout')
    .addOption(
      new Option('--checkout <folder>', 'the folder of the checkout').default(
        ownCheckout,
        "this program's own",
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
