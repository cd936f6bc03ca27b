import { createPrivateKey, type KeyObject } from 'node:crypto';
import { VerificationError } from '@penalty-ledger/merkle-log';

/** A private key for tests, from a public seed. */
export function testKey(seed: number): KeyObject {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.alloc(32, seed),
  ]);
  return createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' });
}

/** Returns the name of the problem that a check finds, or `none`. */
export function problemOf(check: () => unknown): string {
  try {
    check();
    return 'none';
  } catch (error) {
    if (error instanceof VerificationError) return error.problem;
    throw error;
  }
}
