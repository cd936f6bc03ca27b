/**
 * The readable text on the pages of a PDF from `@penalty-ledger/evidence/printing`: one font,
 * without compression.
 */
export interface PrintedPages {
  /** The lines of each page, from the first written to the last. */
  readonly pages: readonly (readonly string[])[];
}

/**
 * Reads the text of every page through the font's table of characters, as copying from a viewer
 * does (ISO 32000-1, 9.10.3).
 */
export function printedText(pdf: Uint8Array): PrintedPages {
  const file = Buffer.from(pdf).toString('latin1');
  const characters = charactersIn(file);
  const contents = [...file.matchAll(/\nstream\n([\s\S]*?)\nendstream/g)]
    .map(([, content = '']) => content)
    .filter((content) => content.includes(' Tj'));
  return { pages: contents.map((content) => linesIn(content, characters)) };
}

function charactersIn(file: string): readonly string[] {
  const table = /begincmap([\s\S]*?)endcmap/.exec(file)?.[1] ?? '';
  const characters: string[] = [];
  for (const [, from = '', list = ''] of table.matchAll(
    /<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g,
  )) {
    const first = Number.parseInt(from, 16);
    for (const [at, [, hex = '']] of [...list.matchAll(/<([0-9a-f ]*)>/g)].entries())
      characters[first + at] = Buffer.from(hex.replaceAll(' ', ''), 'hex')
        .swap16()
        .toString('utf16le');
  }
  return characters;
}

/** One line for each text object. */
function linesIn(content: string, characters: readonly string[]): string[] {
  return [...content.matchAll(/BT (.*?) ET/g)].map(([, operators = '']) =>
    [...operators.matchAll(/<([0-9a-f]*)> Tj/g)]
      .flatMap(([, codes = '']) => codes.match(/.{4}/g) ?? [])
      .map((code) => characters[Number.parseInt(code, 16)] ?? '\ufffd')
      .join('')
      .replaceAll('\u00a0', ' '),
  );
}
