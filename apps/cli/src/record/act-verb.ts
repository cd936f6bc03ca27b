import type { LedgerCommand } from '@penalty-ledger/ledger';
import type { Command } from 'commander';
import { addVerb, type Example } from '../verb.js';
import { addRecordOptions, commandIdOption } from './options.js';
import type { RecordOptions } from './recording.js';

/** A field of an act, as an option. */
interface ActField {
  /** `--reason <text>` */
  readonly flags: string;
  readonly field: string;
  readonly required?: boolean;
  readonly about: string;
  /** Reads what was given; left out: a text. */
  readonly read?: (given: readonly string[]) => unknown;
}

/** A subcommand that records one command on what its argument names. */
interface Act {
  /** Its name and its argument: `decide <appeal>`. */
  readonly name: string;
  readonly command: LedgerCommand['command'];
  /** The field that the argument gives. */
  readonly idField: string;
  readonly summary: string;
  readonly examples: readonly Example[];
  readonly fields: readonly ActField[];
}

/**
 * Adds a short form of `record COMMAND` for one command. Run again, it finds its act recorded; an
 * act that is meant again has a `--command-id`.
 */
export function addAct(
  verb: Command,
  { name, command, idField, summary, examples, fields }: Act,
): void {
  const act = addVerb(verb, name, { summary, examples });
  for (const { flags, about, required = false } of fields)
    if (required) act.requiredOption(flags, about);
    else act.option(flags, about);
  addRecordOptions(act.addOption(commandIdOption())).action(
    async (id: string, _own: unknown, subcommand: Command) => {
      const { recordOne } = await import('./recording.js');
      const options = optionsOf(subcommand) as RecordOptions;
      const data: Record<string, unknown> = { [idField]: id };
      for (const { flags, field, read } of fields) {
        const given: unknown = subcommand.getOptionValue(act.createOption(flags).attributeName());
        if (given !== undefined)
          data[field] = read === undefined ? given : read(given as readonly string[]);
      }
      await recordOne(command, data, options, { knowsRepetition: true });
    },
  );
}

/**
 * The options of a subcommand. Those that were typed before its name belong to its verb by place,
 * and are meant for it.
 */
export function optionsOf(subcommand: Command): object {
  const { parent } = subcommand;
  const before: Readonly<Record<string, unknown>> = parent?.opts() ?? {};
  const typedBefore = Object.entries(before).filter(
    ([name]) =>
      parent?.getOptionValueSource(name) === 'cli' &&
      subcommand.getOptionValueSource(name) !== 'cli' &&
      parent.parent !== null,
  );
  return { ...subcommand.opts<object>(), ...Object.fromEntries(typedBefore) };
}
