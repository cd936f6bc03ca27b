import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { testKey } from '../../../test/support/test-key.js';
import { problemOf } from '../../../test/support/verification.js';
import {
  decodeSignerKey,
  encodeSignerKey,
  formatVerifierKey,
  parseVerifierKey,
  signerKey,
} from './note-keys.js';
import { noteByteLimit, openNote, parseNote, signNote } from './signed-note.js';

const ledger = signerKey('ledger.example/l1', testKey(1));
const witness = signerKey('witness.example/w', testKey(2));
const text = 'ledger.example/l1\n云\n\nlast line\n';

describe('a signed note', () => {
  it('of Go’s golang.org/x/mod/sumdb/note, with its key, is opened', () => {
    const key = parseVerifierKey(
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    );
    const signed =
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n";
    const line =
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuG' +
      'UgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
    expect(openNote(`${signed}\n${line}`, [key])).toEqual({ text: signed, signedBy: [key] });
  });

  it('opens with each key that signed, as text or bytes, and names the known signers', () => {
    const note = signNote(text, [ledger, witness]);
    expect(openNote(note, [ledger])).toEqual({ text, signedBy: [ledger] });
    expect(openNote(Buffer.from(note), [witness, ledger])).toEqual({
      text,
      signedBy: [ledger, witness],
    });
    expect(signNote(text, [ledger, witness])).toBe(note);
  });

  it('does not open without a known key, nor when one known key’s signature is wrong', () => {
    const note = signNote(text, [ledger]);
    expect(problemOf(() => openNote(note, []))).toBe('unsigned');
    expect(problemOf(() => openNote(note, [witness]))).toBe('unsigned');
    // The same name with another key, and the same key with another name, are other keys.
    expect(problemOf(() => openNote(note, [signerKey(ledger.name, testKey(3))]))).toBe('unsigned');
    expect(problemOf(() => openNote(note, [signerKey('ledger.example/l2', testKey(1))]))).toBe(
      'unsigned',
    );
    const wrong = signNote('another text\n', [witness]).split('\n').at(-2)!;
    expect(problemOf(() => openNote(`${note}${wrong}\n`, [ledger, witness]))).toBe('signature');
    expect(problemOf(() => openNote(`${note}${wrong}\n`, [ledger]))).toBe('none');
    expect(problemOf(() => openNote(note + note.split('\n').at(-2)! + '\n', [ledger]))).toBe(
      'note',
    );
  });

  it('is refused with any byte changed, except in the line of an unknown key', () => {
    const note = Buffer.from(signNote(text, [ledger]));
    const unknown = Buffer.from(signNote(text, [witness]).split('\n').at(-2)! + '\n');
    const complete = Buffer.concat([note, unknown]);
    for (let at = 0; at < complete.length; at += 1) {
      const variants = [1, 2, 16, 32, 128, 255].map((bits) => {
        const bytes = Buffer.from(complete);
        bytes[at]! ^= bits;
        return bytes;
      });
      variants.push(Buffer.concat([complete.subarray(0, at), complete.subarray(at + 1)]));
      // Doubling a byte beside an equal one, or the first line feed of the blank line, falls under
      // the same rule.
      variants.push(Buffer.concat([complete.subarray(0, at + 1), complete.subarray(at)]));
      for (const bytes of variants) {
        const problem = problemOf(() => openNote(bytes, [ledger]));
        if (at < note.length) expect({ at, problem }).not.toEqual({ at, problem: 'none' });
        // What is left of it is text and signature as they were.
        else if (problem === 'none') expect(openNote(bytes, [ledger]).text).toBe(text);
      }
    }
  });

  it.each([
    ['nothing', ''],
    ['no blank line', 'a\n— n AAAAAAA=\n'],
    ['no text', '\n— n AAAAAAA=\n'],
    ['no signature', 'a\n\n'],
    ['a signature without its line feed', 'a\n\n— n AAAAAAA='],
    ['a hyphen for the dash', 'a\n\n- n AAAAAAA=\n'],
    ['no name', 'a\n\n—  AAAAAAA=\n'],
    ['a name with a plus', 'a\n\n— n+m AAAAAAA=\n'],
    ['a name with a no-break space', 'a\n\n— n\u00a0m AAAAAAA=\n'],
    ['more on the line', 'a\n\n— n AAAAAAA= x\n'],
    ['an id alone', 'a\n\n— n AAAAAA==\n'],
    ['base64 without padding', 'a\n\n— n AAAAAAA\n'],
    ['base64 with stray bits', 'a\n\n— n AAAAAAB=\n'],
    ['base64url', 'a\n\n— n AAAAA__=\n'],
    ['a carriage return', 'a\r\n\n— n AAAAAAA=\n'],
    ['a NUL', 'a\0\n\n— n AAAAAAA=\n'],
    ['a lone surrogate', 'a\ud800\n\n— n AAAAAAA=\n'],
    [
      'a byte that is not UTF-8',
      Buffer.concat([Buffer.from('a'), Buffer.from([0xff]), Buffer.from('\n\n— n AAAAAAA=\n')]),
    ],
    [
      'an overlong encoding',
      Buffer.concat([Buffer.from([0xc0, 0x8a]), Buffer.from('a\n\n— n AAAAAAA=\n')]),
    ],
    ['too many bytes', `${'a'.repeat(noteByteLimit)}\n\n— n AAAAAAA=\n`],
  ])('is none: %s', (_, note) => {
    expect(problemOf(() => parseNote(note))).toBe('note');
  });

  it('of a sixteenfold signature is read, and its text may hold blank lines', () => {
    const signers = [...Array(16).keys()].map((n) => signerKey(`w${n}`, testKey(n)));
    const note = signNote('a\n\n\nb\n', signers);
    expect(openNote(note, signers).signedBy).toHaveLength(16);
    expect(parseNote(note).text).toBe('a\n\n\nb\n');
  });

  it('is not made of what no note can carry', () => {
    for (const bad of ['', 'a', 'a\r\n', '\ud800\n', 'a\t\n'])
      expect(() => signNote(bad, [ledger])).toThrow(RangeError);
    expect(() => signNote(text, [])).toThrow(RangeError);
    expect(() => signNote(text, [ledger, ledger])).toThrow(RangeError);
  });

  it('whatever is read as one, nothing is thrown but the refusal', () => {
    const lines = fc.constantFrom(
      '— n AAAAAAA=',
      '—',
      '',
      ' ',
      'a',
      '— n',
      '\r',
      '\ud800',
      '— n+ AAAAAAA=',
      '\u2028',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array(),
          fc.array(lines).map((some) => some.join('\n')),
        ),
        (given) => {
          problemOf(() => openNote(given, [ledger]));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a key', () => {
  it('comes back from what is kept of it', () => {
    const back = decodeSignerKey(ledger.name, encodeSignerKey(ledger));
    expect(signNote(text, [back])).toBe(signNote(text, [ledger]));
    const key = parseVerifierKey(formatVerifierKey(ledger));
    expect(openNote(signNote(text, [ledger]), [key]).signedBy).toEqual([key]);
    expect(formatVerifierKey(key)).toBe(formatVerifierKey(ledger));
  });

  it('with any character altered or dropped is refused', () => {
    const line = formatVerifierKey(ledger);
    for (let at = 0; at < line.length; at += 1) {
      const altered = String.fromCharCode(line.charCodeAt(at) ^ 1);
      expect(
        problemOf(() => parseVerifierKey(line.slice(0, at) + altered + line.slice(at + 1))),
      ).toBe('verifier_key');
      expect(problemOf(() => parseVerifierKey(line.slice(0, at) + line.slice(at + 1)))).toBe(
        'verifier_key',
      );
    }
    for (const bad of ['', '++', `${line}\n`, ` ${line}`, line.replace('+', ' ')]) {
      expect(problemOf(() => parseVerifierKey(bad))).toBe('verifier_key');
    }
  });

  it('is an Ed25519 private key under a name that fits a line', () => {
    const rsa = generateKeyPairSync('x25519');
    for (const name of ['', 'a b', 'a+b', 'a\n', 'a\u3000b', '\ud800', 'a'.repeat(101)]) {
      expect(() => signerKey(name, testKey(1))).toThrow(RangeError);
    }
    expect(() => signerKey('a', rsa.privateKey)).toThrow(RangeError);
    expect(() => signerKey('a', rsa.publicKey)).toThrow(RangeError);
    expect(() => decodeSignerKey('a', Buffer.from('no key'))).toThrow(RangeError);
    expect(() =>
      decodeSignerKey('a', rsa.privateKey.export({ type: 'pkcs8', format: 'der' })),
    ).toThrow(RangeError);
  });
});
