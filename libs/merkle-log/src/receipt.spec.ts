import { hash } from 'node:crypto';
import fc from 'fast-check';
import { testKey } from '../../../test/support/test-key.js';
import { problemOf } from '../../../test/support/verification.js';
import { signCheckpoint, type Checkpoint } from './checkpoint.js';
import { signerKey, type SignerKey } from './note-keys.js';
import {
  checkReceipt,
  formatReceipt,
  parseReceipt,
  receiptByteLimit,
  type Receipt,
} from './receipt.js';
import { nodeHash } from './tree.js';

const ledger = signerKey('ledger.example/l1', testKey(1));
const body = Buffer.from('{"points":40}');
const leafHash = hash('sha256', `\0${body.toString()}`, 'hex');
const sibling = 'ab'.repeat(32);

function checkpointOf(root: string, size: number, signer: SignerKey = ledger): string {
  const checkpoint: Checkpoint = {
    origin: signer.name,
    size,
    root,
    streamHeads: { count: 1, root: 'cd'.repeat(32) },
    signedAt: '2019-04-01T02:00:00.000Z',
  };
  return signCheckpoint(checkpoint, [signer]);
}

const receipt: Receipt = {
  body,
  index: 1,
  proof: [sibling],
  checkpoint: checkpointOf(nodeHash(sibling, leafHash), 2),
};
const text = formatReceipt(receipt);

describe('a receipt', () => {
  it('is a C2SP tlog-proof whose extra data are the event', () => {
    expect(text).toBe(
      `c2sp.org/tlog-proof@v1\nextra ${body.toString('base64')}\nindex 1\n` +
        `${Buffer.from(sibling, 'hex').toString('base64')}\n\n${receipt.checkpoint}`,
    );
    expect(parseReceipt(text)).toEqual(receipt);
    expect(parseReceipt(Buffer.from(text))).toEqual(receipt);
  });

  it('proves that the ledger signed for the event it holds', () => {
    const checked = checkReceipt(text, [ledger]);
    expect(checked).toMatchObject({
      ...{ body, leafHash, index: 1 },
      checkpoint: { size: 2, signedBy: [ledger] },
    });
    expect(checkReceipt(Buffer.from(text), [ledger])).toEqual(checked);
  });

  it('of the only event of a ledger needs no hashes', () => {
    const only = { body, index: 0, proof: [], checkpoint: checkpointOf(leafHash, 1) };
    expect(checkReceipt(formatReceipt(only), [ledger]).index).toBe(0);
  });

  it('does not hold for another event', () => {
    const relabelled = { ...receipt, body: Buffer.from('{"points":10}') };
    expect(problemOf(() => checkReceipt(formatReceipt(relabelled), [ledger]))).toBe(
      'inclusion_root',
    );
  });

  it('holds an event as large as an append can be, and no larger text', () => {
    const large = Buffer.alloc(800_000, 'x');
    const root = nodeHash(sibling, hash('sha256', `\0${large.toString()}`, 'hex'));
    const held = formatReceipt({ ...receipt, body: large, checkpoint: checkpointOf(root, 2) });
    expect(checkReceipt(held, [ledger]).index).toBe(1);
    expect(problemOf(() => parseReceipt(held.padEnd(receiptByteLimit + 1, 'x')))).toBe('receipt');
  });

  it('is refused at the step that fails', () => {
    const other = signerKey('ledger.example/l2', testKey(1));
    const variants = {
      unsigned: { ...receipt, checkpoint: checkpointOf(nodeHash(sibling, leafHash), 2, other) },
      inclusion_form: { ...receipt, index: 2 },
      inclusion_root: { ...receipt, index: 0 },
      note: { ...receipt, checkpoint: '' },
    };
    for (const [problem, variant] of Object.entries(variants)) {
      expect(problemOf(() => checkReceipt(formatReceipt(variant), [ledger]))).toBe(problem);
    }
  });

  it('is refused with any byte altered', () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bits of [1, 2, 32, 128]) {
        bytes[at]! ^= bits;
        const problem = problemOf(() => checkReceipt(bytes, [ledger]));
        expect({ at, bits, problem }).not.toEqual({ at, bits, problem: 'none' });
        bytes[at]! ^= bits;
      }
    }
  });

  const [, extra = '', index = '', hashLine = ''] = text.split('\n');
  it.each([
    ['nothing', ''],
    ['another first line', text.replace('@v1', '@v2')],
    ['no extra data', text.replace(`${extra}\n`, '')],
    ['extra data twice', text.replace(extra, `${extra}\n${extra}`)],
    ['extra data that are not base64', text.replace(extra, extra.replace(/.$/, '*'))],
    ['no index', text.replace(`${index}\n`, '')],
    ['an index with a leading zero', text.replace(index, 'index 01')],
    ['a negative index', text.replace(index, 'index -1')],
    ['an index of 2^53', text.replace(index, 'index 9007199254740992')],
    ['a hash cut short', text.replace(hashLine, hashLine.slice(4))],
    ['a space after a hash', text.replace(hashLine, `${hashLine} `)],
    ['no blank line', text.replaceAll('\n\n', '\n')],
    ['a carriage return', text.replace('\n', '\r\n')],
    ['an event of no bytes', text.replace(extra, 'extra ')],
  ])('is none with %s', (_, wrong) => {
    expect(problemOf(() => parseReceipt(wrong))).toBe('receipt');
    expect(problemOf(() => checkReceipt(wrong, [ledger]))).toBe('receipt');
  });

  it('is not made of what it cannot say', () => {
    const wrong: Receipt[] = [
      { ...receipt, index: -1 },
      { ...receipt, index: 0.5 },
      { ...receipt, proof: ['x'] },
      { ...receipt, body: Buffer.alloc(0) },
    ];
    for (const one of wrong) expect(() => formatReceipt(one)).toThrow(RangeError);
  });

  it('whatever is read as one, nothing is thrown but the refusal', () => {
    const part = fc.constantFrom(
      'c2sp.org/tlog-proof@v1',
      extra,
      index,
      hashLine,
      '',
      '— n AAAAAAA=',
      '\u2028',
      'extra e30=',
    );
    const given = fc.oneof(
      fc.string(),
      fc.uint8Array(),
      fc.array(part).map((some) => some.join('\n')),
    );
    fc.assert(
      fc.property(given, (some) => {
        problemOf(() => checkReceipt(some, [ledger]));
      }),
      { numRuns: 500 },
    );
  });
});
