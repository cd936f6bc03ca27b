import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvRow, guarded, separators, unguarded } from './csv-cells.js';

const anyCell = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom("'", '=', '+', '-', '@', '＝', '\t', '\r', '\n', ' ', '0', '1', ',', '"'),
  }),
  fc.string({ unit: fc.constantFrom("'", '0', '1', '.', '-', '/', ':', 'e', '\u0001', '=') }),
  fc.constantFrom('201904011112345671', '1e5', '1-2', '3/4', '007', "'=1", "''=1", "'x", '-5'),
);

it('has no cell that a spreadsheet program takes for a formula or changes', () => {
  fc.assert(
    fc.property(
      fc.array(anyCell, { minLength: 1 }),
      fc.constantFrom(...separators),
      (row, sign) => {
        const [cells = []] = parse(csvRow(row, sign), {
          delimiter: sign,
          record_delimiter: '\n',
          skip_empty_lines: false,
        });
        expect(cells.length).toBe(row.length);
        for (const cell of cells) {
          expect(cell).not.toMatch(/^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u);
          expect(cell).not.toMatch(/^(?:0\d+|\d{12,}|\d+e\d+|\d{1,2}[-/]\d{1,2})$/i);
          expect(cell).not.toMatch(/^\d+\.\d*0$|^0\d+\.\d*$|^\d+(?:\.\d*)?e\d+$|^\d+:\d\d$/);
        }
        expect(cells.map(unguarded)).toEqual(row);
      },
    ),
  );
});

it('guards each form that a spreadsheet program changes', () => {
  for (const cell of ['2019-04', '10-2019', '3-5-2026', '1.50', '10:30', '000.5', '1.5e10'])
    expect(guarded(cell)).toBe(`'${cell}`);
  for (const cell of ['\u0001=1', '\u001b -1', '.5', '12.', '1E-5', '0.12345678901234567'])
    expect(unguarded(guarded(cell))).toBe(guarded(cell).slice(1));
});

it('leaves every other cell as it is', () => {
  for (const cell of [
    '美妆',
    "it's",
    '1200',
    '1.5',
    '0.5',
    '2019-04-01 20:00',
    '2019/4/1',
    '2019-04-01T20:00:00+08:00',
    '1,200',
    '',
  ])
    expect(guarded(cell)).toBe(cell);
});
