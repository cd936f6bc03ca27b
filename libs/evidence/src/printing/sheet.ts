import PDFDocument from 'pdfkit';
import { epochMsOf, type Instant } from '@penalty-ledger/ledger';
import { colourProfile } from './colour-profile.js';
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
  /** Its place in the structure of the document. */
  readonly role?: Role;
}

/** Types of structure elements that hold content (ISO 32000-1, 14.8.4). */
export type Role = 'P' | 'H1' | 'H2' | 'H3' | 'TH' | 'TD' | 'Figure';

/** Texts on every page. */
export interface Edges {
  /** The foot of page `number`, counted from 1, of `pages`. */
  readonly foot: (
    number: number,
    pages: number,
  ) => { readonly left: string; readonly right: string };
  /** A warning over the top. */
  readonly warning?: string;
  /** A note below the warning's place. */
  readonly note?: Text;
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
  readonly _font: EmbeddedFont & { readonly ascender: number; readonly unicode: number[][] };
  readonly _root: { readonly data: Record<string, unknown> };
  readonly page: { readonly fonts: Record<string, unknown> };
  appendXML(xml: string): void;
}

/** Content of one structure element that is being written. */
interface OpenContent {
  readonly role: Role;
  /** On each page that it has content on. */
  readonly parts: PDFKit.PDFStructureContent[];
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
  /** The structure elements that what is written next belongs to, the innermost last. */
  readonly #parents: PDFKit.PDFStructureElement[] = [];
  #open: OpenContent | undefined;

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
      tagged: true,
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
    // The glyph of no character is never shown; PDF/A-2u forbids that a glyph maps to U+0000.
    embedded.unicode[0] = [0xfffd];
    const document = this.#document.struct('Document');
    this.#document.addStructure(document);
    this.#parents.push(document);
  }

  /** Characters without a glyph, in the order of printing; each was printed as its code point. */
  get missing(): readonly string[] {
    return this.#typesetter.missing;
  }

  /** Begins a new page unless so many points are left on this one; says whether it did. */
  need(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    if (this.#open !== undefined) this.#endContent();
    this.#endPage();
    this.#document.addPage();
    this.y = page.top;
    if (this.#open !== undefined) this.#beginContent(this.#open);
    return true;
  }

  /**
   * Writes the content of one structure element, such as a paragraph. Within another one, it
   * belongs to that.
   */
  tagged(
    role: Role,
    write: () => void,
    { title, box }: { readonly title?: string; readonly box?: readonly number[] } = {},
  ): void {
    if (this.#open !== undefined) {
      write();
      return;
    }
    this.#open = { role, parts: [] };
    this.#beginContent(this.#open);
    write();
    this.#endContent();
    const options = {
      ...(title !== undefined && { alt: title }),
      ...(box !== undefined && { bbox: box as [number, number, number, number] }),
      ...(role === 'TH' && { scope: 'Column' }),
    };
    this.#parents.at(-1)?.add(this.#document.struct(role, options, this.#open.parts));
    this.#open = undefined;
  }

  /** Writes elements that belong together: a table, a row of it. */
  group(type: 'Table' | 'TR', write: () => void): void {
    const element = this.#document.struct(type);
    this.#parents.at(-1)?.add(element);
    this.#parents.push(element);
    write();
    this.#parents.pop();
    element.end();
  }

  /** Draws what has no meaning to who hears the document read. */
  decoration(write: () => void): void {
    if (this.#open !== undefined) {
      write();
      return;
    }
    this.pen.raw('/Artifact BMC');
    write();
    this.pen.raw('EMC');
  }

  #beginContent({ role, parts }: OpenContent): void {
    this.#document.addContent(this.pen.take());
    parts.push(this.#document.markStructureContent(role));
  }

  #endContent(): void {
    this.#document.addContent(this.pen.take());
    this.#document.endMarkedContent();
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
    { size = 9, indent = 0, gap = 2, ground, bar = false, role = 'P' }: ParagraphStyle = {},
  ): void {
    const height = this.lineHeight(size);
    const inset = ground === undefined ? 0 : 5;
    // Begun on the page that its first line is on.
    this.need(height);
    this.tagged(role, () => {
      for (const line of this.linesOf(text, this.width - indent - 2 * inset, size)) {
        this.need(height);
        if (ground !== undefined)
          this.pen.box(this.left + indent, this.y, this.width - indent, height, ground);
        if (bar) this.pen.box(this.left, this.y, 1.5, height + gap, 'line');
        this.line(line, this.left + indent + inset, this.y, size);
        this.y += height;
      }
    });
    this.y += gap;
  }

  /** A heading, on the same page as what comes after it: `keep` points of it. */
  heading(text: Text, keep: number): void {
    const size = 12;
    this.y += 10;
    this.need(this.lineHeight(size) + keep);
    this.paragraph(emphasised(text), { size, gap: 0, role: 'H2' });
    this.rule(this.y + 1);
    this.y += 7;
  }

  /** A thin line over the width of the page. */
  rule(y: number): void {
    this.decoration(() => this.pen.box(this.left, y - 0.3, this.width, 0.6, 'line'));
  }

  /** Writes what stands on every page and gives the file. */
  finish({ foot, warning, note }: Edges): { readonly pdf: Uint8Array; readonly pages: number } {
    this.#endPage();
    const { count: pages } = this.#document.bufferedPageRange();
    for (let at = 0; at < pages; at += 1) {
      this.#document.switchToPage(at);
      const { left, right } = foot(at + 1, pages);
      const y = page.height - page.bottom + 18;
      this.rule(y - 5);
      this.decoration(() => {
        if (warning !== undefined) this.#warn(warning);
        if (note !== undefined) this.label(note, this.left, page.top - 11, 7);
        this.label({ text: left, tone: 'soft' }, this.left, y, 7);
        this.label({ text: right, tone: 'soft' }, this.right, y, 7, 'right');
      });
      this.#endPage();
    }
    this.#parents.pop()?.end();
    this.#conform();
    this.#document.end();
    return { pdf: this.#written(), pages };
  }

  #warn(text: string): void {
    const [top, height] = [page.top - 30, 16];
    this.pen.box(this.left, top, this.width, height, 'points');
    const [line] = this.linesOf({ text, tone: 'inverse', heavy: true }, Infinity, 9);
    if (line === undefined) return;
    this.line(line, this.left + (this.width - line.width * 9) / 2, top + 1, 9);
  }

  /**
   * Says that the file is PDF/A-2u (ISO 19005-2). pdfkit would read its profile of colours from a
   * path that is not there in a bundle.
   */
  #conform(): void {
    const { _root: root } = this.#embedding;
    this.#embedding.appendXML(
      '<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" rdf:about="">' +
        '<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>' +
        '</rdf:Description>',
    );
    const profile = this.#document.ref({ N: 3 });
    profile.end(Buffer.from(colourProfile));
    const intent = this.#document.ref({
      Type: 'OutputIntent',
      S: 'GTS_PDFA1',
      Info: new String('sRGB'),
      OutputConditionIdentifier: new String('sRGB'),
      DestOutputProfile: profile,
    });
    intent.end(undefined);
    root.data['OutputIntents'] = [intent];
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
