import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The parts of a token whose form is right. Whether it opens anything is another question. */
export interface TokenParts {
  /** 12 hexadecimal digits: which key. Not secret. */
  readonly id: string;
  /** 64 hexadecimal digits: 256 random bits. */
  readonly secret: string;
}

const form = /^plk_([0-9a-f]{12})_([0-9a-f]{64})([0-9a-f]{8})$/;

/** A new key's id: 48 random bits. */
export function newKeyId(): string {
  return randomBytes(6).toString('hex');
}

/** A new secret: 256 random bits. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Writes a token: `plk_`, the key's id, `_`, the secret and a checksum, in lower-case hexadecimal.
 * The prefix lets a scanner of repositories and logs find a token that leaked. The checksum (CRC-32
 * of all that stands before it) distinguishes a leak from noise, and a typing error from a wrong
 * key, without a look into the file.
 */
export function tokenOf({ id, secret }: TokenParts): string {
  const text = `plk_${id}_${secret}`;
  return `${text}${checksumOf(text)}`;
}

/**
 * Reads a token, or names the problem: `malformed`, or `checksum` when only its last eight digits
 * are wrong.
 */
export function readToken(token: string): TokenParts | 'malformed' | 'checksum' {
  const match = form.exec(token);
  if (match === null) return 'malformed';
  const [, id, secret, checksum] = match as unknown as [string, string, string, string];
  return checksum === checksumOf(token.slice(0, -8)) ? { id, secret } : 'checksum';
}

/**
 * Hashes a secret with SHA-256, to be stored. A slow hash (scrypt, Argon2) protects a *password*
 * from guessing. 256 random bits need no such protection, and it would cost every request some
 * 50 ms.
 */
export function hashOfSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
