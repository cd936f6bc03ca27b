import { crc32, inflateRawSync } from 'node:zlib';
import { placed, type InBoth } from '@penalty-ledger/ledger';
import { PackError } from './pack-error.js';
import { mayFollow } from './pack-files.js';
import {
  byteLimitOf,
  directoryOf,
  isStored,
  localHeader,
  localHeaderLength,
  zipLimits,
  type ZipEntry,
} from './zip-form.js';

const localSignature = 0x04034b50;

/**
 * Reads a pack's ZIP in the only form `docs/spec/evidence-pack.md` allows. Reads from the first
 * byte to the last and never searches for a directory: headers are written again from the entries
 * and compared.
 *
 * @throws PackError `zip_…`
 */
export function readZip(zip: Uint8Array): ZipEntry[] {
  if (zip.length > zipLimits.bytes)
    throw new PackError('zip_size', {
      en: `more than ${zipLimits.bytes} bytes`,
      zh: `超过 ${zipLimits.bytes} 字节`,
    });
  const entries: ZipEntry[] = [];
  let at = 0;
  let unpacked = 0;
  while (startsEntry(zip, at)) {
    const entry = entryAt(zip, at, entries);
    entries.push(entry);
    unpacked += entry.content.length;
    if (unpacked > zipLimits.bytes)
      throw new PackError('zip_size', {
        en: 'the files together are too large',
        zh: '各文件合计过大',
      });
    if (entries.length > zipLimits.entries)
      throw new PackError('zip_size', {
        en: `more than ${zipLimits.entries} entries`,
        zh: `超过 ${zipLimits.entries} 个条目`,
      });
    at += localHeaderLength + entry.name.length + entry.packed.length;
  }
  if (entries.length === 0)
    throw new PackError('zip_header', {
      en: 'does not begin with an entry: not an evidence pack',
      zh: '开头不是条目：不是证据包',
    });
  if (!equal(zip.subarray(at), directoryOf(entries)))
    throw new PackError('zip_directory', {
      en: 'what follows the entries is not their directory and nothing else',
      zh: '各条目之后不是它们的目录，或另有其他内容',
    });
  return entries;
}

function startsEntry(zip: Uint8Array, at: number): boolean {
  return at + 4 <= zip.length && viewOf(zip).getUint32(at, true) === localSignature;
}

function entryAt(zip: Uint8Array, at: number, before: readonly ZipEntry[]): ZipEntry {
  const cut = (): PackError =>
    new PackError('zip_header', {
      en: `the entry at byte ${at} is cut off`,
      zh: `字节 ${at} 处的条目不完整`,
    });
  if (at + localHeaderLength > zip.length) throw cut();
  const view = viewOf(zip);
  const nameEnd = at + localHeaderLength + view.getUint16(at + 26, true);
  const packedLength = view.getUint32(at + 18, true);
  const length = view.getUint32(at + 22, true);
  if (nameEnd > zip.length) throw cut();
  const name = Buffer.from(zip.subarray(at + localHeaderLength, nameEnd)).toString('latin1');
  checkName(name, before);
  if (view.getUint16(at + 8, true) !== (isStored(name) ? 0 : 8))
    throw new PackError('zip_method', {
      en: `${name}: stored or deflated, and it should be the other`,
      zh: `${name}：存储方式与应有的相反（直接存储或 deflate 压缩）`,
    });
  if (length > byteLimitOf(name))
    throw new PackError('zip_size', {
      en: `${name}: ${length} bytes`,
      zh: `${name}：${length} 字节，过大`,
    });
  if (nameEnd + packedLength > zip.length) throw cut();
  const packed = zip.subarray(nameEnd, nameEnd + packedLength);
  const content = isStored(name) ? packed : inflated(name, packed, length);
  if (content.length !== length)
    throw new PackError('zip_data', {
      en: `${name}: ${content.length} bytes and not ${length}`,
      zh: `${name}：${content.length} 字节，而非 ${length} 字节`,
    });
  if (view.getUint32(at + 14, true) !== crc32(content))
    throw new PackError('zip_crc', {
      en: `${name}: another CRC-32`,
      zh: `${name}：CRC-32 不符，内容有改动或损坏`,
    });
  const entry = { name, content, packed };
  if (!equal(zip.subarray(at, nameEnd), localHeader(entry)))
    throw new PackError('zip_header', {
      en: `${name}: a header of another form`,
      zh: `${name}：头部格式不符`,
    });
  return entry;
}

function checkName(name: string, before: readonly ZipEntry[]): void {
  if (before.some((entry) => entry.name === name))
    throw new PackError('zip_twice', {
      en: `two entries are named ${JSON.stringify(name)}`,
      zh: `两个条目同名：${JSON.stringify(name)}`,
    });
  if (!mayFollow(name, before.at(-1)?.name))
    throw new PackError('zip_name', {
      en: `an entry named ${JSON.stringify(name)} has no place here`,
      zh: `此处不应有名为 ${JSON.stringify(name)} 的条目`,
    });
}

/** The whole stream, to its last byte, and no more than was announced. */
function inflated(name: string, packed: Uint8Array, length: number): Uint8Array {
  const malformed = (why: InBoth, cause?: unknown): PackError =>
    new PackError('zip_data', placed(name, why), { cause });
  try {
    // With `info` Node also says how far it read; its types do not know.
    const { buffer, engine } = inflateRawSync(packed, {
      maxOutputLength: length + 1,
      info: true,
    }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (engine.bytesWritten !== packed.length)
      throw malformed({
        en: 'bytes after the end of the deflate stream',
        zh: 'deflate 数据流之后另有内容',
      });
    return buffer;
  } catch (error) {
    if (error instanceof PackError) throw error;
    throw malformed(
      {
        en: 'not a deflate stream of the size stated',
        zh: '不是所述大小的 deflate 数据流',
      },
      error,
    );
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
