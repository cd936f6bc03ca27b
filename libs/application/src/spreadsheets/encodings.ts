import { TextDecoder } from 'node:util';
import { shown } from '../printable.js';
import { SheetFileError } from './sheet-file-error.js';

/** The encodings of a CSV file that can be named or found. */
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'] as const;
export type Encoding = (typeof encodings)[number];

/** The encoding of a file, and how many bytes of it are a byte order mark. */
export interface FoundEncoding {
  readonly encoding: Encoding;
  readonly markBytes: number;
}

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const maxMarkBytes = 3;

/**
 * Finds the encoding of a whole file, before any of its rows is taken. A file that reads well in
 * two encodings is refused: nobody but its sender knows which one it is in.
 *
 * @param named the encoding that the person names; the file must be in it
 * @throws SheetFileError when it is in none, in two, or not in the one named
 */
export function findEncoding(chunks: readonly Uint8Array[], named?: Encoding): FoundEncoding {
  const start = startOf(chunks, maxMarkBytes);
  const [marked, mark] =
    marks.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte)) ?? [];
  const markBytes = mark?.length ?? 0;
  const encoding = named ?? marked;
  if (encoding !== undefined) {
    const { wrong } = surveyOf(chunks, encoding);
    if (wrong === undefined) return { encoding, markBytes: encoding === marked ? markBytes : 0 };
    throw new SheetFileError(
      `the file is not ${encodingNames[encoding]}: ${wrong}`,
      named === undefined
        ? namingHint
        : 'name the encoding it was saved in, or leave --encoding out',
    );
  }
  return { encoding: unmarkedEncoding(chunks), markBytes: 0 };
}

export const encodingNames: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  gb18030: 'GB 18030',
};

const namingHint =
  'save it as "CSV UTF-8", or name its encoding with --encoding: ' + encodings.join(', ');

function unmarkedEncoding(chunks: readonly Uint8Array[]): Encoding {
  if (chunks.some((chunk) => chunk.includes(0))) return utf16Of(chunks);
  const utf8 = surveyOf(chunks, 'utf-8');
  const gb = utf8.wrong === undefined && utf8.isAscii ? undefined : surveyOf(chunks, 'gb18030');
  const isPlainChinese = gb?.wrong === undefined && hasOnlyGb2312(chunks);
  if (utf8.wrong === undefined && (utf8.isAscii || utf8.hasWide || !isPlainChinese)) return 'utf-8';
  if (utf8.wrong === undefined)
    throw new SheetFileError(
      `the file may be UTF-8, which reads ${shown(utf8.sample)}, or GB 18030, which reads ` +
        shown(gb?.sample ?? ''),
      'name the right one with --encoding utf-8 or --encoding gb18030',
    );
  if (isPlainChinese) return 'gb18030';
  throw new SheetFileError(
    `the file is not UTF-8: ${utf8.wrong}` +
      (gb?.wrong === undefined ? `; as GB 18030 it reads ${shown(gb?.sample ?? '')}` : ''),
    namingHint,
  );
}

/** The encoding with zero bytes in which line breaks and separators are where they must be. */
function utf16Of(chunks: readonly Uint8Array[]): Encoding {
  const fits = (['utf-16le', 'utf-16be'] as const).filter((encoding) => {
    const { wrong, hasLineSigns } = surveyOf(chunks, encoding);
    return wrong === undefined && hasLineSigns;
  });
  const [encoding] = fits;
  if (encoding !== undefined && fits.length === 1) return encoding;
  throw new SheetFileError('the file has zero bytes and is not UTF-16 text', namingHint);
}

/** Findings about a file when it is read in an encoding. */
interface Survey {
  /** The reason why the bytes are not text of the encoding; nothing if they are. */
  readonly wrong: string | undefined;
  readonly isAscii: boolean;
  /** True with a character of three bytes in UTF-8, as every Chinese one has. */
  readonly hasWide: boolean;
  /** True with a comma, semicolon, tab or line feed. */
  readonly hasLineSigns: boolean;
  /** The first characters beyond ASCII, with what is around them. */
  readonly sample: string;
}

function surveyOf(chunks: readonly Uint8Array[], encoding: Encoding): Survey {
  const survey = { isAscii: true, hasWide: false, hasLineSigns: false, sample: '' };
  try {
    for (const text of decoded(chunks, encoding)) {
      if (text.includes('\0')) return { ...survey, wrong: 'it has zero bytes' };
      survey.hasLineSigns ||= /[\n,;\t]/.test(text);
      survey.hasWide ||= /[\u0800-\uffff]/.test(text);
      if (!survey.isAscii) continue;
      const [sample] = /[\u0080-\uffff][^\r\n]{0,19}/.exec(text) ?? [];
      survey.isAscii = sample === undefined;
      survey.sample = sample ?? '';
    }
  } catch (error) {
    if (!(error instanceof WrongBytesError)) throw error;
    return { ...survey, wrong: wrongLine(chunks, encoding) };
  }
  return { ...survey, wrong: undefined };
}

/** The first line that is not text. A line feed is no part of another character but in UTF-16. */
function wrongLine(chunks: readonly Uint8Array[], encoding: Encoding): string {
  const bytes = Buffer.concat(chunks);
  if (encoding === 'utf-8' || encoding === 'gb18030') {
    const decoder = new TextDecoder(encoding, { fatal: true });
    for (let line = 1, from = 0; from < bytes.length; line += 1) {
      const end = bytes.indexOf(0x0a, from);
      try {
        decoder.decode(bytes.subarray(from, end === -1 ? bytes.length : end));
      } catch {
        return `line ${String(line)} has bytes that are not text in it`;
      }
      from = end === -1 ? bytes.length : end + 1;
    }
  }
  return 'it has bytes that are not text in it';
}

/** Bytes that are not text of an encoding. */
class WrongBytesError extends Error {}

/**
 * Decodes a file piece by piece, strictly.
 *
 * @throws WrongBytesError when bytes are not text of the encoding
 */
export function* decoded(chunks: Iterable<Uint8Array>, encoding: Encoding): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (const chunk of chunks)
    for (let from = 0; from < chunk.length; from += pieceBytes)
      yield textOf(decoder, chunk.subarray(from, from + pieceBytes), true);
  yield textOf(decoder, new Uint8Array(), false);
}

function textOf(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (error) {
    throw new WrongBytesError('bytes that are not text', { cause: error });
  }
}

/** Decoded together: the pieces of a file are short-lived. */
const pieceBytes = 65_536;

/**
 * Says whether all bytes beyond ASCII are pairs of GB 2312's punctuation, full-width signs and
 * Chinese characters. Text in another encoding of two bytes hardly ever is, and neither is Chinese
 * in UTF-8.
 */
function hasOnlyGb2312(chunks: readonly Uint8Array[]): boolean {
  let lead = 0;
  for (const chunk of chunks)
    for (const byte of chunk) {
      if (lead === 0) {
        if (byte < 0x80) continue;
        const isLead = byte === 0xa1 || byte === 0xa3 || (byte >= 0xb0 && byte <= 0xf7);
        if (!isLead) return false;
        lead = byte;
      } else {
        if (byte < 0xa1 || byte === 0xff) return false;
        lead = 0;
      }
    }
  return lead === 0;
}

/** The first bytes of a file. */
export function startOf(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const start: number[] = [];
  for (const chunk of chunks) {
    start.push(...chunk.subarray(0, length - start.length));
    if (start.length === length) break;
  }
  return Uint8Array.from(start);
}
