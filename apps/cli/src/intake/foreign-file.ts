import { open, stat, type FileHandle } from 'node:fs/promises';
import type { InBoth } from '@penalty-ledger/application/language';
import { UsageError } from '../terminal/exit-codes.js';
import { said, saidIn } from '../terminal/language.js';

/** A kind of file that holds no commands, by the bytes it begins with. */
interface ForeignKind {
  readonly begins: readonly number[] | string;
  readonly named: InBoth;
}

const foreignKinds: readonly ForeignKind[] = [
  { begins: '%PDF-', named: { en: 'a PDF', zh: '是 PDF 文件' } },
  { begins: [0x89, 0x50, 0x4e, 0x47], named: { en: 'a PNG image', zh: '是 PNG 图片' } },
  { begins: [0xff, 0xd8, 0xff], named: { en: 'a JPEG image', zh: '是 JPEG 图片' } },
  { begins: 'GIF8', named: { en: 'a GIF image', zh: '是 GIF 图片' } },
  { begins: 'SQLite format 3\0', named: { en: 'a SQLite database', zh: '是 SQLite 数据库' } },
  { begins: [0x1f, 0x8b], named: { en: 'a gzip file', zh: '是 gzip 压缩文件' } },
  { begins: '7z', named: { en: 'a 7z archive', zh: '是 7z 压缩包' } },
  { begins: 'Rar!', named: { en: 'a RAR archive', zh: '是 RAR 压缩包' } },
  {
    begins: [0xd0, 0xcf, 0x11, 0xe0],
    named: { en: 'an old Office document (.doc, .xls)', zh: '是旧版 Office 文档（.doc、.xls）' },
  },
  {
    begins: 'PK\u0003\u0004',
    named: { en: 'a ZIP archive or an Office document', zh: '是 ZIP 压缩包或 Office 文档' },
  },
];

const unknownBinary: InBoth = { en: 'not a text file', zh: '不是文本文件' };
const utf16: InBoth = { en: 'UTF-16 text', zh: '是 UTF-16 文本' };

const lookedAt = 4_096;

/**
 * Refuses a file of another kind in one sentence: of a picture each line would be refused. A pipe
 * is not looked at, which would have to be read.
 *
 * @throws UsageError
 */
export async function refuseForeignFile(
  file: string,
  format: 'csv' | 'ndjson',
  accepted: InBoth,
): Promise<void> {
  const beginning = await beginningOf(file);
  const kind = beginning === undefined ? undefined : foreignKindOf(beginning, format);
  if (kind === undefined) return;
  throw new UsageError(
    said(`cannot read "${file}": it is ${saidIn(kind)}`, `无法读取 "${file}"：它${saidIn(kind)}`),
    saidIn(accepted),
  );
}

function foreignKindOf(bytes: Buffer, format: 'csv' | 'ndjson'): InBoth | undefined {
  const known = foreignKinds.find(({ begins }) => {
    const wanted = Buffer.from(begins as string);
    return bytes.subarray(0, wanted.length).equals(wanted);
  });
  if (known !== undefined) return known.named;
  // CSV is read in UTF-16 too.
  if (format === 'csv' || !bytes.includes(0)) return undefined;
  const isUtf16 = ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  return isUtf16 ? utf16 : unknownBinary;
}

/** The first bytes of a plain file; `undefined` where there is none, of which the reader speaks. */
async function beginningOf(file: string): Promise<Buffer | undefined> {
  if (file === '-') return undefined;
  let handle: FileHandle | undefined;
  try {
    // Before it is opened: a pipe can be opened once.
    if (!(await stat(file)).isFile()) return undefined;
    handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(lookedAt), 0, lookedAt, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
