import { createPrivateKey, type KeyObject } from 'node:crypto';

/** A private key for tests, from a public seed. */
export function testKey(seed: number): KeyObject {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.alloc(32, seed),
  ]);
  return createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' });
}
