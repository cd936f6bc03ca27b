import { concat, isEqual, utf8 } from './bytes.js';
import { must } from './problem.js';

const limits = { entries: 1000, bytes: 268_435_456 };

/** The entries of a pack that have names of their own, in their order. */
export const entryNames = [
  ...['manifest.json', 'signature.txt', 'checkpoint.txt', 'events.ndjson', 'proofs.json'],
  ...['computation.json', 'disclosed.json', 'statement.html', 'statement.pdf'],
];
export const isAttachment = (name) => /^attachments\/[0-9a-f]{64}$/.test(name);
export const isStored = (name) =>
  name === 'manifest.json' || name === 'signature.txt' || isAttachment(name);
/** Returns the most bytes that the file of this name may have (evidence-pack.md, "Limits"). */
const byteLimitOf = (name) => {
  if (name === 'manifest.json') return 1_048_576;
  if (name.endsWith('.txt')) return 131_072;
  if (name.startsWith('statement.')) return 67_108_864;
  return isAttachment(name) ? limits.bytes : 33_554_432;
};
const placeOf = (name) => (isAttachment(name) ? entryNames.length : entryNames.indexOf(name));

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});
const crc32 = (bytes) => {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (rest >>> 8) ^ crcTable[(rest ^ byte) & 255];
  return ~rest >>> 0;
};

/** Stops at the length stated, so that a small file cannot fill the memory. */
const unpackedParts = async (packed, length) => {
  const reader = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .getReader();
  const parts = [];
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
      if (size > length) return undefined;
    }
  } catch {
    return undefined;
  }
  return parts;
};

/**
 * A platform may pass over bytes after the end of the stream, as Node 20 does. So the data without
 * their last byte are unpacked too: the stream needs that byte, or it ends before it.
 */
const inflate = async (packed, length) => {
  const parts = await unpackedParts(packed, length);
  must(parts !== undefined, 'zip_data', 'not a deflate stream of the size stated');
  const content = concat(parts);
  must(content.length === length, 'zip_data', 'not of the size stated');
  const isShorter = (await unpackedParts(packed.subarray(0, -1), length)) !== undefined;
  must(!isShorter, 'zip_data', 'bytes after the end of the deflate stream');
  return content;
};

/** Returns the first `bytes` bytes of a header: numbers of a width each, and then zeros. */
const littleEndian = (bytes, ...numbers) => {
  const view = new DataView(new ArrayBuffer(bytes));
  let at = 0;
  for (const [number, width] of numbers) {
    if (width === 2) view.setUint16(at, number, true);
    else view.setUint32(at, number, true);
    at += width;
  }
  return new Uint8Array(view.buffer);
};

/** The fields that local and central headers have in common (APPNOTE 6.3.9 §4.3.7, §4.3.12). */
const fieldsOf = ({ name, content, packed }) => [
  // Version needed, flags, method, time, date (1 January 1980).
  ...[20, 0, isStored(name) ? 0 : 8, 0, 0x21].map((number) => [number, 2]),
  ...[crc32(content), packed.length, content.length].map((number) => [number, 4]),
  [name.length, 2],
];

const localHeader = (entry) =>
  concat([littleEndian(30, [0x04034b50, 4], ...fieldsOf(entry)), utf8.encode(entry.name)]);

/** Returns the central headers and the end record that follow from the entries. */
const directoryOf = (entries) => {
  let offset = 0;
  const headers = entries.map((entry) => {
    const header = littleEndian(46, [0x02014b50, 4], [20, 2], ...fieldsOf(entry));
    new DataView(header.buffer).setUint32(42, offset, true);
    offset += 30 + entry.name.length + entry.packed.length;
    return concat([header, utf8.encode(entry.name)]);
  });
  const size = headers.reduce((sum, { length }) => sum + length, 0);
  const counts = [entries.length, entries.length].map((count) => [count, 2]);
  const end = littleEndian(22, [0x06054b50, 4], [0, 4], ...counts, [size, 4], [offset, 4]);
  return concat([...headers, end]);
};

/** Each entry's name comes after the last one's; attachments ascend by name. */
const isInOrder = (name, last) => {
  if (last === undefined) return name === entryNames[0];
  return placeOf(name) > placeOf(last) || (isAttachment(name) && isAttachment(last) && name > last);
};

const entryAt = async (zip, at, before) => {
  must(at + 30 <= zip.length, 'zip_header', 'cut off');
  const view = new DataView(zip.buffer, zip.byteOffset + at);
  const nameEnd = at + 30 + view.getUint16(26, true);
  const [packedLength, length] = [view.getUint32(18, true), view.getUint32(22, true)];
  must(nameEnd <= zip.length, 'zip_header', 'cut off');
  const name = String.fromCharCode(...zip.subarray(at + 30, nameEnd));
  must(
    before.every((entry) => entry.name !== name),
    'zip_twice',
    name,
  );
  must(placeOf(name) !== -1 && isInOrder(name, before.at(-1)?.name), 'zip_name', name);
  must(view.getUint16(8, true) === (isStored(name) ? 0 : 8), 'zip_method', name);
  must(length <= byteLimitOf(name), 'zip_size', name);
  must(nameEnd + packedLength <= zip.length, 'zip_header', 'cut off');
  const packed = zip.subarray(nameEnd, nameEnd + packedLength);
  const content = isStored(name) ? packed : await inflate(packed, length);
  must(content.length === length, 'zip_data', name);
  must(view.getUint32(14, true) === crc32(content), 'zip_crc', name);
  const header = localHeader({ name, content, packed });
  must(isEqual(zip.subarray(at, nameEnd), header), 'zip_header', name);
  return { name, content, packed };
};

/** Returns the entries of a pack. Headers are written anew and compared (evidence-pack.md). */
export const readZip = async (zip) => {
  must(zip.length <= limits.bytes, 'zip_size');
  const entries = [];
  let at = 0;
  let unpacked = 0;
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  while (at + 4 <= zip.length && view.getUint32(at, true) === 0x04034b50) {
    const entry = await entryAt(zip, at, entries);
    entries.push(entry);
    unpacked += entry.content.length;
    must(unpacked <= limits.bytes && entries.length <= limits.entries, 'zip_size');
    at += 30 + entry.name.length + entry.packed.length;
  }
  must(entries.length > 0, 'zip_header', 'not an evidence pack');
  must(isEqual(zip.subarray(at), directoryOf(entries)), 'zip_directory');
  return entries;
};
