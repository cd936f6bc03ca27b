import type { FileHandle } from 'node:fs/promises';
import { canonicalJson, parseInstant, Sentence } from '@penalty-ledger/ledger';
import {
  openNote,
  parseNote,
  signNote,
  VerificationError,
  type SignerKey,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import type { PlacedAnchor } from './anchors.js';

/**
 * The last of the entries that were cut off a log, signed by the ledger. It stands in the first
 * line of what is left, whose first entry follows it.
 */
export interface LogCut extends PlacedAnchor {
  readonly note: string;
}

/** The beginning of a log's file. */
export interface LogStart {
  readonly cut: LogCut | undefined;
  /**
   * Added to a place in the log, this gives the place in the file. Places in a log do not change
   * when it is cut, so that anchors, copies and backups keep theirs.
   */
  readonly shift: number;
}

/** A checkpoint has a number in the second line, so neither can be taken for the other. */
const purpose = 'access log cut';

/** Signs that everything up to and with an entry is cut off. */
export function signCut({ seq, hash, at, bytes }: PlacedAnchor, signer: SignerKey): LogCut {
  const text = `${[signer.name, purpose, seq, hash, at, bytes].join('\n')}\n`;
  return { seq, hash, at, bytes, note: signNote(text, [signer]) };
}

/** The first line of a log that was cut, without its newline: canonical JSON. */
export function lineOfCut({ note }: LogCut): string {
  return canonicalJson({ cut: note });
}

/** True for a line that states a cut, well or not; an entry begins with `at`. */
export function isCutLine(line: string): boolean {
  return line.startsWith('{"cut":');
}

const wrongCut = {
  canonical: new Sentence({ en: 'is not a cut in canonical form', zh: '不是规范格式的截除声明' }),
  form: new Sentence({ en: 'is not a cut of the access log', zh: '不是访问日志的截除声明' }),
  note: new Sentence({ en: 'is not a signed cut', zh: '不是经签署的截除声明' }),
};

const numberForm = /^(?:0|[1-9]\d{0,15})$/;
const hashForm = /^[0-9a-f]{64}$/;

/** Reads the line of a cut. Gives the problem, as the end of a sentence, when it is not one. */
export function readCut(line: string): LogCut | Sentence {
  try {
    const { cut: note } = JSON.parse(line) as { readonly cut?: unknown };
    if (typeof note !== 'string' || canonicalJson({ cut: note }) !== line)
      return wrongCut.canonical;
    const { text, signatures } = parseNote(note);
    const [name, what, seq = '', hash = '', at = '', bytes = '', ...more] = text.split('\n');
    const instant = parseInstant(at);
    if (
      signatures[0]?.name === name &&
      what === purpose &&
      numberForm.test(seq) &&
      hashForm.test(hash) &&
      instant === at &&
      numberForm.test(bytes) &&
      more.join() === ''
    )
      return { seq: Number(seq), hash, at: instant, bytes: Number(bytes), note };
    return wrongCut.form;
  } catch {
    return wrongCut.note;
  }
}

/** Says whether a cut is signed by one of the keys. */
export function isSignedBy({ note }: LogCut, keys: readonly VerifierKey[]): boolean {
  try {
    openNote(note, keys);
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

/** The limit of a cut's line: a name, six numbers and texts, and a signature. */
const maxCutBytes = 4_096;

/** Reads the beginning of a log's file; a problem as {@link readCut} gives it. */
export async function startOf(file: FileHandle): Promise<LogStart | Sentence> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxCutBytes), 0, maxCutBytes, 0);
  const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
  if (!isCutLine(line)) return { cut: undefined, shift: 0 };
  const cut = readCut(line);
  if (cut instanceof Sentence) return cut;
  return { cut, shift: Buffer.byteLength(line) + 1 - cut.bytes };
}
