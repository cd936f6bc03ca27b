import { Command, Option } from 'commander';
import { defaultStoreUrl } from '@penalty-ledger/application/store-url';

/** How a verb presents itself. */
export interface VerbText {
  readonly summary: string;
  /** Said after the summary in the verb's own help. */
  readonly details?: string;
  readonly examples: readonly string[];
}

/** Adds a verb with its `--help`. */
export function addVerb(
  program: Command,
  nameAndArguments: string,
  { summary, details, examples }: VerbText,
): Command {
  const verb = program.command(nameAndArguments).summary(summary);
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  verb.description(details === undefined ? sentence : `${sentence}\n\n${details}`);
  const shown = examples.map((example) => `  $ ledger ${example}`).join('\n');
  return verb.addHelpText('after', `\nExample${examples.length === 1 ? '' : 's'}:\n${shown}`);
}

/** `--store`, which nearly every verb has. */
export function storeOption(): Option {
  return new Option('--store <url>', 'the ledger: sqlite:PATH, esdb://HOST, esdb+discover://HOST')
    .env('LEDGER_STORE')
    .default(defaultStoreUrl);
}

export function jsonOption(): Option {
  return new Option('--json', 'print the answer as JSON');
}

/** The two axes of a question (rules §3). */
export function effectiveAtOption(): Option {
  return new Option(
    '--effective-at <instant>',
    'as it stood then: 2019-06-01T12:00:00+08:00 (default: now)',
  );
}

export function knownAtOption(): Option {
  return new Option('--known-at <instant>', 'with what was recorded up to then (default: now)');
}

/** Options every verb of the reading side has. */
export interface AskOptions {
  readonly store: string;
  readonly json?: boolean;
}
