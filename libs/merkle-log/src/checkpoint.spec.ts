import fc from 'fast-check';
import { testKey } from '../../../test/support/test-key.js';
import { problemOf } from '../../../test/support/verification.js';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from './checkpoint.js';
import { signerKey } from './note-keys.js';
import { signNote } from './signed-note.js';
import { emptyMapRoot } from './stream-head-proofs.js';
import { emptyRoot } from './tree.js';

const ledger = signerKey('ledger.example/l1', testKey(1));
const witness = signerKey('witness.example/w', testKey(2));
const checkpoint: Checkpoint = {
  origin: ledger.name,
  size: 20_852_163,
  root: '0a'.repeat(32),
  streamHeads: { count: 1200, root: 'fb'.repeat(32) },
  signedAt: '2019-04-01T02:00:00.000Z',
};
const text = formatCheckpoint(checkpoint);
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('a checkpoint', () => {
  it('is five lines', () => {
    expect(text).toBe(
      [
        'ledger.example/l1',
        '20852163',
        'CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=',
        'stream-heads 1200 +/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=',
        'signed-at 2019-04-01T02:00:00.000Z',
        '',
      ].join('\n'),
    );
    expect(parseCheckpoint(text)).toEqual(checkpoint);
  });

  it('of a ledger without events has the roots of nothing', () => {
    const empty = {
      ...checkpoint,
      size: 0,
      root: emptyRoot,
      streamHeads: { count: 0, root: emptyMapRoot },
    };
    expect(parseCheckpoint(formatCheckpoint(empty))).toEqual(empty);
    for (const wrong of [
      { ...empty, root: checkpoint.root },
      { ...empty, streamHeads: checkpoint.streamHeads },
      { ...empty, streamHeads: { count: 0, root: checkpoint.root } },
      { ...checkpoint, root: emptyRoot },
      { ...checkpoint, streamHeads: { count: 1, root: emptyMapRoot } },
      { ...checkpoint, streamHeads: { count: 0, root: emptyMapRoot } },
      { ...checkpoint, size: 1199 },
    ]) {
      expect(() => formatCheckpoint(wrong)).toThrow(RangeError);
    }
  });

  it('is read as it was written, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        hash,
        hash,
        fc.nat(),
        (size, root, heads, ms) => {
          const some: Checkpoint = {
            origin: 'o',
            size,
            root,
            streamHeads: { count: Math.min(size, 7), root: heads },
            signedAt: new Date(Date.UTC(2019, 0) + ms).toISOString(),
          };
          const written = formatCheckpoint(some);
          expect(parseCheckpoint(written)).toEqual(some);
          expect(formatCheckpoint(parseCheckpoint(written))).toBe(written);
        },
      ),
    );
  });

  const [origin = '', size = '', root = '', heads = '', signedAt = ''] = text.split('\n');
  const lines = (...given: string[]): string => `${given.join('\n')}\n`;
  it.each([
    ['nothing', ''],
    ['its last line without an end', text.slice(0, -1)],
    ['no extension lines', lines(origin, size, root)],
    ['no instant', lines(origin, size, root, heads)],
    ['no stream heads', lines(origin, size, root, signedAt)],
    ['its lines in another order', lines(origin, size, root, signedAt, heads)],
    ['one line more', lines(origin, size, root, heads, signedAt, 'more')],
    ['a line twice', lines(origin, size, root, heads, heads, signedAt)],
    ['a blank line', lines(origin, size, root, '', heads, signedAt)],
    ['an origin with a space', lines('a b', size, root, heads, signedAt)],
    ['an origin in Chinese', lines('杭州', size, root, heads, signedAt)],
    ['an origin of 101 characters', lines('a'.repeat(101), size, root, heads, signedAt)],
    ['a size with a leading zero', lines(origin, `0${size}`, root, heads, signedAt)],
    ['a negative size', lines(origin, '-1', root, heads, signedAt)],
    ['a size of 2^53', lines(origin, '9007199254740992', root, heads, signedAt)],
    ['a size with an exponent', lines(origin, '1e7', root, heads, signedAt)],
    [
      'a root of 31 bytes',
      lines(origin, size, Buffer.alloc(31).toString('base64'), heads, signedAt),
    ],
    ['a root with stray bits', lines(origin, size, root.replace(/o=$/, 'p='), heads, signedAt)],
    ['a root in hexadecimal', lines(origin, size, checkpoint.root, heads, signedAt)],
    ['two spaces', lines(origin, size, root, heads.replace(' ', '  '), signedAt)],
    [
      'an instant without milliseconds',
      lines(origin, size, root, heads, 'signed-at 2019-04-01T02:00:00Z'),
    ],
    [
      'an instant with an offset',
      lines(origin, size, root, heads, 'signed-at 2019-04-01T02:00:00.000+00:00'),
    ],
    [
      'a day that is not in the calendar',
      lines(origin, size, root, heads, 'signed-at 2019-02-29T02:00:00.000Z'),
    ],
    [
      'a month that is none',
      lines(origin, size, root, heads, 'signed-at 2019-13-01T02:00:00.000Z'),
    ],
    [
      'an hour that is none',
      lines(origin, size, root, heads, 'signed-at 2019-04-01T24:00:00.000Z'),
    ],
    [
      'an instant before all events',
      lines(origin, size, root, heads, 'signed-at 1991-12-31T23:59:59.999Z'),
    ],
    [
      'an instant after all events',
      lines(origin, size, root, heads, 'signed-at 9000-12-31T00:00:00.001Z'),
    ],
  ])('is none with %s', (_, wrong) => {
    expect(problemOf(() => parseCheckpoint(wrong))).toBe('checkpoint');
    if (wrong.endsWith('\n'))
      expect(problemOf(() => openCheckpoint(signNote(wrong, [ledger]), [ledger]))).toBe(
        'checkpoint',
      );
  });

  it('whatever is read as one, nothing is thrown but the refusal', () => {
    const part = fc.constantFrom(
      origin,
      size,
      root,
      heads,
      signedAt,
      '',
      '0',
      '\u2028',
      '999999999999999999',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((some) => lines(...some)),
        ),
        (given) => {
          problemOf(() => parseCheckpoint(given));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a signed checkpoint', () => {
  const note = signCheckpoint(checkpoint, [ledger]);

  it('says who signed it', () => {
    expect(openCheckpoint(note, [ledger])).toEqual({ ...checkpoint, signedBy: [ledger] });
    expect(
      openCheckpoint(signCheckpoint(checkpoint, [ledger, witness]), [witness, ledger]).signedBy,
    ).toEqual([ledger, witness]);
  });

  it('must be signed by the key that has the origin’s name, beside any others', () => {
    expect(() => signCheckpoint(checkpoint, [witness])).toThrow(RangeError);
    expect(problemOf(() => openCheckpoint(signNote(text, [witness]), [ledger, witness]))).toBe(
      'origin',
    );
    expect(
      problemOf(() => openCheckpoint(signCheckpoint(checkpoint, [ledger, witness]), [witness])),
    ).toBe('origin');
    expect(problemOf(() => openCheckpoint(note, [witness]))).toBe('unsigned');
    const another = { ...checkpoint, origin: witness.name };
    expect(problemOf(() => openCheckpoint(signCheckpoint(another, [witness]), [ledger]))).toBe(
      'unsigned',
    );
  });

  it('is refused with any byte altered', () => {
    const bytes = Buffer.from(note);
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        bytes[at]! ^= 1 << bit;
        expect({ at, bit, problem: problemOf(() => openCheckpoint(bytes, [ledger])) }).not.toEqual({
          at,
          bit,
          problem: 'none',
        });
        bytes[at]! ^= 1 << bit;
      }
    }
  });
});
