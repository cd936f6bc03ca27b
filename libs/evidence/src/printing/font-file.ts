import { hash } from 'node:crypto';
import { charactersOf } from './characters.js';

/** A font to print with. */
export interface FontFile {
  /** A TrueType or OpenType file. */
  readonly sfnt: Uint8Array;
  /** The hash of the file, in hexadecimal. */
  readonly sha256: string;
  /** The code points it has a glyph for. */
  readonly characters: ReadonlySet<number>;
}

/**
 * Opens a TrueType or OpenType font.
 *
 * @throws RangeError when the bytes are none
 */
export function openFont(sfnt: Uint8Array): FontFile {
  try {
    const file = Buffer.from(sfnt.buffer, sfnt.byteOffset, sfnt.byteLength);
    return { sfnt, sha256: hash('sha256', sfnt, 'hex'), characters: charactersOf(file) };
  } catch (error) {
    throw new RangeError(
      `not a TrueType font: ${(error as Error).message}; give a file that ends in .ttf or .otf`,
      { cause: error },
    );
  }
}
