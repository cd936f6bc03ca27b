import PDFDocument from 'pdfkit';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import type { FontFile } from './font-file.js';
import { Typesetter, type EmbeddedFont } from './glyphs.js';
import { Pen } from './pen.js';
import { linesOf, spansOf, type Text, type TextLine, type Tone } from './text-lines.js';

/** A4, in points of 1/72 inch. */
const page = { width: 595.28, height: 841.89, left: 48, right: 48, top: 46, bottom: 58 } as const;

/** Height of a line, in font sizes: Chinese characters fill theirs. */
const leading = 1.5;

export interface ParagraphStyle {
  /** In points. */
  readonly size?: number;
  readonly indent?: number;
  /** Left free below. */
  readonly gap?: number;
  /** A colour behind the lines. */
  readonly ground?: Tone;
  /** True when a bar stands at their left. */
  readonly bar?: boolean;
}

/** The document's metadata, for programs that list it. */
export interface SheetTitle {
  readonly title: string;
  readonly subject: string;
  readonly producer: string;
  /** Stands in the file as the instant of its making. */
  readonly createdAt: Instant;
}

/** Members of pdfkit that its types do not name. */
interface Embedding {
  readonly _font: EmbeddedFont & { readonly ascender: number };
  readonly page: { readonly fonts: Record<string, unknown> };
}

/**
 * Pages that are written from the top down. The same calls give the same bytes: the only instant in
 * the file is passed in, its id follows from its title, and nothing is compressed, because zlib's
 * output differs between builds. pdfkit makes the file and embeds the font; this class writes the
 * pages' content.
 */
export class Sheet {
  /** The next writing position, from the page's top. */
  y: number = page.top;
  readonly left = page.left;
  readonly right = page.width - page.right;
  readonly width = page.width - page.left - page.right;
  readonly bottom = page.height - page.bottom;
  /** For what is not text. */
  readonly pen: Pen;
  readonly #document: PDFKit.PDFDocument;
  readonly #embedding: Embedding;
  readonly #typesetter: Typesetter;

  constructor(font: FontFile, { title, subject, producer, createdAt }: SheetTitle) {
    this.#document = new PDFDocument({
      size: [page.width, page.height],
      margin: 0,
      // The types know names of files only.
      font: font.sfnt as unknown as string,
      compress: false,
      bufferPages: true,
      lang: 'zh-CN',
      displayTitle: true,
      pdfVersion: '1.7',
      info: {
        Title: title,
        Subject: subject,
        Creator: 'penalty-ledger',
        Producer: producer,
        CreationDate: new Date(epochMsOf(createdAt)),
      },
    });
    this.#embedding = this.#document as unknown as Embedding;
    const { _font: embedded } = this.#embedding;
    this.#typesetter = new Typesetter(embedded, font.characters);
    this.pen = new Pen(embedded.id, embedded.ascender / 1000);
  }

  /** Characters without a glyph, in the order of printing; each was printed as its code point. */
  get missing(): readonly string[] {
    return this.#typesetter.missing;
  }

  /** Begins a new page unless so many points are left on this one; says whether it did. */
  need(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.#endPage();
    this.#document.addPage();
    this.y = page.top;
    return true;
  }

  /** Breaks a text for a width in points. */
  linesOf(text: Text, width: number, size: number): TextLine[] {
    return linesOf(text, width / size, this.#typesetter);
  }

  /** In points. */
  lineHeight(size: number): number {
    return size * leading;
  }

  /** Prints one line; `x` is its left end, or with `align` its right end. */
  line(line: TextLine, x: number, y: number, size: number, align: 'left' | 'right' = 'left'): void {
    this.pen.text(line, align === 'left' ? x : x - line.width * size, y, size);
  }

  /** A label that is known to fit; gives its width in points. */
  label(text: Text, x: number, y: number, size: number, align: 'left' | 'right' = 'left'): number {
    const [line] = this.linesOf(text, Infinity, size);
    if (line === undefined) return 0;
    this.line(line, x, y, size, align);
    return line.width * size;
  }

  /** A paragraph over the width of the page, that may go on on the next one. */
  paragraph(
    text: Text,
    { size = 9, indent = 0, gap = 2, ground, bar = false }: ParagraphStyle = {},
  ): void {
    const height = this.lineHeight(size);
    const inset = ground === undefined ? 0 : 5;
    for (const line of this.linesOf(text, this.width - indent - 2 * inset, size)) {
      this.need(height);
      if (ground !== undefined)
        this.pen.box(this.left + indent, this.y, this.width - indent, height, ground);
      if (bar) this.pen.box(this.left, this.y, 1.5, height + gap, 'line');
      this.line(line, this.left + indent + inset, this.y, size);
      this.y += height;
    }
    this.y += gap;
  }

  /** A heading, on the same page as what comes after it: `keep` points of it. */
  heading(text: Text, keep = 60): void {
    const size = 12;
    this.y += 10;
    this.need(this.lineHeight(size) + keep);
    this.paragraph(emphasised(text), { size, gap: 0 });
    this.rule(this.y + 1);
    this.y += 7;
  }

  /** A thin line over the width of the page. */
  rule(y: number): void {
    this.pen.box(this.left, y - 0.3, this.width, 0.6, 'line');
  }

  /**
   * Writes the foot and the band of every page and gives the file.
   *
   * @param foot what stands at the bottom of page `number`, counted from 1, of `pages`
   * @param band a warning over the top of every page
   */
  finish(
    foot: (number: number, pages: number) => { readonly left: Text; readonly right: Text },
    band?: Text,
  ): {
    readonly pdf: Uint8Array;
    readonly pages: number;
  } {
    this.#endPage();
    const { count: pages } = this.#document.bufferedPageRange();
    for (let at = 0; at < pages; at += 1) {
      this.#document.switchToPage(at);
      if (band !== undefined) this.#band(band);
      const { left, right } = foot(at + 1, pages);
      const y = page.height - page.bottom + 18;
      this.rule(y - 5);
      this.label(left, this.left, y, 7);
      this.label(right, this.right, y, 7, 'right');
      this.#endPage();
    }
    this.#document.end();
    return { pdf: this.#written(), pages };
  }

  #band(text: Text): void {
    const [top, height] = [page.top - 26, 16];
    this.pen.box(this.left, top, this.width, height, 'points');
    const [line] = this.linesOf(text, Infinity, 9);
    if (line === undefined) return;
    this.line(line, this.left + (this.width - line.width * 9) / 2, top + 2, 9);
  }

  /** Reads part after part: from Node 26 on, one read gives one part and not all that is there. */
  #written(): Uint8Array {
    const parts: Buffer[] = [];
    for (;;) {
      const part = this.#document.read() as Buffer | null;
      if (part === null) return new Uint8Array(Buffer.concat(parts));
      parts.push(part);
    }
  }

  #endPage(): void {
    const { _font: font, page: current } = this.#embedding;
    current.fonts[font.id] = font.ref();
    this.#document.addContent(this.pen.take());
  }
}

/** A text with what is not soft in it printed heavier. */
export function emphasised(text: Text): Text {
  return spansOf(text).map((span) => ({ ...span, heavy: span.tone === undefined }));
}
