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
      problem:
        `${shown(text)} is a number in scientific form, and its digits are lost; ` +
        'take the ids from their source, in a column formatted as text',
    };
  if (rounded.test(text))
    return {
      problem:
        `${shown(text)} is 15 digits and zeros, as a spreadsheet rounds an id; take the ids from ` +
        'their source, in a column formatted as text, or say with --columns that they are exact',
    };
  if (notDigits.test(text))
    return {
      problem:
        `${shown(text)} is TRUE or FALSE, a fraction or a negative number, and not an id; take ` +
        'the ids from their source, or say with --columns that they are exact',
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
  return problems.length > 0 ? { problem: problems.join('; ') } : { value: ids };
}
