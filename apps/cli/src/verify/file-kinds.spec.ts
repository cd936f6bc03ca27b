import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zipLimits } from '@penalty-ledger/evidence';
import { parseVerifierKey, receiptByteLimit } from '@penalty-ledger/merkle-log';
import { verifyFile } from './file-kinds.js';

const vectors = join(__dirname, '..', '..', '..', '..', 'test', 'vectors', 'evidence-pack');
const { keys } = JSON.parse(readFileSync(join(vectors, 'expected.json'), 'utf8')) as {
  readonly keys: readonly string[];
};
const verifiers = keys.map(parseVerifierKey);

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
afterEach(() => {
  Object.defineProperty(process, 'stdin', stdin);
  jest.restoreAllMocks();
});

/** Puts a stream in the place of standard input. */
function give(chunks: Iterable<Uint8Array>): void {
  Object.defineProperty(process, 'stdin', { ...stdin, get: () => Readable.from(chunks) });
}

/** Bytes without an end that begin like a pack, and how many were taken. */
function endless(): { readonly chunks: Iterable<Uint8Array>; readonly taken: () => number } {
  const chunk = new Uint8Array(1 << 16);
  chunk.set(Buffer.from('PK\u0003\u0004'));
  let taken = 0;
  const chunks = (function* () {
    for (;;) {
      taken += chunk.length;
      yield chunk;
    }
  })();
  return { chunks, taken: () => taken };
}

/** Bytes that a stream may read ahead of what is taken from it. */
const ahead = 1 << 21;

const held = { receipts: [], checkpoints: [] };

test('a pack on standard input is verified', async () => {
  give([readFileSync(join(vectors, 'good', 'agency.zip'))]);
  expect(await verifyFile('-', verifiers, held)).toMatchObject({ holds: true });
});

test('of standard input no more is read than a pack may have', async () => {
  // A megabyte in the place of 256: the limit itself is held by the vectors.
  const limit: { bytes: number } = zipLimits;
  jest.replaceProperty(limit, 'bytes', 1 << 20);
  const { chunks, taken } = endless();
  give(chunks);
  expect(await verifyFile('-', verifiers, held)).toMatchObject({
    kind: 'evidence pack',
    holds: false,
    problem: 'zip_size',
  });
  expect(taken()).toBeLessThan(limit.bytes + ahead);
});

test('of a receipt that is held no more is read than one may have', async () => {
  const { chunks, taken } = endless();
  give(chunks);
  const pack = join(vectors, 'good', 'agency.zip');
  const verdict = await verifyFile(pack, verifiers, { ...held, receipts: ['-'] });
  expect(verdict).toMatchObject({ holds: false, problem: 'receipt' });
  expect(taken()).toBeLessThan(receiptByteLimit + ahead);
});
