import { Argument, type Command } from 'commander';
import { addVerb, jsonOption, storeOption, type AskOptions } from '../verb.js';
import { UsageError } from '../terminal/exit-codes.js';
import { note, printJson, printLine } from '../terminal/io.js';
import type { NewPassphrase, ProtectionAct } from './protection.js';

type KeysOptions = AskOptions & NewPassphrase;

export function addTo(program: Command): void {
  const verb = addVerb(program, 'keys', {
    summary: "print the ledger's public signing key, or protect the key file",
    details:
      'Prints the verifier key (C2SP signed-note, Ed25519) and the same key in PEM. Give it to ' +
      'everyone who verifies what this ledger signs. The private key never leaves the key file.\n' +
      '"protect" seals all keys in the file under a passphrase, "unprotect" stores them in plain ' +
      'text again. The passphrase comes from LEDGER_KEYS_PASSPHRASE_FILE, from the program that ' +
      'LEDGER_KEYS_COMMAND names, or from the terminal. Nothing may write the ledger meanwhile.',
    examples: ['keys', 'keys --json', 'keys protect', 'keys change-passphrase'],
  });
  verb
    .addArgument(
      new Argument('[action]', 'what to do with the key file').choices([
        'protect',
        'unprotect',
        'change-passphrase',
      ]),
    )
    .option('--new-passphrase-file <file>', 'for "change-passphrase": the file of the new one')
    .option(
      '--new-command <command>',
      'for "change-passphrase": the program that prints the new one',
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .action((act: ProtectionAct | undefined, options: KeysOptions) => {
      const { newPassphraseFile, newCommand } = options;
      const given = [newPassphraseFile, newCommand].filter((each) => each !== undefined);
      if (given.length > (act === 'change-passphrase' ? 1 : 0))
        throw new UsageError(
          'give one of --new-passphrase-file and --new-command, and only with "change-passphrase"',
        );
      return act === undefined ? printKey(options) : change(act, options);
    });
}

async function change(
  act: ProtectionAct,
  { store, json = false, ...given }: KeysOptions,
): Promise<void> {
  const { changeProtection } = await import('./protection.js');
  const changed = await changeProtection(store, act, given);
  if (json) return printJson(changed);
  return printLine(
    changed.protected
      ? `${changed.file} is protected by the passphrase: without it every key is lost`
      : `${changed.file} is not protected: only its mode keeps readers out`,
  );
}

async function printKey({ store: url, json = false }: KeysOptions): Promise<void> {
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
}
