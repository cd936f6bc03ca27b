import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The data key of a key file, wrapped under a passphrase, as it is stored. */
export interface WrappedKey {
  readonly salt: Uint8Array;
  /** The binary logarithm of scrypt's N. */
  readonly cost: number;
  readonly dataKey: Uint8Array;
  /** The CRC-32 of the others: tells damage from a wrong passphrase. */
  readonly sum: number;
}

/**
 * The cost of one guess at a passphrase: N = 2^17, r = 8, p = 1 take 128 MiB, and 0.5 s on the
 * machine of the benchmarks.
 */
const cost = 17;

/** The bounds of what is read: a foreign file must not take all memory. */
const minCost = 10;
const maxCost = 18;

const nonceBytes = 12;
const tagBytes = 16;

/** The length that a sealed text has beside its plain one. */
export const sealBytes = nonceBytes + tagBytes;

const dataKeyName = 'penalty-ledger/v1/data-key';

/** Data keys of this process: each passphrase is asked for once. */
const unwrapped = new Map<string, Uint8Array>();

/** Wraps a data key under a passphrase, under a new salt. */
export function wrapDataKey(dataKey: Uint8Array, passphrase: string): WrappedKey {
  const salt = randomBytes(16);
  const wrapped = seal(wrappingKey(passphrase, salt, cost), dataKeyName, dataKey);
  return { salt, cost, dataKey: wrapped, sum: sumOf(salt, cost, wrapped) };
}

/** Says whether a wrapped key is as it was stored. */
export function isUndamaged({ salt, cost: found, dataKey, sum }: WrappedKey): boolean {
  const isBounded = found >= minCost && found <= maxCost;
  return isBounded && sum === sumOf(salt, found, dataKey);
}

/**
 * Unwraps a data key; `undefined` for another passphrase.
 *
 * @param source names the place of the passphrase
 * @param passphrase asked for unless this process has unwrapped the key from there before
 */
export function unwrapDataKey(
  { salt, cost: found, dataKey: wrapped }: WrappedKey,
  source: string,
  passphrase: () => string,
): Uint8Array | undefined {
  const name = `${source}\0${Buffer.from(wrapped).toString('base64')}`;
  const known = unwrapped.get(name);
  if (known !== undefined) return known;
  const dataKey = open(wrappingKey(passphrase(), salt, found), dataKeyName, wrapped);
  if (dataKey !== undefined) unwrapped.set(name, dataKey);
  return dataKey;
}

/**
 * Seals bytes with AES-256-GCM under a random nonce, bound to a name: nonce, ciphertext, tag. A
 * data key seals far fewer than the 2^32 rows that random nonces allow.
 */
export function seal(key: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link seal} made; `undefined` when key, name or bytes are others. */
export function open(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < sealBytes) return undefined;
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}

function wrappingKey(passphrase: string, salt: Uint8Array, found: number): Uint8Array {
  const N = 2 ** found;
  const r = 8;
  // One form for what a terminal, an editor and a program write.
  const text = passphrase.normalize('NFC');
  return scryptSync(text, salt, 32, { N, r, p: 1, maxmem: 129 * N * r });
}

function sumOf(salt: Uint8Array, found: number, wrapped: Uint8Array): number {
  return crc32(wrapped, crc32(salt, crc32(String(found))));
}
