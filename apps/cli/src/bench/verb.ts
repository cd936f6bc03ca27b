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

/** Whose this program is, when it runs in a checkout: the folder above `apps`. */
const ownCheckout = join(import.meta.dirname, '..', '..', '..', '..');

export function addTo(program: Command): void {
  addVerb(program, 'bench', {
    summary: 'measurements, each beside a plain loop in the same run',
    details:
      'Runs the measurements of a checkout of the source; an installed ledger has none. All of them take hours: choose with --only. What it prints is ' +
      'a Markdown table. It works in a folder of its own and touches no ledger.',
    examples: ['bench --only "durable single" --rounds 3', 'bench --only http --requests 20000'],
  })
    .option('--only <text>', 'the cases whose names have this in them')
    .option('--rounds <count>', 'how often each is measured (default: 5)')
    .option('--events <count>', 'how many events, where that can be chosen (default: 1000000)')
    .option('--sessions <count>', 'how many sessions (default: 1000000)')
    .option('--requests <count>', 'how many HTTP requests (default: 10000)')
    .option('--write', 'also keep the table as bench/results….md of the checkout')
    .addOption(
      new Option('--checkout <folder>', 'the checkout').default(ownCheckout, "this program's own"),
    )
    .action(async ({ checkout, ...chosen }: BenchOptions) => {
      const { runMeasurements } = await import('./measurements.js');
      const given = Object.entries(chosen).flatMap(([name, value]) =>
        value === true ? [`--${name}`] : [`--${name}`, value],
      );
      process.exitCode = await runMeasurements(checkout, given);
    });
}
