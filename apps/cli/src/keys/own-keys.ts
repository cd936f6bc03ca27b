import { KeyStore, signingKeyName } from '@penalty-ledger/application/key-store';
import { parseVerifierKey, type VerifierKey } from '@penalty-ledger/merkle-log';
import { settingsOf, withLedgerFile } from '../ledger/ledger-file.js';

/** Returns the key that verifies what a ledger signs; none before its first signature. */
export async function ownKeys(url: string): Promise<readonly VerifierKey[]> {
  return withLedgerFile(url, 'read', async ({ store, location }) => {
    const { ledgerId } = await settingsOf(store);
    const keys = KeyStore.open(location.keys, ledgerId);
    try {
      const found = keys.findSigningKey(signingKeyName(ledgerId));
      return found === undefined ? [] : [parseVerifierKey(found.verifierKey)];
    } finally {
      keys.close();
    }
  });
}
