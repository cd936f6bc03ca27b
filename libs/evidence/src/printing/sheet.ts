import PDFDocument from 'pdfkit';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import type { FontFile } from './font-file.js';
import { linesOf, spansOf, tones, type Text, type TextLine } from './text-lines.js';

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
  readonly ground?: string;
  /** Whether a bar stands at their left. */
  readonly bar?: boolean;
}

/** What the document is, for whoever lists it. */
export interface SheetTitle {
  readonly title: string;
  readonly subject: string;
  readonly producer: string;
  /** Stands in the file as the instant of its making. */
  readonly createdAt: Instant;
}

/**
 * Pages that are written from the top down. The same calls give the same bytes: the one instant in the file is given, its id follows from its title, and
 * nothing is compressed, because what zlib writes is not the same everywhere.
 */
export class Sheet {
  /** Where the next thing is written, from the page's top. */
  y: number = page.top;
  readonly left = page.left;
  readonly right = page.width - page.right;
  readonly width = page.width - page.left - page.right;
  readonly bottom = page.height - page.bottom;
  /** For what is not text. */
  readonly pen: PDFKit.PDFDocument;
  readonly #font: FontFile;
  readonly #missing = new Set<string>();
  readonly #widths = new Map<string, number>();

  constructor(font: FontFile, { title, subject, producer, createdAt }: SheetTitle) {
    this.#font = font;
    this.pen = new PDFDocument({
      size: [page.width, page.height],
      margin: 0,
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
  }

  /** Characters that were to be printed and have no glyph, in the order they came; each was printed as its code point. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  /** Begins a new page unless so many points are left on this one; says whether it did. */
  need(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.newPage();
    return true;
  }

  newPage(): void {
    this.pen.addPage();
    this.y = page.top;
  }

  /** Breaks a text for a width in points, with every character that the font lacks replaced by its code point. */
  linesOf(text: Text, width: number, size: number): TextLine[] {
    const legible = spansOf(text).map((span) => ({ ...span, text: this.#legible(span.text) }));
    return linesOf(legible, width, (character) => this.#widthOf(character) * size);
  }

  /** In points. */
  lineHeight(size: number): number {
    return size * leading;
  }

  /** Prints one line; `x` is its left end, or with `align` its right end or its middle. */
  line({ spans }: TextLine, x: number, y: number, size: number, align: 'left' | 'right' | 'middle' = 'left'): void {
    this.pen.fontSize(size);
    const widths = spans.map(({ text }) => this.pen.widthOfString(text));
    const width = widths.reduce((sum, each) => sum + each, 0);
    let at = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
    for (const [each, { text, tone = 'ink', heavy = false }] of spans.entries()) {
      this.pen.fillColor(tones[tone]);
      // One weight of the font is enough: heavier letters are the same with their outline drawn.
      if (heavy) this.pen.strokeColor(tones[tone]).lineWidth(size * 0.035);
      this.pen.text(text, at, y, { lineBreak: false, ...(heavy && { fill: true, stroke: true }) });
      at += widths[each] ?? 0;
    }
  }

  /** A label that is known to fit. */
  label(text: Text, x: number, y: number, size: number, align: 'left' | 'right' | 'middle' = 'left'): void {
    const [line] = this.linesOf(text, Infinity, size);
    if (line !== undefined) this.line(line, x, y, size, align);
  }

  /** A paragraph over the width of the page, that may go on on the next one. */
  paragraph(text: Text, { size = 9, indent = 0, gap = 2, ground, bar = false }: ParagraphStyle = {}): void {
    const height = this.lineHeight(size);
    const inset = ground === undefined ? 0 : 5;
    for (const line of this.linesOf(text, this.width - indent - 2 * inset, size)) {
      this.need(height);
      if (ground !== undefined) this.pen.rect(this.left + indent, this.y, this.width - indent, height).fill(ground);
      if (bar) this.pen.rect(this.left, this.y, 1.5, height).fill(tones.line);
      this.line(line, this.left + indent + inset, this.y, size);
      this.y += height;
    }
    if (bar && this.y + gap <= this.bottom) this.pen.rect(this.left, this.y, 1.5, gap).fill(tones.line);
    this.y += gap;
  }

  /** A heading, on the same page as what comes after it. */
  heading(text: Text, { size = 12, keep = 60 }: { readonly size?: number; readonly keep?: number } = {}): void {
    this.y += 10;
    this.need(this.lineHeight(size) + keep);
    this.paragraph(
      spansOf(text).map((span) => ({ ...span, heavy: span.tone === undefined })),
      { size, gap: 0 },
    );
    this.rule(this.y + 1);
    this.y += 7;
  }

  /** A thin line over the width of the page. */
  rule(y: number): void {
    this.pen.moveTo(this.left, y).lineTo(this.right, y).lineWidth(0.6).strokeColor(tones.line).stroke();
  }

  /**
   * Writes the foot of every page and gives the file.
   *
   * @param foot what stands at the bottom of page `number`, counted from 1, of `pages`
   */
  finish(foot: (number: number, pages: number) => { readonly left: Text; readonly right: Text }): Uint8Array {
    const { count } = this.pen.bufferedPageRange();
    for (let at = 0; at < count; at += 1) {
      this.pen.switchToPage(at);
      const { left, right } = foot(at + 1, count);
      const y = page.height - page.bottom + 18;
      this.rule(y - 5);
      this.label(left, this.left, y, 7);
      this.label(right, this.right, y, 7, 'right');
    }
    this.pen.end();
    return new Uint8Array(this.pen.read() as Buffer);
  }

  #legible(text: string): string {
    return Array.from(text.replaceAll('\t', ' ').replaceAll(/\r\n?/g, '\n'), (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (character === '\n' || (code >= 0x20 && this.#font.characters.has(code))) return character;
      this.#missing.add(character);
      return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    }).join('');
  }

  /** At size 1. */
  #widthOf(character: string): number {
    let width = this.#widths.get(character);
    if (width === undefined) {
      width = this.pen.fontSize(1000).widthOfString(character) / 1000;
      this.#widths.set(character, width);
    }
    return width;
  }
}
