import type { FilesElsewhere } from '@penalty-ledger/application/store-url';
import type { InBoth } from '@penalty-ledger/application/language';
import type { Command } from 'commander';
import { note } from '../terminal/io.js';
import { said, saidIn } from '../terminal/language.js';

/** A file of a second ledger that need not lie beside its events. */
interface Place {
  readonly field: keyof FilesElsewhere;
  readonly option: string;
  readonly variable: string;
  readonly holds: InBoth;
}

const places = {
  keys: {
    field: 'keysFile',
    option: '--keys-file',
    variable: 'LEDGER_KEYS',
    holds: { en: 'keys', zh: '密钥' },
  },
  access: {
    field: 'accessFile',
    option: '--access-file',
    variable: 'LEDGER_ACCESS',
    holds: { en: 'API keys', zh: ' API 密钥' },
  },
} as const satisfies Record<string, Place>;

/** The names of these files. */
export type PlaceName = keyof typeof places;

/** Adds the options that place files of the ledger in `--to` elsewhere. */
export function addFilesElsewhere(verb: Command, names: readonly PlaceName[]): Command {
  for (const { option, holds } of names.map((name) => places[name]))
    verb.option(
      `${option} <file>`,
      said(
        `the file of the target's ${saidIn(holds)} (default: beside its events)`,
        `目标账本的${saidIn(holds)}所在的文件（默认：与其事件在一起）`,
      ),
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
        said(
          `${variable} is for the ledger of LEDGER_STORE; the target gets its ${saidIn(holds)} ` +
            `beside its events, or where ${option} says`,
          `${variable} 只用于 LEDGER_STORE 的账本；目标账本的${saidIn(holds)}与其事件在一起，` +
            `或位于 ${option} 指定的位置`,
        ),
      );
  const { keysFile, accessFile } = options;
  return { keysFile, accessFile };
}
