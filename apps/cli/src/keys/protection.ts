import {
  secretIn,
  secretOfCommand,
  secretOfFile,
  type KeySecret,
} from '@penalty-ledger/application/key-secret';
import { KeyStore } from '@penalty-ledger/application/key-store';
import { StoreUnavailableError } from '@penalty-ledger/event-store';
import { existsSync } from 'node:fs';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';
import { noteAct } from '../ledger/noted-act.js';
import { UsageError } from '../terminal/exit-codes.js';
import { askNewPassphrase } from '../terminal/passphrase.js';
import { said } from '../terminal/language.js';

/** The changes of how a key file is kept. */
export type ProtectionAct = 'protect' | 'unprotect' | 'change-passphrase';

/** The places of a new passphrase; without any, a person is asked. */
export interface NewPassphrase {
  readonly newPassphraseFile?: string;
  readonly newCommand?: string;
}

/** A key file, and whether it is protected now. */
export interface KeysProtected {
  readonly file: string;
  readonly protected: boolean;
}

/**
 * Changes how a ledger's keys are kept, while no other process writes the ledger.
 *
 * @throws UsageError, KeysLockedError, KeysFileError, StoreLockedError, StoreUnavailableError
 */
export function changeProtection(
  url: string,
  act: ProtectionAct,
  given: NewPassphrase,
): Promise<KeysProtected> {
  return withLedgerFile(url, 'write', async ({ store, location }) => {
    const { ledgerId } = await settingsOf(store);
    if (!existsSync(location.keys))
      throw new StoreUnavailableError({
        en: `there are no keys at "${location.keys}"`,
        zh: `"${location.keys}" 处没有密钥`,
      });
    const keys = KeyStore.open(location.keys, ledgerId);
    try {
      if (act === 'change-passphrase' && !keys.isProtected)
        throw new UsageError(
          said(
            `"${location.keys}" is not protected by a passphrase`,
            `"${location.keys}" 没有口令保护`,
          ),
          said('run "ledger keys protect"', '请运行 "ledger keys protect"'),
        );
      noteAct(url, ['keys', act].join(' '));
      if (act === 'unprotect') keys.unprotect();
      else if (act === 'protect') keys.protect(keys.isProtected ? '' : passphraseOf(secretIn()));
      else keys.changePassphrase(passphraseOf(newSecretOf(given)));
      return { file: location.keys, protected: keys.isProtected };
    } finally {
      keys.close();
    }
  });
}

const passphraseOf = (secret: KeySecret | undefined): string =>
  secret === undefined ? askNewPassphrase() : secret.read();

function newSecretOf({ newPassphraseFile, newCommand }: NewPassphrase): KeySecret | undefined {
  if (newPassphraseFile !== undefined)
    return secretOfFile('--new-passphrase-file', newPassphraseFile);
  return newCommand === undefined ? undefined : secretOfCommand('--new-command', newCommand);
}
