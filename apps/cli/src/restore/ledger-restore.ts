import {
  erasedIn,
  readIdentities,
  readPassphrase,
  restoreKeys,
  restoreLedger,
  type KeysGiven,
  type KeysRestored,
  type LedgerRestored,
  type RestoreStep,
} from '@penalty-ledger/application/backing-up';
import type { FilesElsewhere } from '@penalty-ledger/application/store-url';
import { UsageError } from '../terminal/exit-codes.js';
import { readBytes } from '../terminal/input.js';
import { startProgress, type Progress } from '../terminal/progress.js';

/** The options about keys, as they were given. */
export interface KeyOptions {
  readonly keys?: string;
  readonly identityFile?: string;
  readonly passphraseFile?: string;
  readonly erased?: string;
}

/** The keys to restore, and the subjects that get none back. */
export interface Given {
  readonly keys: KeysGiven | undefined;
  readonly erased: ReadonlySet<string>;
}

/** A restore, and how long it took, in seconds. */
export interface TimedRestore extends LedgerRestored {
  readonly to: string;
  readonly seconds: number;
}

const labels: Readonly<Record<RestoreStep, string>> = {
  events: 'events',
  tree: 'tree',
  'read models': 'fold',
};

/**
 * Reads the options about keys.
 *
 * @throws UsageError when they do not fit each other; KeysFileError for a file that cannot be used
 */
export async function givenKeys(
  folder: string | undefined,
  { keys: path, identityFile, passphraseFile, erased }: KeyOptions,
): Promise<Given> {
  if (path === undefined && folder === undefined)
    throw new UsageError('there is nothing to restore', 'give FOLDER, --keys FILE or both');
  if (path === undefined && (identityFile ?? passphraseFile) !== undefined)
    throw new UsageError('--identity-file and --passphrase-file need --keys FILE');
  if (identityFile !== undefined && passphraseFile !== undefined)
    throw new UsageError('give either --identity-file or --passphrase-file');
  const list = erased === undefined ? '' : Buffer.from(await readBytes(erased)).toString('utf8');
  return {
    keys:
      path === undefined ? undefined : { path, opening: openingOf(identityFile, passphraseFile) },
    erased: erasedIn(list, erased ?? ''),
  };
}

/** Restores a ledger, with a bar for each pass over its events. */
export async function restoreWithProgress(
  folder: string,
  to: string,
  given: Given & { readonly elsewhere: FilesElsewhere; readonly termMs: number },
): Promise<TimedRestore> {
  const startedMs = performance.now();
  let shown: { readonly step: RestoreStep; readonly progress: Progress } | undefined;
  const onProgress = (step: RestoreStep, events: number, total: number): void => {
    if (shown?.step !== step) {
      shown?.progress.stop();
      shown = { step, progress: startProgress({ label: labels[step], unit: 'events', total }) };
    }
    shown.progress.update(events);
  };
  try {
    const restored = await restoreLedger({ folder, to, ...given, onProgress });
    return { to, ...restored, seconds: (performance.now() - startedMs) / 1_000 };
  } finally {
    shown?.progress.stop();
  }
}

/** Restores keys to a ledger that exists. */
export function restoreKeysAlone(
  to: string,
  { keys, erased, elsewhere }: Given & { readonly elsewhere: FilesElsewhere },
): Promise<KeysRestored> {
  return restoreKeys(to, keys as KeysGiven, erased, elsewhere);
}

function openingOf(
  identityFile: string | undefined,
  passphraseFile: string | undefined,
): KeysGiven['opening'] {
  if (identityFile !== undefined)
    return { by: 'identities', identities: readIdentities(identityFile) };
  if (passphraseFile !== undefined)
    return { by: 'passphrase', passphrase: readPassphrase(passphraseFile) };
  return undefined;
}
