import { Buffer } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { counted, type InBoth, sameInBoth } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { formatOf, type NumberFormat } from './number-formats.js';
import type { SerialDays } from './cell-times.js';
import { SheetFileError } from './sheet-file-error.js';

/**
 * The bounds of a workbook. Excel writes at most 20 times as much XML as the file is long; a file
 * made to fill the memory of its reader writes a thousand times as much.
 */
export const workbookBounds = {
  entries: 10_000,
  partBytes: 512 * 1024 * 1024,
  smallPartBytes: 8 * 1024 * 1024,
  ratio: 200,
  /** Smaller parts may be packed more densely: nothing is won with them. */
  ratioFromBytes: 4 * 1024 * 1024,
  sharedTexts: 4_000_000,
  sharedCharacters: 128 * 1024 * 1024,
  /** As Excel has it. A longer cell is refused alone. */
  cellCharacters: 32_767,
  /** The characters of a tag, a comment or a text, which are held until it ends. */
  markupCharacters: 1024 * 1024,
} as const;

/** A workbook in Office Open XML, open to read one of its sheets. */
export interface Workbook {
  /** The names of its sheets, in order. */
  readonly sheets: readonly WorkbookSheet[];
  readonly serials: SerialDays;
  /** The texts that cells share, by their index; `undefined` for one that is too long. */
  readonly sharedTexts: readonly (string | undefined)[];
  /** The formats of numbers, by the index of a cell's style. */
  readonly formats: readonly NumberFormat[];
  /** The pieces of a sheet's XML, read anew at each call. */
  readonly xmlOf: (sheet: WorkbookSheet) => AsyncGenerator<XmlPiece>;
}

export interface WorkbookSheet {
  readonly name: string;
  readonly isHidden: boolean;
  readonly part: string;
}

/** A piece of a part's text, and how many of the part's bytes were read with it. */
export interface XmlPiece {
  readonly text: string;
  readonly bytes: number;
  readonly ofBytes: number;
}

/**
 * Opens a workbook that is held in memory.
 *
 * @throws SheetFileError when it is none, is damaged, or is over one of the bounds
 */
export async function openWorkbook(bytes: Buffer): Promise<Workbook> {
  const found = signatureOf(bytes);
  if (found === 'old workbook') throw oldWorkbook();
  if (found === undefined)
    throw new SheetFileError(
      {
        en: 'the file is not a workbook: its first bytes are not those of .xlsx',
        zh: '文件不是工作簿：开头的字节与 .xlsx 不符',
      },
      {
        en: 'if it is CSV, give --format csv; else save it as .xlsx',
        zh: '若为 CSV，请给出 --format csv；否则请另存为 .xlsx',
      },
    );
  const parts = await Parts.open(bytes);
  const main = (await relationsOf(parts, '')).find(({ type }) => type === 'officeDocument');
  const root = main?.target ?? 'xl/workbook.xml';
  const relations = await relationsOf(parts, root);
  const { sheets, serials } = await readRoot(parts, root, relations);
  const partOf = (type: string): string | undefined =>
    relations.find((each) => each.type === type)?.target;
  return {
    sheets,
    serials,
    formats: await readFormats(parts, partOf('styles')),
    sharedTexts: await readSharedTexts(parts, partOf('sharedStrings')),
    xmlOf: (sheet) => parts.pieces(sheet.part, workbookBounds.partBytes),
  };
}

/** Finds by its first bytes which workbook a file is. */
export function signatureOf(bytes: Uint8Array): 'old workbook' | 'workbook' | undefined {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  if (start === 'd0cf11e0') return 'old workbook';
  return start === '504b0304' ? 'workbook' : undefined;
}

export function oldWorkbook(): SheetFileError {
  return new SheetFileError(
    {
      en: 'the file is an old .xls file, or protected by a password',
      zh: '文件是旧的 .xls 文件，或有密码保护',
    },
    { en: 'save it as .xlsx without a password', zh: '请另存为没有密码的 .xlsx' },
  );
}

/** The parts of the package, by name. */
class Parts {
  private constructor(
    readonly zip: ZipFile,
    readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  static async open(bytes: Buffer): Promise<Parts> {
    const entries = new Map<string, Entry>();
    const zip = await orDamaged(() => fromBufferPromise(bytes, { lazyEntries: true }));
    if (zip.entryCount > workbookBounds.entries)
      throw overBound(
        { en: `${String(zip.entryCount)} parts`, zh: ` ${String(zip.entryCount)} 个部分` },
        {
          en: `${String(workbookBounds.entries)} parts`,
          zh: ` ${String(workbookBounds.entries)} 个部分`,
        },
      );
    await orDamaged(async () => {
      for await (const entry of zip.eachEntry()) {
        if (entries.has(entry.fileName))
          throw new Error(`the part ${shown(entry.fileName)} is there twice`);
        entries.set(entry.fileName, entry);
      }
    });
    return new Parts(zip, entries);
  }

  /** The pieces of a part; none when it is not there. */
  async *pieces(name: string, limit: number): AsyncGenerator<XmlPiece> {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    const { compressedSize, uncompressedSize } = entry;
    const { ratio, ratioFromBytes } = workbookBounds;
    if (uncompressedSize > limit)
      throw overBound(
        {
          en: `${shown(name)} with ${counted(uncompressedSize, 'byte')}`,
          zh: ` ${shown(name)}，${uncompressedSize} 字节`,
        },
        { en: counted(limit, 'byte'), zh: ` ${limit} 字节` },
      );
    if (uncompressedSize > Math.max(ratioFromBytes, compressedSize * ratio)) {
      const times = Math.round(uncompressedSize / compressedSize);
      throw overBound(
        {
          en: `${shown(name)} at ${String(times)} times its packed size`,
          zh: ` ${shown(name)}，为压缩后的 ${String(times)} 倍`,
        },
        { en: `${String(ratio)} times`, zh: ` ${String(ratio)} 倍` },
      );
    }
    if ((entry.generalPurposeBitFlag & 1) === 1)
      throw damaged({ en: 'a part is encrypted', zh: '有部分已加密' });
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const stream = await orDamaged(() => this.zip.openReadStreamPromise(entry));
    const chunks: AsyncIterator<Buffer, unknown> = stream[Symbol.asyncIterator]();
    let bytes = 0;
    for (;;) {
      const { done, value } = await orDamaged(() => chunks.next());
      const chunk = done === true ? Buffer.alloc(0) : value;
      bytes += chunk.length;
      const text = await orDamaged(() => decoder.decode(chunk, { stream: done !== true }));
      yield { text, bytes, ofBytes: uncompressedSize };
      if (done === true) return;
    }
  }

  /** Reads a part of limited size, tag by tag. */
  async read(name: string, limit: number, reader: TagReader): Promise<void> {
    const parser = xmlParser(reader);
    let isEmpty = true;
    for await (const { text } of this.pieces(name, limit)) {
      isEmpty = false;
      parser(text);
    }
    if (!isEmpty) parser(undefined);
  }
}

/** The attributes of a tag, by name. */
export type Attributes = Readonly<Record<string, string>>;

/** Told of the tags of a part, by their names without prefix, and of the text between them. */
export interface TagReader {
  readonly open: (name: string, attributes: Attributes) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

/**
 * A parser that takes XML in pieces, and `undefined` for its end. Document types are refused, and
 * with them entities that grow.
 *
 * @returns throws SheetFileError when it is not XML
 */
export function xmlParser({ open, text, close }: TagReader): (piece: string | undefined) => void {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({
    position: false,
    xmlns: false,
  });
  parser.on('doctype', () => {
    throw damaged({ en: 'a part has a document type', zh: '有部分含文档类型' });
  });
  let held = 0;
  const seen = () => {
    held = 0;
  };
  parser.on('opentag', (tag) => {
    seen();
    open(localName(tag.name), tag.attributes);
  });
  const onText = (piece: string) => {
    seen();
    text?.(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', (tag) => {
    seen();
    close?.(localName(tag.name));
  });
  parser.on('comment', seen);
  parser.on('processinginstruction', seen);
  parser.on('error', (error) => {
    throw damaged(sameInBoth(error.message));
  });
  return (piece) => {
    if (piece === undefined) parser.close();
    else {
      held += piece.length;
      parser.write(piece);
      const { markupCharacters } = workbookBounds;
      if (held > markupCharacters)
        throw overBound(
          { en: 'a longer tag, comment or text', zh: '更长的标签、注释或文本' },
          { en: counted(markupCharacters, 'character'), zh: ` ${String(markupCharacters)} 个字符` },
        );
    }
  };
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

interface Relation {
  readonly id: string;
  /** The last word of its type: `worksheet`. */
  readonly type: string;
  readonly target: string;
}

/** The relations of a part; those of the package itself for no name. */
async function relationsOf(parts: Parts, part: string): Promise<Relation[]> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const relations: Relation[] = [];
  await parts.read(
    `${folder}_rels/${part.slice(folder.length)}.rels`,
    workbookBounds.smallPartBytes,
    {
      open: (name, { Id = '', Type = '', Target = '', TargetMode }) => {
        if (name !== 'Relationship' || TargetMode === 'External') return;
        const type = Type.slice(Type.lastIndexOf('/') + 1);
        relations.push({ id: Id, type, target: resolved(folder, Target) });
      },
    },
  );
  return relations;
}

/** A target's name in the package. */
function resolved(folder: string, target: string): string {
  const path = target.startsWith('/') ? target.slice(1) : `${folder}${target}`;
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return steps.join('/');
}

async function readRoot(
  parts: Parts,
  root: string,
  relations: readonly Relation[],
): Promise<Pick<Workbook, 'serials' | 'sheets'>> {
  const sheets: WorkbookSheet[] = [];
  let serials: SerialDays = 1900;
  await parts.read(root, workbookBounds.smallPartBytes, {
    open: (tag, attributes) => {
      if (tag === 'workbookPr' && /^(?:1|true)$/.test(attributes['date1904'] ?? '')) serials = 1904;
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => localName(key) === 'id')?.[1];
      const part = relations.find((each) => each.id === id && each.type === 'worksheet')?.target;
      const { name = '', state = 'visible' } = attributes;
      if (part !== undefined) sheets.push({ name, isHidden: state !== 'visible', part });
    },
  });
  if (sheets.length === 0) throw damaged({ en: 'it has no worksheet', zh: '没有工作表' });
  return { sheets, serials };
}

async function readFormats(parts: Parts, part: string | undefined): Promise<NumberFormat[]> {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let isOfCells = false;
  if (part === undefined) return formats;
  await parts.read(part, workbookBounds.smallPartBytes, {
    open: (tag, { numFmtId = '0', formatCode = '' }) => {
      if (tag === 'numFmt') codes.set(Number(numFmtId), formatCode);
      else if (tag === 'cellXfs') isOfCells = true;
      else if (tag === 'xf' && isOfCells)
        formats.push(formatOf(Number(numFmtId), codes.get(Number(numFmtId))));
    },
    close: (tag) => {
      if (tag === 'cellXfs') isOfCells = false;
    },
  });
  return formats;
}

async function readSharedTexts(
  parts: Parts,
  part: string | undefined,
): Promise<Workbook['sharedTexts']> {
  const texts: (string | undefined)[] = [];
  if (part === undefined) return texts;
  const { sharedTexts, sharedCharacters, partBytes } = workbookBounds;
  const rich = new RichText();
  let characters = 0;
  await parts.read(part, partBytes, {
    open: (tag) => {
      rich.open(tag);
    },
    text: (text) => {
      rich.add(text);
    },
    close: (tag) => {
      rich.close(tag);
      if (tag !== 'si') return;
      const text = rich.take();
      characters += text?.length ?? 0;
      texts.push(text);
      if (texts.length > sharedTexts || characters > sharedCharacters)
        throw overBound(
          { en: 'more shared texts', zh: '更多的共享文本' },
          { en: `${String(sharedTexts)} texts`, zh: ` ${String(sharedTexts)} 段文本` },
        );
    },
  });
  return texts;
}

/** The text of a cell in runs, without the reading aids beside Chinese and Japanese characters. */
export class RichText {
  #text = '';
  #isInText = false;
  #isInAid = false;

  open(tag: string): void {
    if (tag === 't') this.#isInText = true;
    else if (tag === 'rPh') this.#isInAid = true;
  }

  add(text: string): void {
    if (!this.#isInText || this.#isInAid) return;
    if (this.#text.length <= workbookBounds.cellCharacters * '_x000D_'.length) this.#text += text;
  }

  close(tag: string): void {
    if (tag === 't') this.#isInText = false;
    else if (tag === 'rPh') this.#isInAid = false;
  }

  /** The text so far, with characters that are written by their code; nothing if too long. */
  take(): string | undefined {
    const text = unescaped(this.#text);
    this.#text = '';
    return text.length > workbookBounds.cellCharacters ? undefined : text;
  }
}

/** Text with characters that XML cannot hold: they are written `_x000D_`. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(/_x([\dA-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}

/** The problem of a cell whose text is not taken. */
export const tooLong = {
  en:
    `the cell has more than ${counted(workbookBounds.cellCharacters, 'character')}; ` +
    'shorten it in the spreadsheet',
  zh: `单元格超过 ${String(workbookBounds.cellCharacters)} 个字符；请在表中缩短`,
};

export function damaged(reason: InBoth): SheetFileError {
  return new SheetFileError(
    {
      en: `the file is not a workbook that can be read: ${reason.en}`,
      zh: `文件不是可读取的工作簿：${reason.zh}`,
    },
    {
      en: 'open it in a spreadsheet program and save it as .xlsx, or as CSV UTF-8',
      zh: '请用电子表格程序打开，另存为 .xlsx 或 CSV UTF-8',
    },
  );
}

function overBound(found: InBoth, bound: InBoth): SheetFileError {
  return new SheetFileError(
    {
      en: `the workbook has ${found.en}; the limit is ${bound.en}`,
      zh: `工作簿有${found.zh}；上限为${bound.zh}`,
    },
    {
      en: 'save its rows as CSV UTF-8, or in several files',
      zh: '请将各行另存为 CSV UTF-8，或分成几个文件',
    },
  );
}

async function orDamaged<Value>(read: () => Promise<Value> | Value): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof SheetFileError
      ? error
      : damaged(sameInBoth(error instanceof Error ? error.message : String(error)));
  }
}
