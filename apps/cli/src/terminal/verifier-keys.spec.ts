import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVerifierKey, signerKey } from '@penalty-ledger/merkle-log';
import { readKeys } from './verifier-keys.js';

const folder = mkdtempSync(join(tmpdir(), 'verifier-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const keys = pairs.map(({ privateKey }, index) =>
  formatVerifierKey(signerKey(`penalty-ledger-${index}`, privateKey)),
);
const pem = pairs[0]!.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const read = (...texts: readonly string[]) => readKeys(texts).map(formatVerifierKey);

function fileOf(text: string | Uint8Array): string {
  const file = join(folder, 'keys');
  writeFileSync(file, text);
  return file;
}

describe('--key', () => {
  it('takes a key, the whole output of "ledger keys", and a file with several', () => {
    expect(read(`${keys[0]!}\n`)).toEqual([keys[0]]);
    expect(read(`${keys[0]!}\n${pem}`, keys[1]!)).toEqual(keys);
    expect(read(fileOf(`${pem}${keys.join('\r\n')}\n`))).toEqual(keys);
  });

  it.each([
    ['a text', 'no key', /^--key: "no key": /],
    ['an empty text', ' ', /^--key: " ": it is empty$/],
    ['the key in PEM alone', pem, /^--key: "-----BEGIN PUBLIC KEY/],
    ['a long text', 'x'.repeat(10_000), /^--key: "x{100}…": /],
  ])('refuses %s, and says what it takes', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        hint: expect.stringContaining('ledger keys') as string,
      }) as Error,
    );
  });

  it('reads no more of a file than keys need, and not a folder', () => {
    expect(() => read(fileOf(Buffer.alloc(70_000)))).toThrow(/longer than 65536 bytes/);
    expect(() => read(folder)).toThrow(/^--key: cannot read/);
  });
});
