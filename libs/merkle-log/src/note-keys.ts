import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { bytesOfBase64 } from './hashes.js';
import { VerificationError, type InBoth } from './verification-error.js';

/** The signature type of Ed25519 (C2SP signed-note, "Signature types"). */
const ed25519Type = 1;
const publicKeyLength = 32;

/**
 * An Ed25519 public key under a name: a possible signer of a note. Name and id together tell keys
 * apart (C2SP signed-note).
 */
export interface VerifierKey {
  readonly name: string;
  /** Eight lower-case hexadecimal digits. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /**
   * The size of the largest tree that the key signs for; left out while no key is known that
   * followed it (`docs/spec/receipt.md`, "Rotations").
   */
  readonly until?: number;
}

/** A verifier key with the private key it belongs to. */
export interface SignerKey extends VerifierKey {
  readonly privateKey: KeyObject;
}

/**
 * Says whether a key of ours can have this name: 1 to 100 visible ASCII characters without a plus,
 * which bounds the size of a receipt.
 */
export function isOwnKeyName(name: string): boolean {
  return /^[!-*,-~]{1,100}$/.test(name);
}

/**
 * Says whether a note can carry this name: not empty, without white space, plus or control
 * characters (C2SP signed-note, "Format").
 */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cc}\p{Cs}+]+$/u.test(name);
}

/**
 * An Ed25519 private key under a name.
 *
 * @throws RangeError for another kind of key, or a name that is not {@link isOwnKeyName}
 */
export function signerKey(name: string, privateKey: KeyObject): SignerKey {
  if (!isOwnKeyName(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} cannot name a key: 1 to 100 visible ASCII characters without "+"`,
    );
  }
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new RangeError('not an Ed25519 private key');
  }
  const publicKey = createPublicKey(privateKey);
  return { name, keyId: keyIdOf(name, publicBytes(publicKey)), publicKey, privateKey };
}

/** A signer's private key in PKCS #8, DER: what a key store keeps. Its name is kept beside it. */
export function encodeSignerKey({ privateKey }: SignerKey): Buffer {
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** @throws RangeError for what {@link encodeSignerKey} has not given */
export function decodeSignerKey(name: string, pkcs8: Uint8Array): SignerKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: Buffer.from(pkcs8), type: 'pkcs8', format: 'der' });
  } catch (error) {
    throw new RangeError('not a private key in PKCS #8', { cause: error });
  }
  return signerKey(name, privateKey);
}

/** `name+id+base64(0x01 ‖ public key)`: the line a verifier is given once and keeps. */
export function formatVerifierKey({ name, keyId, publicKey }: VerifierKey): string {
  const key = Buffer.from([ed25519Type, ...publicBytes(publicKey)]);
  return `${name}+${keyId}+${key.toString('base64')}`;
}

/**
 * @throws VerificationError `verifier_key` for anything but the output of {@link formatVerifierKey}
 */
export function parseVerifierKey(text: string): VerifierKey {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('verifier_key', { en: `the verifier key: ${en}`, zh: `验证密钥：${zh}` });
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const [, name = '', keyId = '', base64 = ''] = match ?? [];
  if (!isKeyName(name))
    throw malformed({
      en: 'not name, id and key, with a plus between them',
      zh: '须为名称、编号和密钥，以加号连接',
    });
  const bytes = bytesOfBase64(base64);
  if (bytes?.length !== 1 + publicKeyLength || bytes[0] !== ed25519Type)
    throw malformed({ en: 'not an Ed25519 key', zh: '不是 Ed25519 密钥' });
  const raw = bytes.subarray(1);
  if (keyIdOf(name, raw) !== keyId)
    throw malformed({
      en: 'its id is not that of its name and key',
      zh: '编号与名称和密钥不符',
    });
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { name, keyId, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/**
 * The first four bytes of SHA-256(name ‖ line feed ‖ 0x01 ‖ public key), in hexadecimal (C2SP
 * signed-note, "Signatures").
 */
function keyIdOf(name: string, publicKey: Uint8Array): string {
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ed25519Type]), publicKey]),
    'hex',
  ).slice(0, 8);
}

function publicBytes(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}
