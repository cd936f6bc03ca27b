import { joined } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger';
import { Buffer, isAscii, isUtf8 } from 'node:buffer';
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
  if (named !== undefined && marked !== undefined && named !== marked)
    throw new SheetFileError(
      {
        en:
          `the file has the byte order mark of ${encodingNames[marked]}, and --encoding names ` +
          encodingNames[named],
        zh:
          `文件带有 ${encodingNames[marked]} 的字节顺序标记，` +
          `而 --encoding 写的是 ${encodingNames[named]}`,
      },
      { en: `leave --encoding out, or name ${marked}`, zh: `请不写 --encoding，或写 ${marked}` },
    );
  const encoding = named ?? marked;
  if (encoding !== undefined) {
    const { wrong } = surveyOf(chunks, encoding);
    if (wrong === undefined && encoding === 'gb18030') refuseUtf8(linesOf(chunks));
    if (wrong === undefined) return { encoding, markBytes: encoding === marked ? markBytes : 0 };
    throw new SheetFileError(
      {
        en: `the file is not ${encodingNames[encoding]}: ${wrong.en}`,
        zh: `文件不是 ${encodingNames[encoding]}：${wrong.zh}`,
      },
      named === undefined
        ? namingHint
        : {
            en: 'name the encoding it was saved in, or leave --encoding out',
            zh: '请写明保存时的编码，或不写 --encoding',
          },
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

const namingHint = {
  en: 'save it as "CSV UTF-8", or name its encoding with --encoding: ' + encodings.join(', '),
  zh: `请另存为“CSV UTF-8”，或用 --encoding 写明编码：${encodings.join('、')}`,
};

function unmarkedEncoding(chunks: readonly Uint8Array[]): Encoding {
  if (chunks.some((chunk) => chunk.includes(0))) return utf16Of(chunks);
  const utf8 = surveyOf(chunks, 'utf-8');
  if (utf8.wrong === undefined && utf8.isAscii) return 'utf-8';
  const gb = surveyOf(chunks, 'gb18030');
  const lines = linesOf(chunks);
  if (utf8.wrong === undefined && (gb.wrong !== undefined || lines.either === undefined))
    return 'utf-8';
  if (utf8.wrong === undefined && lines.either !== undefined)
    throw new SheetFileError(
      {
        en:
          `the file may be UTF-8, which reads ${shown(lines.either.toString())} in line ` +
          `${String(lines.eitherAt)}, or GB 18030, which reads ` +
          shown(new TextDecoder('gb18030').decode(lines.either)),
        zh:
          `文件可能是 UTF-8，第 ${String(lines.eitherAt)} 行读作 ` +
          `${shown(lines.either.toString())}；也可能是 GB 18030，` +
          `读作 ${shown(new TextDecoder('gb18030').decode(lines.either))}`,
      },
      {
        en: 'name the right one with --encoding utf-8 or --encoding gb18030',
        zh: '请用 --encoding utf-8 或 --encoding gb18030 写明',
      },
    );
  if (gb.wrong === undefined) refuseUtf8(lines);
  if (gb.wrong === undefined && hasOnlyGb2312(chunks)) return 'gb18030';
  throw new SheetFileError(
    joined([
      {
        en: `the file is not UTF-8: ${utf8.wrong?.en ?? ''}`,
        zh: `文件不是 UTF-8：${utf8.wrong?.zh ?? ''}`,
      },
      ...(gb.wrong === undefined
        ? [
            {
              en: `as GB 18030 it reads ${shown(gb.sample)}`,
              zh: `按 GB 18030 则读作 ${shown(gb.sample)}`,
            },
          ]
        : []),
    ]),
    namingHint,
  );
}

/** Lines of a file by the encodings they may be in: the first of each, from 1. */
interface Lines {
  /** One of UTF-8 that is not plain Chinese in GB 18030. */
  utf8At?: number;
  /** One that is not UTF-8. */
  otherAt?: number;
  /** One that may be either, and its bytes from the first beyond ASCII to the last. */
  eitherAt?: number;
  either?: Buffer;
}

/** Sorts lines beyond ASCII: lines of two files may have been put together in one. */
function linesOf(chunks: readonly Uint8Array[]): Lines {
  const bytes = Buffer.concat(chunks);
  const lines: Lines = {};
  for (let at = 1, from = 0; from < bytes.length; at += 1) {
    const feed = bytes.indexOf(0x0a, from);
    const end = feed === -1 ? bytes.length : feed;
    const line = bytes.subarray(from, end);
    from = end + 1;
    if (isAscii(line)) continue;
    if (!isUtf8(line)) lines.otherAt ??= at;
    // From 0xe0 on: the first byte of three, as every Chinese character has in UTF-8.
    else if (line.some((byte) => byte >= 0xe0) || !hasOnlyGb2312([line])) lines.utf8At ??= at;
    else if (lines.either === undefined) {
      lines.eitherAt = at;
      const first = line.findIndex((byte) => byte >= 0x80);
      lines.either = line.subarray(first, line.findLastIndex((byte) => byte >= 0x80) + 1);
    }
  }
  return lines;
}

/**
 * Refuses to read lines of UTF-8 as GB 18030, which takes nearly all bytes for text.
 *
 * @throws SheetFileError when a line is UTF-8
 */
function refuseUtf8({ utf8At, otherAt }: Lines): void {
  if (utf8At === undefined) return;
  if (otherAt === undefined)
    throw new SheetFileError(
      {
        en: `the file is not GB 18030: line ${String(utf8At)} is UTF-8`,
        zh: `文件不是 GB 18030：第 ${String(utf8At)} 行是 UTF-8`,
      },
      { en: 'name utf-8, or leave --encoding out', zh: '请写 utf-8，或不写 --encoding' },
    );
  throw new SheetFileError(
    {
      en:
        `the file is in two encodings: line ${String(utf8At)} is UTF-8, and line ` +
        `${String(otherAt)} is not`,
      zh: `文件混用两种编码：第 ${String(utf8At)} 行是 UTF-8，第 ${String(otherAt)} 行不是`,
    },
    {
      en: 'save both parts as "CSV UTF-8" before they are put together',
      zh: '请先将两部分都另存为“CSV UTF-8”再合并',
    },
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
  throw new SheetFileError(
    {
      en: 'the file has zero bytes and is not UTF-16 text',
      zh: '文件含有零字节，也不是 UTF-16 文本',
    },
    namingHint,
  );
}

/** Findings about a file when it is read in an encoding. */
interface Survey {
  /** The reason why the bytes are not text of the encoding; nothing if they are. */
  readonly wrong: InBoth | undefined;
  readonly isAscii: boolean;
  /** True with a comma, semicolon, tab or line feed. */
  readonly hasLineSigns: boolean;
  /** The first characters beyond ASCII, with what is around them. */
  readonly sample: string;
}

function surveyOf(chunks: readonly Uint8Array[], encoding: Encoding): Survey {
  const survey = { isAscii: true, hasLineSigns: false, sample: '' };
  try {
    for (const text of decoded(chunks, encoding)) {
      if (text.includes('\0'))
        return { ...survey, wrong: { en: 'it has zero bytes', zh: '含有零字节' } };
      survey.hasLineSigns ||= /[\n,;\t]/.test(text);
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
function wrongLine(chunks: readonly Uint8Array[], encoding: Encoding): InBoth {
  const bytes = Buffer.concat(chunks);
  if (encoding === 'utf-8' || encoding === 'gb18030') {
    const decoder = new TextDecoder(encoding, { fatal: true });
    for (let line = 1, from = 0; from < bytes.length; line += 1) {
      const end = bytes.indexOf(0x0a, from);
      try {
        decoder.decode(bytes.subarray(from, end === -1 ? bytes.length : end));
      } catch {
        return {
          en: `line ${String(line)} has bytes that are not text in it`,
          zh: `第 ${String(line)} 行有不属于该编码的字节`,
        };
      }
      from = end === -1 ? bytes.length : end + 1;
    }
  }
  return { en: 'it has bytes that are not text in it', zh: '有不属于该编码的字节' };
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
