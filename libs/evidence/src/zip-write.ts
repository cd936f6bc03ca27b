import { deflateSync } from 'fflate';
import { directoryOf, isStored, localHeader, zipLimits, type ZipEntry } from './zip-form.js';

/**
 * A file ready to be put into a ZIP. It is compressed with `fflate` instead of zlib: the bytes zlib
 * writes depend on how it was built, and the same pack must have the same bytes everywhere.
 */
export function zipEntry(name: string, content: Uint8Array): ZipEntry {
  return { name, content, packed: isStored(name) ? content : deflateSync(content, { level: 9 }) };
}

/**
 * The ZIP of these entries, in their order. The same entries give the same bytes.
 *
 * @throws RangeError when it would be larger than a pack may be
 */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => [localHeader(entry), entry.packed]);
  const zip = Buffer.concat([...parts, directoryOf(entries)]);
  const unpacked = entries.reduce((sum, { content }) => sum + content.length, 0);
  if (
    zip.length > zipLimits.bytes ||
    unpacked > zipLimits.bytes ||
    entries.length > zipLimits.entries
  )
    throw new RangeError(
      `an evidence pack is limited to ${zipLimits.bytes} bytes and ${zipLimits.entries} entries: ` +
        'leave out attachments',
    );
  return new Uint8Array(zip);
}
