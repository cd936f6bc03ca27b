/**
 * The structure of a PDF that was written without compression, as far as PDF/A-2u and tagging ask
 * for it. It is a checker of our own: no independent validator runs in the tests.
 */
export interface PdfStructure {
  /** Dictionaries and streams by number. */
  readonly objects: ReadonlyMap<number, string>;
  readonly catalog: string;
  /** The operators of each page. */
  readonly pages: readonly { readonly dictionary: string; readonly operators: string }[];
}

/** Reads the objects of a file through its table of objects (ISO 32000-1, 7.5.4). */
export function pdfStructure(pdf: Uint8Array): PdfStructure {
  const file = Buffer.from(pdf).toString('latin1');
  const table = Number(/startxref\n(\d+)\n%%EOF\n?$/.exec(file)![1]);
  const entries = [...file.slice(table).matchAll(/^(\d{10}) 00000 n/gm)];
  const objects = new Map<number, string>();
  for (const [index, [, offset]] of entries.entries()) {
    const at = Number(offset);
    const head = `${index + 1} 0 obj\n`;
    expect(file.slice(at, at + head.length)).toBe(head);
    objects.set(index + 1, file.slice(at + head.length, file.indexOf('\nendobj', at)));
  }
  const catalog = objects.get(Number(/\/Root (\d+) 0 R/.exec(file.slice(table))![1]))!;
  const pages = [...objects.values()]
    .filter((object) => /\/Type \/Page\n/.test(object))
    .map((dictionary) => ({
      dictionary,
      operators: streamOf(objects.get(Number(/\/Contents (\d+) 0 R/.exec(dictionary)![1]))!),
    }));
  return { objects, catalog, pages };
}

/** The content of a stream object. */
export function streamOf(object: string): string {
  const at = object.indexOf('stream\n') + 'stream\n'.length;
  return object.slice(at, object.lastIndexOf('\nendstream'));
}

/** The object that a dictionary refers to by a name. */
export function referred({ objects }: PdfStructure, dictionary: string, name: string): string {
  const number = new RegExp(`/${name} \\[?(\\d+) 0 R`).exec(dictionary)?.[1];
  return objects.get(Number(number)) ?? '';
}

/** A place of painting outside all marked content, by page. */
export function unmarked({ pages }: PdfStructure): string[] {
  return pages.flatMap(({ operators }, page) => {
    const found: string[] = [];
    let depth = 0;
    for (const line of operators.split('\n')) {
      if (/ (?:BDC|BMC)$/.test(line)) depth += 1;
      else if (line === 'EMC') depth -= 1;
      else if (depth === 0 && /(?: Tj| re f| re S| S| f)\b/.test(line)) found.push(line);
      if (depth < 0) found.push('EMC without a beginning');
    }
    if (depth !== 0) found.push('content that does not end');
    return found.map((line) => `page ${page + 1}: ${line}`);
  });
}

/** The types of structure elements in the order of the tree, each with its parents'. */
export function structureTypes(structure: PdfStructure): string[] {
  const { objects } = structure;
  const walk = (object: string, above: string): string[] => {
    const type = /\/S \/(\w+)/.exec(object)![1]!;
    const path = above === '' ? type : `${above} ${type}`;
    const kids = /\/K \[([^\]]*)\]/.exec(object)?.[1] ?? '';
    const inner = [...kids.matchAll(/(\d+) 0 R/g)]
      .map(([, number]) => objects.get(Number(number))!)
      .filter((kid) => /\/S \//.test(kid));
    return [path, ...inner.flatMap((kid) => walk(kid, path))];
  };
  const root = referred(structure, structure.catalog, 'StructTreeRoot');
  return walk(referred(structure, root, 'K'), '');
}
