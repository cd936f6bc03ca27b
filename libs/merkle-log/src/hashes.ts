import { hash } from 'node:crypto';

/** A SHA-256 hash in 64 lower-case hexadecimal digits, the form events carry their leaf hashes in. */
export type Hash = string;

/** Bytes of a hash. */
export const hashLength = 32;

const digits = /^[0-9a-f]{64}$/;

export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && digits.test(value);
}

/** @throws RangeError when `value` is no hash; for what our own programs pass, where a wrong one is a mistake and no forgery */
export function assertHash(value: unknown): asserts value is Hash {
  if (!isHash(value))
    throw new RangeError(
      `${JSON.stringify(value)} is not a hash: 64 lower-case hexadecimal digits`,
    );
}

/** One prefix and two hashes, filled anew for every hash: an allocation for each would cost as much as the hashing. */
const pair = Buffer.alloc(1 + 2 * hashLength);

/** SHA-256(prefix ‖ left ‖ right): one byte and two hashes. Both must be hashes; this is the innermost step and does not look. */
export function hashOfPair(prefix: number, left: Hash, right: Hash): Hash {
  pair[0] = prefix;
  pair.write(left, 1, hashLength, 'hex');
  pair.write(right, 1 + hashLength, hashLength, 'hex');
  return hash('sha256', pair, 'hex');
}

/**
 * The root over a row of hashes, 32 bytes each, paired level by level with the prefix; as many as a power of two. The row is used up: each
 * hash is written where the pair it came from lay, and hashes stay bytes, which saves half the time of turning each into digits and back.
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

/** Base64 as RFC 4648 §4 has it. `undefined` for everything a lenient decoder would let pass: other alphabets, missing padding, stray bits. */
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
