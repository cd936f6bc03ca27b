import { hash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { charactersOf } from './characters.js';

/** A font to print with. */
export interface FontFile {
  /** The font unpacked: a TrueType or OpenType file. */
  readonly sfnt: Uint8Array;
  /** The hash of the file it was unpacked from, in hexadecimal. */
  readonly sha256: string;
  /** The code points it has a glyph for. */
  readonly characters: ReadonlySet<number>;
}

const signature = 0x774f4646;
const headerLength = 44;
const entryLength = 20;

/**
 * Unpacks a WOFF 1.0 font (W3C Recommendation, §3 to §5). Reading it packed, a glyph at a time,
 * takes some hundred times as long.
 *
 * @throws RangeError when the bytes are not a WOFF font
 */
export function openFont(woff: Uint8Array): FontFile {
  try {
    const sfnt = unpacked(Buffer.from(woff.buffer, woff.byteOffset, woff.byteLength));
    return { sfnt, sha256: hash('sha256', woff, 'hex'), characters: charactersOf(sfnt) };
  } catch (error) {
    throw new RangeError(
      `not a WOFF font: ${(error as Error).message}; give a file that ends in .woff`,
      {
        cause: error,
      },
    );
  }
}

function unpacked(woff: Buffer): Buffer {
  if (woff.readUInt32BE(0) !== signature) throw new RangeError('it does not begin with "wOFF"');
  const tables = woff.readUInt16BE(12);
  const directory = Buffer.alloc(12 + 16 * tables);
  const power = Math.floor(Math.log2(tables));
  directory.writeUInt32BE(woff.readUInt32BE(4), 0);
  directory.writeUInt16BE(tables, 4);
  directory.writeUInt16BE(16 * 2 ** power, 6);
  directory.writeUInt16BE(power, 8);
  directory.writeUInt16BE(16 * (tables - 2 ** power), 10);
  const parts: Buffer[] = [directory];
  let at = directory.length;
  for (let table = 0; table < tables; table += 1) {
    const entry = woff.subarray(
      headerLength + entryLength * table,
      headerLength + entryLength * (table + 1),
    );
    const content = tableOf(woff, entry);
    const record = directory.subarray(12 + 16 * table);
    entry.copy(record, 0, 0, 4);
    entry.copy(record, 4, 16, 20);
    record.writeUInt32BE(at, 8);
    record.writeUInt32BE(content.length, 12);
    const padding = Buffer.alloc((4 - (content.length % 4)) % 4);
    parts.push(content, padding);
    at += content.length + padding.length;
  }
  return Buffer.concat(parts);
}

function tableOf(woff: Buffer, entry: Buffer): Buffer {
  const offset = entry.readUInt32BE(4);
  const packedLength = entry.readUInt32BE(8);
  const length = entry.readUInt32BE(12);
  const packed = woff.subarray(offset, offset + packedLength);
  const content = packedLength < length ? inflateSync(packed, { maxOutputLength: length }) : packed;
  if (content.length !== length)
    throw new RangeError(`a table of ${content.length} bytes and not ${length}`);
  return content;
}
