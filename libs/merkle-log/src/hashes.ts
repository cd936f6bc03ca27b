import { hash } from 'node:crypto';

/**
 * A SHA-256 hash in 64 lower-case hexadecimal digits, the form in which events carry leaf hashes.
 */
export type Hash = string;

/** Bytes of a hash. */
export const hashLength = 32;

const digits = /^[0-9a-f]{64}$/;

export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && digits.test(value);
}

/**
 * @throws RangeError when `value` is not a hash. For input from our own programs, where a wrong
 * value is a mistake and not a forgery.
 */
export function assertHash(value: unknown): asserts value is Hash {
  if (!isHash(value))
    throw new RangeError(
      `${JSON.stringify(value)} is not a hash: 64 lower-case hexadecimal digits`,
    );
}

/**
 * One prefix and two hashes, filled anew for every hash: allocating would cost as much as hashing.
 */
const pair = Buffer.alloc(1 + 2 * hashLength);

/**
 * SHA-256(prefix ‖ left ‖ right): one byte and two hashes. Both must be hashes; this innermost step
 * does not check them.
 */
export function hashOfPair(prefix: number, left: Hash, right: Hash): Hash {
  pair[0] = prefix;
  pair.write(left, 1, hashLength, 'hex');
  pair.write(right, 1 + hashLength, hashLength, 'hex');
  return hash('sha256', pair, 'hex');
}

/**
 * The root over a row of hashes, 32 bytes each, paired level by level with the prefix. Their number
 * must be a power of two. The row is overwritten: each hash takes the place of its pair. Hashes
 * stay bytes, which saves half the time of turning each into digits and back.
 */
export function hashOfRow(prefix: number, row: Buffer): Hash {
  pair[0] = prefix;
  for (let bytes = row.length; bytes > hashLength; bytes /= 2) {
    for (let at = 0; at < bytes; at += 2 * hashLength) {
      pair.set(row.subarray(at, at + 2 * hashLength), 1);
      row.write(hash('sha256', pair, 'binary'), at / 2, 'binary');
    }
  }
  return row.toString('hex', 0, hashLength);
}

/**
 * Reads base64 as in RFC 4648 §4. Gives `undefined` for what a lenient decoder would accept: other
 * alphabets, missing padding, stray bits.
 */
export function bytesOfBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

export function base64OfHash(value: Hash): string {
  assertHash(value);
  return Buffer.from(value, 'hex').toString('base64');
}

/** A hash from its base64; `undefined` for anything else. */
export function hashOfBase64(text: string): Hash | undefined {
  const bytes = bytesOfBase64(text);
  return bytes?.length === hashLength ? bytes.toString('hex') : undefined;
}
