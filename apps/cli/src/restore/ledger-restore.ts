import type { InBoth } from '@penalty-ledger/application/language';
import {
  erasedIn,
  readIdentities,
  readPassphrase,
  restoreKeys,
  restoreLedger,
  type KeysAloneRestored,
  type KeysGiven,
  type LedgerRestored,
  type RestoreStep,
} from '@penalty-ledger/application/backing-up';
import type { FilesElsewhere } from '@penalty-ledger/application/store-url';
import { UsageError } from '../terminal/exit-codes.js';
import { readBytes } from '../terminal/input.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import { said, saidIn } from '../terminal/language.js';

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

const labels: Readonly<Record<RestoreStep, InBoth>> = {
  events: { en: 'events', zh: '事件' },
  tree: { en: 'tree', zh: '默克尔树' },
  'read models': { en: 'fold', zh: '重新计算' },
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
    throw new UsageError(
      said('there is nothing to restore', '没有可恢复的内容'),
      said('give FOLDER, --keys FILE or both', '请给出 FOLDER、--keys FILE 或两者'),
    );
  if (path === undefined && (identityFile ?? passphraseFile) !== undefined)
    throw new UsageError(
      said(
        '--identity-file and --passphrase-file need --keys FILE',
        '--identity-file 和 --passphrase-file 需要与 --keys FILE 同用',
      ),
    );
  if (identityFile !== undefined && passphraseFile !== undefined)
    throw new UsageError(
      said(
        'give either --identity-file or --passphrase-file',
        '--identity-file 和 --passphrase-file 只能给出一个',
      ),
    );
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
      shown = {
        step,
        progress: startProgress({ label: saidIn(labels[step]), unit: 'events', total }),
      };
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
): Promise<KeysAloneRestored> {
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
