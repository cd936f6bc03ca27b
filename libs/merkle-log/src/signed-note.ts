import { sign, verify } from 'node:crypto';
import { bytesOfBase64 } from './hashes.js';
import { isKeyName, type SignerKey, type VerifierKey } from './note-keys.js';
import { VerificationError, type InBoth, type VerificationProblem } from './verification-error.js';

/** Bytes of a note with its signatures: sixteen of the largest that C2SP speaks of (5 kB) fit. */
export const noteByteLimit = 131_072;

const keyIdLength = 4;

/** One signature line under a note. It can be checked only with the key that it belongs to. */
export interface NoteSignature {
  readonly name: string;
  /** Eight lower-case hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** With the line feed at its end: what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note whose signatures by known keys hold. */
export interface OpenedNote {
  readonly text: string;
  /** The known keys that signed, in the order of their lines; never empty. */
  readonly signedBy: readonly VerifierKey[];
}

/**
 * Signs a text with Ed25519 (C2SP signed-note; RFC 8032, so the same text and key give the same
 * note).
 *
 * @param text lines that each end in a line feed
 * @throws RangeError when a note cannot carry the text, or signers are missing or repeated
 */
export function signNote(text: string, signers: readonly SignerKey[]): string {
  if (!text.isWellFormed() || !text.endsWith('\n') || hasControls(text)) {
    throw new RangeError('a note is text of whole lines without control characters');
  }
  if (signers.length === 0) throw new RangeError('a note has at least one signature');
  if (new Set(signers.map(keyOf)).size < signers.length)
    throw new RangeError('a note has one signature of a key');
  const lines = signers.map(({ name, keyId, privateKey }) => {
    const bytes = Buffer.concat([
      Buffer.from(keyId, 'hex'),
      sign(null, Buffer.from(text), privateKey),
    ]);
    return `— ${name} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/**
 * Reads a note and checks the signature of every known key. Signatures of unknown keys are ignored.
 *
 * @throws VerificationError `note` for another form, or two signatures of a known key; `signature`
 * when a known key's does not hold; `unsigned` when none of the known keys signed
 */
export function openNote(note: string | Uint8Array, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const signedBy: VerifierKey[] = [];
  for (const signature of signatures) {
    const key = keys.find((known) => keyOf(known) === keyOf(signature));
    if (key === undefined) continue;
    if (signedBy.includes(key))
      throw new VerificationError('note', {
        en: `two signatures of ${key.name}+${key.keyId}`,
        zh: `${key.name}+${key.keyId} 有两个签名`,
      });
    if (!verify(null, Buffer.from(text), key.publicKey, signature.signature)) {
      throw new VerificationError('signature', {
        en: `the signature of ${key.name}+${key.keyId} is not over this text`,
        zh: `${key.name}+${key.keyId} 的签名与此文本不符`,
      });
    }
    signedBy.push(key);
  }
  if (signedBy.length === 0)
    throw new VerificationError('unsigned', {
      en: 'none of the known keys signed',
      zh: '没有任何已知密钥签名',
    });
  return { text, signedBy };
}

/**
 * Reads a note without believing it.
 *
 * @throws VerificationError `note`
 */
export function parseNote(note: string | Uint8Array): SignedNote {
  const malformed = ({ en, zh }: InBoth): VerificationError =>
    new VerificationError('note', {
      en: `not a signed note: ${en}`,
      zh: `不是已签名的文本：${zh}`,
    });
  const complete = textOf(note, noteByteLimit, 'note');
  const end = complete.lastIndexOf('\n\n');
  if (end < 0)
    throw malformed({
      en: 'no blank line between a text and signatures',
      zh: '正文与签名之间没有空行',
    });
  if (!complete.endsWith('\n'))
    throw malformed({ en: 'the last line has no end', zh: '最后一行没有换行符' });
  const lines = complete.slice(end + 2, -1).split('\n');
  const signatures = lines.map((line): NoteSignature => {
    const [dash, name = '', base64 = '', ...more] = line.split(' ');
    if (dash !== '—' || more.length > 0 || !isKeyName(name))
      throw malformed({ en: 'a line that is not a signature', zh: '有一行不是签名' });
    const bytes = bytesOfBase64(base64);
    if (bytes === undefined || bytes.length <= keyIdLength)
      throw malformed({ en: 'a signature that is not base64', zh: '有一个签名不是 base64' });
    return {
      name,
      keyId: bytes.toString('hex', 0, keyIdLength),
      signature: bytes.subarray(keyIdLength),
    };
  });
  return { text: complete.slice(0, end + 1), signatures };
}

/**
 * Text as it came from outside: UTF-8 to the byte, without control characters but the line feed.
 *
 * @throws VerificationError with the problem given
 */
export function textOf(
  given: string | Uint8Array,
  byteLimit: number,
  problem: VerificationProblem,
): string {
  const length = typeof given === 'string' ? Buffer.byteLength(given) : given.length;
  if (length > byteLimit)
    throw new VerificationError(problem, {
      en: `more than ${byteLimit} bytes`,
      zh: `超过 ${byteLimit} 字节`,
    });
  const text = typeof given === 'string' ? given : decoded(given);
  if (text?.isWellFormed() !== true)
    throw new VerificationError(problem, { en: 'not UTF-8', zh: '不是 UTF-8' });
  if (hasControls(text))
    throw new VerificationError(problem, { en: 'a control character', zh: '含有控制字符' });
  return text;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u0009\u000b-\u001f]/.test(text);
}

function keyOf({ name, keyId }: { readonly name: string; readonly keyId: string }): string {
  return `${name}+${keyId}`;
}
