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
  type Receipt,
  type ReceiptEvent,
} from './receipt.js';
import { nodeHash } from './tree.js';

const ledger = signerKey('ledger.example/l1', testKey(1));
const id = '12aa66de-4cc5-523d-b8ac-f905e22cd12c';
const bodyOf = (revision: number): string => JSON.stringify({ id, revision, stream: 'agency-a7' });
const body = bodyOf(1);
const leafHash = hash('sha256', `\0${body}`, 'hex');
const event: ReceiptEvent = { stream: 'agency-a7', revision: 1, id, leafHash };
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
  event,
  index: 1,
  proof: [sibling],
  checkpoint: checkpointOf(nodeHash(sibling, leafHash), 2),
};
const text = formatReceipt(receipt);

describe('a receipt', () => {
  it('is a C2SP tlog-proof whose extra data name the event', () => {
    const extra = `{"id":"${id}","leafHash":"${leafHash}","revision":1,"stream":"agency-a7"}`;
    expect(text).toBe(
      `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(extra).toString('base64')}\nindex 1\n` +
        `${Buffer.from(sibling, 'hex').toString('base64')}\n\n${receipt.checkpoint}`,
    );
    expect(parseReceipt(text)).toEqual(receipt);
    expect(parseReceipt(Buffer.from(text))).toEqual(receipt);
  });

  it('proves that the ledger signed for the event, alone and against its bytes', () => {
    const checked = checkReceipt(text, [ledger]);
    expect(checked).toMatchObject({ event, index: 1, checkpoint: { size: 2, signedBy: [ledger] } });
    expect(checkReceipt(Buffer.from(text), [ledger], Buffer.from(body))).toEqual(checked);
  });

  it('of the only event of a ledger needs no hashes', () => {
    const only = formatReceipt({
      event,
      index: 0,
      proof: [],
      checkpoint: checkpointOf(leafHash, 1),
    });
    expect(checkReceipt(only, [ledger], body).index).toBe(0);
  });

  it('does not hold for another event, whatever it says of it', () => {
    const forged = (given: Partial<ReceiptEvent>): string =>
      formatReceipt({ ...receipt, event: { ...event, ...given } });
    expect(problemOf(() => checkReceipt(text, [ledger], bodyOf(2)))).toBe('event');
    expect(problemOf(() => checkReceipt(text, [ledger], ''))).toBe('event');
    expect(problemOf(() => checkReceipt(forged({ revision: 2 }), [ledger], body))).toBe('event');
    expect(problemOf(() => checkReceipt(forged({ stream: 'agency-a8' }), [ledger], body))).toBe(
      'event',
    );
    expect(
      problemOf(() => checkReceipt(forged({ id: id.replace('1', '2') }), [ledger], body)),
    ).toBe('event');
    expect(problemOf(() => checkReceipt(forged({ leafHash: sibling }), [ledger]))).toBe(
      'inclusion_root',
    );
    // What is said of an event beside its leaf hash is not proved without the event.
    expect(problemOf(() => checkReceipt(forged({ revision: 2 }), [ledger]))).toBe('none');
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
      expect(problemOf(() => checkReceipt(formatReceipt(variant), [ledger], body))).toBe(problem);
    }
  });

  it('checked against its event is refused with any byte altered', () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bits of [1, 2, 32, 128]) {
        bytes[at]! ^= bits;
        const problem = problemOf(() => checkReceipt(bytes, [ledger], body));
        expect({ at, bits, problem }).not.toEqual({ at, bits, problem: 'none' });
        bytes[at]! ^= bits;
      }
    }
  });

  const [, extra = '', index = '', hashLine = ''] = text.split('\n');
  const withExtra = (json: string): string =>
    text.replace(extra, `extra ${Buffer.from(json).toString('base64')}`);
  const said = Buffer.from(extra.slice(6), 'base64').toString();
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
    ['an event with its members in another order', withExtra('{"leafHash":"","id":""}')],
    ['an event with a member more', withExtra(said.replace('}', ',"x":1}'))],
    ['an event with a space in it', withExtra(said.replace(',', ', '))],
    [
      'an event with a revision of 2^53',
      withExtra(said.replace('"revision":1', '"revision":9007199254740992')),
    ],
    ['an event with a revision of 01', withExtra(said.replace('"revision":1', '"revision":01'))],
    ['an event whose stream cannot be one', withExtra(said.replace('agency-a7', 'agency a7'))],
    [
      'an event with a leaf hash in upper case',
      withExtra(said.replace(leafHash, leafHash.toUpperCase())),
    ],
    ['too many bytes', text + 'a'.repeat(140_000)],
  ])('is none with %s', (_, wrong) => {
    expect(problemOf(() => parseReceipt(wrong))).toBe('receipt');
    expect(problemOf(() => checkReceipt(wrong, [ledger]))).toBe('receipt');
  });

  it('is not made of what it cannot say', () => {
    const wrong: Receipt[] = [
      { ...receipt, index: -1 },
      { ...receipt, index: 0.5 },
      { ...receipt, proof: ['x'] },
      { ...receipt, event: { ...event, revision: 0.5 } },
      { ...receipt, event: { ...event, revision: 2 ** 53 } },
      { ...receipt, event: { ...event, stream: 'a"b' } },
      { ...receipt, event: { ...event, id: 'x' } },
    ];
    for (const one of wrong) expect(() => formatReceipt(one)).toThrow(RangeError);
  });

  it('among a thousand million events, with the longest names, fits into one QR code', () => {
    const signer = signerKey('l'.repeat(100), testKey(4));
    const size = 1_000_000_000;
    const largest: Receipt = {
      event: { ...event, stream: 's'.repeat(80), revision: Number.MAX_SAFE_INTEGER },
      index: size - 1,
      proof: new Array<string>(30).fill(sibling),
      checkpoint: signCheckpoint(
        {
          origin: signer.name,
          size,
          root: sibling,
          streamHeads: { count: size, root: sibling },
          signedAt: '2019-04-01T02:00:00.000Z',
        },
        [signer],
      ),
    };
    // Version 40 with error correction L holds 2,953 bytes. What is left takes three cosignatures.
    expect(Buffer.byteLength(formatReceipt(largest))).toBeLessThan(2250);
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
        problemOf(() => checkReceipt(some, [ledger], body));
      }),
      { numRuns: 500 },
    );
  });
});
