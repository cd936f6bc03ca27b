import type { FontFile } from './font-file.js';

/** A character ready to be printed. */
export interface Glyph {
  readonly character: string;
  /** Its number in the embedded font, four hexadecimal digits. */
  readonly code: string;
  /** Its advance width, at size 1. */
  readonly width: number;
}

/**
 * The parts of pdfkit's embedded font that are needed to write our own operators. pdfkit's own text
 * call takes some hundred microseconds.
 */
export interface EmbeddedFont {
  readonly id: string;
  /** Puts the characters into the subset; gives their numbers in it and where they go. */
  encode(
    text: string,
  ): readonly [codes: readonly string[], positions: readonly { readonly advanceWidth: number }[]];
  /** The name by which a page refers to it. */
  ref(): unknown;
}

/** The only character that nobody sees and that the font has a glyph for. */
const softHyphen = 0xad;

/** Turns texts into glyphs of one font, each character looked up once. */
export class Typesetter {
  readonly #font: EmbeddedFont;
  readonly #characters: FontFile['characters'];
  readonly #known = new Map<string, readonly Glyph[]>();
  readonly #missing: string[] = [];

  constructor(font: EmbeddedFont, characters: FontFile['characters']) {
    this.#font = font;
    this.#characters = characters;
    this.#known.set('\n', [{ character: '\n', code: '', width: 0 }]);
  }

  /** Characters without a glyph, in the order they came. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  /**
   * Returns the glyphs of a text. A character without a glyph is replaced by its code point,
   * `[U+20BB7]`.
   */
  glyphsOf(text: string): Glyph[] {
    const glyphs: Glyph[] = [];
    for (const character of text) {
      for (const glyph of this.#known.get(character) ?? this.#learn(character)) glyphs.push(glyph);
    }
    return glyphs;
  }

  #learn(character: string): readonly Glyph[] {
    const glyphs = this.#isPrintable(character)
      ? [this.#encoded(character)]
      : this.#numberOf(character);
    this.#known.set(character, glyphs);
    return glyphs;
  }

  #isPrintable(character: string): boolean {
    const code = character.codePointAt(0) ?? 0;
    return code >= 0x20 && code !== softHyphen && this.#characters.has(code);
  }

  #encoded(character: string): Glyph {
    const [codes, positions] = this.#font.encode(character);
    const width = positions.reduce((sum, { advanceWidth }) => sum + advanceWidth, 0) / 1000;
    return { character, code: codes.join(''), width };
  }

  #numberOf(character: string): readonly Glyph[] {
    if (character === '\t') return this.glyphsOf(' ');
    this.#missing.push(character);
    return this.glyphsOf(`[${numberOf(character)}]`);
  }
}

/** `U+20BB7` */
export function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
