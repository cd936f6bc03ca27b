import { existsSync } from 'node:fs';
import type { RowKey } from '@penalty-ledger/event-store';
import { errorInBoth, type InBoth } from '@penalty-ledger/ledger';
import { parseVerifierKey, type VerifierKey } from '@penalty-ledger/merkle-log';
import { isUnreadable, KeysUnreadableError, KeyStore, signingKeyName } from '../keys/key-store.js';
import type { LedgerLocation } from '../stores/store-url.js';
import type { StoredRows } from './stored-rows.js';

/** The keys with which a ledger is verified, and what lies beside them. */
export interface OwnKeys {
  /** The keys of signatures: given ones, or the ledger's own. */
  readonly verifiers: readonly VerifierKey[];
  /** The key file; `undefined` where it is not there or cannot be opened. */
  readonly file: KeyStore | undefined;
  /** The reason why {@link file} is not there. */
  readonly lack: InBoth;
  /** The key of the rows' MACs. */
  readonly rowKey: RowKey | undefined;
  /** The reason why {@link rowKey} is not there. */
  readonly rowLack: InBoth;
  /** The sizes of the trees that this key file saw signed. */
  readonly signed: readonly number[];
}

const noFile = (path: string): InBoth => ({
  en: `there is no key file "${path}"`,
  zh: `没有密钥文件 "${path}"`,
});

const isCopy: InBoth = {
  en: 'a copy that follows has none of its own',
  zh: '跟随的副本没有自己的密钥',
};

const notMadeYet: InBoth = {
  en: 'the rows have none yet; the next recording makes them',
  zh: '各行尚无校验码；下次记录时生成',
};

const engineRows: InBoth = {
  en: 'the engine keeps files of its own, without rows of ours',
  zh: '存储引擎使用自己的文件，没有本程序的行',
};

/**
 * Finds the keys of a ledger. The signing key's name follows from the ledger's id, which stands in
 * the first event.
 *
 * @param given keys from elsewhere: then the key file may be missing, locked or another's
 * @throws KeysUnreadableError, KeysLockedError, KeysOfAnotherLedgerError, IntegrityError without
 * given keys
 */
export async function ownKeys(
  location: LedgerLocation,
  rows: StoredRows,
  given: readonly VerifierKey[] | undefined,
): Promise<OwnKeys> {
  const { custody } = rows;
  if (custody?.role === 'follower') {
    // The key of the first contact, or the one that was given then.
    const { verifierKey } = custody.details;
    const pinned = typeof verifierKey === 'string' ? [parseVerifierKey(verifierKey)] : [];
    return { ...without(isCopy), verifiers: given ?? pinned };
  }
  const { keys: path } = location;
  const ledgerId = await ledgerIdOf(rows);
  if (ledgerId === undefined || !existsSync(path))
    return { ...without(noFile(path)), verifiers: given ?? [] };
  try {
    const file = openedKeys(path, ledgerId);
    const own = file.findSigningKey(signingKeyName(ledgerId));
    return {
      verifiers: given ?? (own === undefined ? [] : [parseVerifierKey(own.verifierKey)]),
      file,
      lack: notMadeYet,
      rowKey: location.engine === 'sqlite' ? file.findRowKey() : undefined,
      rowLack: location.engine === 'sqlite' ? notMadeYet : engineRows,
      signed: file.signedSizes(),
    };
  } catch (error) {
    if (given === undefined) throw error;
    return { ...without(errorInBoth(error)), verifiers: given };
  }
}

function without(lack: InBoth): Omit<OwnKeys, 'verifiers'> {
  return { file: undefined, lack, rowKey: undefined, rowLack: lack, signed: [] };
}

function openedKeys(path: string, ledgerId: string): KeyStore {
  if (isUnreadable(path))
    throw new KeysUnreadableError(
      path,
      { en: 'nothing says whose signatures to expect', zh: '无从得知应由谁签署' },
      {
        en: 'give --key, with the key that "ledger keys" prints for the one who may read them',
        zh: '请给出 --key，即有权读取者运行 "ledger keys" 所显示的密钥',
      },
    );
  return KeyStore.open(path, ledgerId);
}

async function ledgerIdOf(rows: StoredRows): Promise<string | undefined> {
  for await (const [first] of rows.ofStream('ledger')) {
    const found = /"ledgerId":"([A-Za-z0-9._:-]{1,64})"/.exec(first?.body ?? '');
    return found?.[1];
  }
  return undefined;
}
