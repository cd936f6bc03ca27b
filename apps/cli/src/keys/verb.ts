import type { Command } from 'commander';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { note, printJson, printLine } from '../terminal/io.js';

export function addTo(program: Command): void {
  addVerb(program, 'keys', {
    summary: "print the ledger's public signing key",
    details:
      'Prints the verifier key (C2SP signed-note, Ed25519) and the same key in PEM. Give it to ' +
      'everyone who verifies what this ledger signs. The private key never leaves the key file.',
    examples: ['keys', 'keys --json'],
  })
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async ({ store: url, json = false }: AskOptions) => {
      const { KeyStore, signingKeyName } = await import('@penalty-ledger/application/key-store');
      const { assertSignedHistory } = await import('@penalty-ledger/application/open-log');
      const { settingsOf, withLedgerFile } = await import('../ledger/ledger-file.js');
      await withLedgerFile(url, 'read', async ({ store, location }) => {
        const { ledgerId } = await settingsOf(store);
        const keys = KeyStore.open(location.keys, ledgerId);
        const name = signingKeyName(ledgerId);
        try {
          if (keys.findSigningKey(name) === undefined)
            await assertSignedHistory(store, keys, location.log);
          const { verifierKey, publicPem } = keys.signingKey(name);
          if (json) {
            await printJson({ name, verifierKey, publicPem });
            return;
          }
          await printLine(verifierKey);
          await printLine(publicPem.trimEnd());
          note(`the private key is in ${location.keys}: back it up, and keep it secret`);
        } finally {
          keys.close();
        }
      });
    });
}
