import type { FilesElsewhere } from '@penalty-ledger/application/store-url';
import type { Command } from 'commander';
import { note } from '../terminal/io.js';

/** A file of a second ledger that need not lie beside its events. */
interface Place {
  readonly field: keyof FilesElsewhere;
  readonly option: string;
  readonly variable: string;
  readonly holds: string;
}

const places = {
  keys: { field: 'keysFile', option: '--keys-file', variable: 'LEDGER_KEYS', holds: 'keys' },
  access: {
    field: 'accessFile',
    option: '--access-file',
    variable: 'LEDGER_ACCESS',
    holds: 'API keys',
  },
} as const satisfies Record<string, Place>;

/** The names of these files. */
export type PlaceName = keyof typeof places;

/** Adds the options that place files of the ledger in `--to` elsewhere. */
export function addFilesElsewhere(verb: Command, names: readonly PlaceName[]): Command {
  for (const { option, holds } of names.map((name) => places[name]))
    verb.option(
      `${option} <file>`,
      `the file of the target's ${holds} (default: beside its events)`,
    );
  return verb;
}

/** Reads these options, and notes a variable that holds for another ledger only. */
export function filesElsewhere(
  options: FilesElsewhere,
  names: readonly PlaceName[],
): FilesElsewhere {
  for (const { field, option, variable, holds } of names.map((name) => places[name]))
    if ((process.env[variable] ?? '') !== '' && options[field] === undefined)
      note(
        `${variable} is for the ledger of LEDGER_STORE; the target gets its ${holds} ` +
          `beside its events, or where ${option} says`,
      );
  const { keysFile, accessFile } = options;
  return { keysFile, accessFile };
}
