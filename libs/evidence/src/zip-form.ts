import { crc32 } from 'node:zlib';

/**
 * Limits of the ZIP (`docs/spec/evidence-pack.md`, "Limits"): entries, bytes of the file and of all
 * entries uncompressed, and bytes of one entry uncompressed.
 */
export const zipLimits = {
  entries: 1000,
  bytes: 268_435_456,
  manifestBytes: 1_048_576,
  noteBytes: 131_072,
  dataBytes: 33_554_432,
  statementBytes: 67_108_864,
} as const;

/** The most bytes that the file of this name may have. */
export function byteLimitOf(name: string): number {
  if (name === 'manifest.json') return zipLimits.manifestBytes;
  if (name.endsWith('.txt')) return zipLimits.noteBytes;
  if (name.startsWith('statement.')) return zipLimits.statementBytes;
  return name.startsWith('attachments/') ? zipLimits.bytes : zipLimits.dataBytes;
}

/** One file of a pack as it stands in the ZIP. */
export interface ZipEntry {
  readonly name: string;
  /** The file. */
  readonly content: Uint8Array;
  /** The entry's bytes in the ZIP: the file itself when it is stored. */
  readonly packed: Uint8Array;
}

const stored = 0;
const deflated = 8;
const version = 20;
/** 1 January 1980, the first day a ZIP can name: a pack has no instant of its making. */
const firstDay = 0x0021;

export const localHeaderLength = 30;

/**
 * The manifest names the other files by hash, so it is readable without unpacking. It cannot list
 * itself or its signature, and one text has many deflate streams: stored, they have one spelling.
 * Attachments are mostly images, which compression does not make smaller.
 */
export function isStored(name: string): boolean {
  return name === 'manifest.json' || name === 'signature.txt' || name.startsWith('attachments/');
}

/**
 * The members that both headers of an entry have, from "version needed" to the length of the extra
 * field (APPNOTE 6.3.9 §4.3.7, §4.3.12).
 */
function describe(header: DataView, at: number, { name, content, packed }: ZipEntry): void {
  header.setUint16(at, version, true);
  header.setUint16(at + 4, isStored(name) ? stored : deflated, true);
  header.setUint16(at + 8, firstDay, true);
  header.setUint32(at + 10, crc32(content), true);
  header.setUint32(at + 14, packed.length, true);
  header.setUint32(at + 18, content.length, true);
  header.setUint16(at + 22, name.length, true);
}

/** The local header of an entry, with its name. */
export function localHeader(entry: ZipEntry): Uint8Array {
  const { bytes, view } = headerWithName(localHeaderLength, entry.name);
  view.setUint32(0, 0x04034b50, true);
  describe(view, 4, entry);
  return bytes;
}

/** The central header of an entry whose local header stands at `offset`. */
export function centralHeader(entry: ZipEntry, offset: number): Uint8Array {
  const { bytes, view } = headerWithName(46, entry.name);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, version, true);
  describe(view, 6, entry);
  view.setUint32(42, offset, true);
  return bytes;
}

/** The end record after a directory of `length` bytes at `offset` (APPNOTE 6.3.9 §4.3.16). */
export function endRecord(entries: number, length: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(22);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, entries, true);
  view.setUint16(10, entries, true);
  view.setUint32(12, length, true);
  view.setUint32(16, offset, true);
  return bytes;
}

/** Everything that stands after the last entry's data. */
export function directoryOf(entries: readonly ZipEntry[]): Uint8Array {
  let offset = 0;
  const headers = entries.map((entry) => {
    const header = centralHeader(entry, offset);
    offset += localHeaderLength + entry.name.length + entry.packed.length;
    return header;
  });
  const length = headers.reduce((sum, header) => sum + header.length, 0);
  return Buffer.concat([...headers, endRecord(entries.length, length, offset)]);
}

/** Names are ASCII. */
function headerWithName(
  length: number,
  name: string,
): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(length + name.length);
  bytes.set(Buffer.from(name, 'latin1'), length);
  return { bytes, view: new DataView(bytes.buffer) };
}
