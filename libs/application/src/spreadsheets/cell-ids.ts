import { joined } from '@penalty-ledger/ledger';
import { shown } from '../printable.js';
import { nameIn, narrow, type CellReading } from './cell-text.js';

/** Excel keeps 15 digits of a number, and makes the others zeros. */
const rounded = /^[1-9]\d{14}0+$/;
/** The form in which Excel shows a number of 12 digits or more, and saves it as CSV. */
const scientific = /^\d(?:\.\d+)?E\+\d+$/i;

/** A value of a spreadsheet that is TRUE or FALSE, negative, or has a fraction. */
const notDigits = /^(?:true|false|-\d+(?:\.\d+)?|\d+\.\d+)$/i;

/**
 * Reads an id. One of 15 digits and zeros, and one in scientific form, is not an id any more:
 * a spreadsheet has rounded it, and others have become the same.
 *
 * @param isExact true when the ids of the column are known to be as they were given
 */
export function idIn(text: string, isExact = false): CellReading<string> {
  if (isExact) return { value: text };
  if (scientific.test(text))
    return {
      problem: {
        en:
          `${shown(text)} is a number in scientific form, and its digits are lost; ` +
          'take the ids from their source, in a column formatted as text',
        zh:
          `${shown(text)} 是科学计数法的数字，末位数字已丢失；请从来源取得编号，` +
          '并将该列设为文本格式',
      },
    };
  if (rounded.test(text))
    return {
      problem: {
        en:
          `${shown(text)} is 15 digits and zeros, as a spreadsheet rounds an id; ` +
          'take the ids from their source, in a column formatted as text, ' +
          'or say with --columns that they are exact',
        zh:
          `${shown(text)} 是 15 位数字加零，即被电子表格舍入的编号；` +
          '请从来源取得编号并将该列设为文本格式，或用 --columns 说明编号准确无误',
      },
    };
  if (notDigits.test(text))
    return {
      problem: {
        en:
          `${shown(text)} is TRUE or FALSE, a fraction or a negative number, and not an id; take ` +
          'the ids from their source, or say with --columns that they are exact',
        zh:
          `${shown(text)} 是 TRUE 或 FALSE、小数或负数，不是编号；请从来源取得编号，` +
          '或用 --columns 说明编号准确无误',
      },
    };
  return { value: text };
}

/** Reads the number of a case: a name, which a spreadsheet may have rounded as an id. */
export function caseNoIn(text: string, isExact: boolean): CellReading<string> {
  const { problem } = idIn(text, isExact);
  return problem === undefined ? nameIn(text) : { problem };
}

/** Reads ids with `;` `,` `、` a space or a line break between them. */
export function idsIn(text: string, isExact = false): CellReading<readonly string[]> {
  const ids = narrow(text).split(/[;,、\s]+/);
  const readings = ids.map((id) => idIn(id, isExact));
  const problems = readings.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  return problems.length > 0 ? { problem: joined(problems) } : { value: ids };
}
