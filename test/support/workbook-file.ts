import { writeZip, zipEntry } from '@penalty-ledger/evidence';

/** A cell: text, a number, a number in a style, a formula with its value, or raw XML. */
export type BookCell =
  | number
  | string
  | null
  | { readonly number: number; readonly style: number }
  | { readonly formula: string; readonly value?: string }
  | { readonly xml: string };

export interface BookSheet {
  readonly name: string;
  readonly rows: readonly (readonly BookCell[])[];
  readonly merged?: readonly string[];
  readonly isHidden?: true;
}

/**
 * The styles of cells, by index: none, date and time, percent, time, a date of its own format,
 * and five digits.
 */
export const styles = {
  none: 0,
  dateTime: 1,
  percent: 2,
  time: 3,
  chineseDate: 4,
  digits: 5,
} as const;

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook as a spreadsheet program writes it, with parts put in place of its own. */
export function workbookFile(
  sheets: readonly BookSheet[],
  { isFrom1904 = false, parts = {} }: { isFrom1904?: boolean; parts?: Record<string, string> } = {},
): Uint8Array {
  const own: Record<string, string> = {
    '_rels/.rels': relationships([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml':
      `<workbook xmlns="${main}" xmlns:r="${relations}">` +
      `<workbookPr${isFrom1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, isHidden }, index) =>
            `<sheet name="${escaped(name)}" sheetId="${String(index + 1)}" ` +
            `${isHidden === true ? 'state="hidden" ' : ''}r:id="rId${String(index + 1)}"/>`,
        )
        .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map((_, index): [string, string, string] => [
        `rId${String(index + 1)}`,
        'worksheet',
        `worksheets/sheet${String(index + 1)}.xml`,
      ]),
      ['rId90', 'styles', 'styles.xml'],
      ['rId91', 'sharedStrings', '/xl/sharedStrings.xml'],
    ]),
    'xl/styles.xml':
      `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="176" ` +
      `formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>` +
      `<numFmt numFmtId="177" formatCode="00000"/></numFmts>` +
      `<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>${[0, 22, 9, 20, 176, 177]
        .map((id) => `<xf numFmtId="${String(id)}"/>`)
        .join('')}</cellXfs></styleSheet>`,
  };
  const texts: string[] = [];
  for (const [index, sheet] of sheets.entries())
    own[`xl/worksheets/sheet${String(index + 1)}.xml`] = sheetXml(sheet, texts);
  const shared = texts.map((text) => `<si><t>${escaped(text)}</t></si>`).join('');
  own['xl/sharedStrings.xml'] = `<sst xmlns="${main}">${shared}</sst>`;
  return writeZip(
    Object.entries({ ...own, ...parts }).map(([name, xml]) => zipEntry(name, Buffer.from(xml))),
  );
}

function relationships(list: readonly (readonly [string, string, string])[]): string {
  return `<Relationships>${list
    .map(
      ([id, type, target]) =>
        `<Relationship Id="${id}" Type="${relations}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;
}

function sheetXml({ rows, merged = [] }: BookSheet, texts: string[]): string {
  const rowXml = rows.map((cells, index) => {
    const row = String(index + 1);
    const cellXml = cells.map((cell, column) =>
      cellXmlOf(cell, `${String.fromCharCode(65 + column)}${row}`, texts),
    );
    return `<row r="${row}">${cellXml.join('')}</row>`;
  });
  const mergedXml = merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  return (
    `<worksheet xmlns="${main}"><sheetData>${rowXml.join('')}</sheetData>` +
    `${merged.length > 0 ? `<mergeCells>${mergedXml}</mergeCells>` : ''}</worksheet>`
  );
}

function cellXmlOf(cell: BookCell, ref: string, texts: string[]): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${ref}"><v>${String(cell)}</v></c>`;
  if (typeof cell === 'string') {
    texts.push(cell);
    return `<c r="${ref}" t="s"><v>${String(texts.length - 1)}</v></c>`;
  }
  if ('number' in cell)
    return `<c r="${ref}" s="${String(cell.style)}"><v>${String(cell.number)}</v></c>`;
  if ('xml' in cell) return cell.xml.replace('<c', `<c r="${ref}"`);
  const value = cell.value === undefined ? '' : `<v>${escaped(cell.value)}</v>`;
  return `<c r="${ref}" t="str"><f>${escaped(cell.formula)}</f>${value}</c>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
