import type { InBoth } from '@penalty-ledger/application/language';
import { UsageError } from '../terminal/exit-codes.js';
import { resumed, type Input } from '../terminal/input.js';
import { said, saidIn } from '../terminal/language.js';

/** A kind of file that holds no commands, by the whole signature it begins with. */
interface ForeignKind {
  readonly signatures: readonly Uint8Array[];
  readonly named: InBoth;
}

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const letters = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const foreignKinds: readonly ForeignKind[] = [
  { signatures: [letters('%PDF-')], named: { en: 'a PDF', zh: '是 PDF 文件' } },
  {
    signatures: [bytes('89504e470d0a1a0a')],
    named: { en: 'a PNG image', zh: '是 PNG 图片' },
  },
  { signatures: [bytes('ffd8ff')], named: { en: 'a JPEG image', zh: '是 JPEG 图片' } },
  {
    signatures: [letters('GIF87a'), letters('GIF89a')],
    named: { en: 'a GIF image', zh: '是 GIF 图片' },
  },
  {
    signatures: [letters('SQLite format 3\0')],
    named: { en: 'a SQLite database', zh: '是 SQLite 数据库' },
  },
  { signatures: [bytes('1f8b08')], named: { en: 'a gzip file', zh: '是 gzip 压缩文件' } },
  { signatures: [bytes('377abcaf271c')], named: { en: 'a 7z archive', zh: '是 7z 压缩包' } },
  {
    signatures: [letters('Rar!\u001a\u0007')],
    named: { en: 'a RAR archive', zh: '是 RAR 压缩包' },
  },
  {
    signatures: [bytes('d0cf11e0a1b11ae1')],
    named: { en: 'an old Office document (.doc, .xls)', zh: '是旧版 Office 文档（.doc、.xls）' },
  },
  {
    signatures: [letters('PK\u0003\u0004')],
    named: { en: 'a ZIP archive or an Office document', zh: '是 ZIP 压缩包或 Office 文档' },
  },
];

const unknownBinary: InBoth = { en: 'not a text file', zh: '不是文本文件' };
const utf16: InBoth = { en: 'UTF-16 text', zh: '是 UTF-16 文本' };

const lookedAt = 4_096;

/**
 * Refuses a file of another kind in one sentence: of a picture each line would be refused. A pipe
 * is not looked at, which may have nothing to read yet.
 *
 * @returns the input, still to be read from its beginning
 * @throws UsageError
 */
export async function refuseForeignFile(
  file: string,
  input: Input,
  format: 'csv' | 'ndjson',
  accepted: InBoth,
): Promise<Input> {
  if (input.bytes === undefined) return input;
  const { value: first } = (await input.chunks.next()) as IteratorResult<Uint8Array, undefined>;
  if (first === undefined) return input;
  const kind = foreignKindOf(Buffer.from(first.subarray(0, lookedAt)), format);
  if (kind === undefined) return { ...input, chunks: resumed(first, input.chunks) };
  await input.chunks.return(undefined);
  throw new UsageError(
    said(`cannot read "${file}": it is ${saidIn(kind)}`, `无法读取 "${file}"：它${saidIn(kind)}`),
    saidIn(accepted),
  );
}

function foreignKindOf(beginning: Buffer, format: 'csv' | 'ndjson'): InBoth | undefined {
  const known = foreignKinds.find(({ signatures }) =>
    signatures.some((signature) => beginning.subarray(0, signature.length).equals(signature)),
  );
  if (known !== undefined) return known.named;
  // CSV is read in UTF-16 too.
  if (format === 'csv' || !beginning.includes(0)) return undefined;
  const isUtf16 = ['fffe', 'feff'].includes(beginning.subarray(0, 2).toString('hex'));
  return isUtf16 ? utf16 : unknownBinary;
}
