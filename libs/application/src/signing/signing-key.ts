import {
  openCheckpoint,
  parseVerifierKey,
  VerificationError,
  type SignerKey,
} from '@penalty-ledger/merkle-log';
import { SigningKeyLostError } from '../keys/key-errors.js';
import { KeysUnreadableError, signingKeyName, type KeyStore } from '../keys/key-store.js';

export { SigningKeyLostError } from '../keys/key-errors.js';

/**
 * The key a ledger signs with: made before the first signature, and else the one that signed the
 * latest checkpoint.
 *
 * @param latest the latest signed checkpoint, if there is one
 * @throws SigningKeyLostError when there is one, and the key file has no key or another
 */
export function ledgerSigner(
  keys: KeyStore,
  ledgerId: string,
  latest: string | undefined,
): SignerKey {
  const name = signingKeyName(ledgerId);
  if (!keys.isReadable)
    throw new KeysUnreadableError(
      keys.path,
      {
        en: 'nothing can be signed: no checkpoint, and no evidence pack',
        zh: '无法签署检查点和证据包',
      },
      {
        en: 'ask the one who may read them to run "ledger checkpoint" or "ledger evidence"',
        zh: '请有权读取者运行 "ledger checkpoint" 或 "ledger evidence"',
      },
    );
  if (latest !== undefined) assertKeySigned(keys, name, latest);
  return keys.signer(name);
}

/** @throws SigningKeyLostError when the key file has not the key that signed this checkpoint */
export function assertKeySigned(keys: KeyStore, name: string, checkpoint: string): void {
  const found = keys.findSigningKey(name);
  if (found === undefined)
    throw new SigningKeyLostError({
      en:
        `${keys.path} has no key "${name}", and the ledger has signed checkpoints with one: ` +
        'nothing was signed',
      zh: `${keys.path} 中没有密钥 "${name}"，而账本曾用它签署检查点：未签署任何内容`,
    });
  try {
    openCheckpoint(checkpoint, [parseVerifierKey(found.verifierKey)]);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new SigningKeyLostError(
      {
        en:
          `the key "${name}" in ${keys.path} is not the one that signed ` +
          `the ledger's latest checkpoint (${error.inBoth.en}): nothing was signed`,
        zh:
          `${keys.path} 中的密钥 "${name}" 不是签署账本最新检查点的密钥` +
          `（${error.inBoth.zh}）：未签署任何内容`,
      },
      { cause: error },
    );
  }
}
