import { note, printJson, printPage } from './io.js';
import { said } from './language.js';

/** Says whether a ledger is a simulation; `undefined` where its first event cannot be read. */
export interface Kind {
  readonly simulation: boolean | undefined;
}

/** The first lines of a page about a simulation: everything that leaves one says so (rules §12). */
export function simulationMark(kind: Kind): string[] {
  const mark = markText(kind);
  return mark === undefined ? [] : [mark, ''];
}

/**
 * An answer as it is printed in JSON: one about a simulation says so in its last member, one about
 * a ledger of an unknown kind has null there. An array stays as it is.
 */
export function markedAnswer(answer: object, { simulation }: Kind): object {
  return simulation === false || Array.isArray(answer)
    ? answer
    : { ...answer, simulation: simulation ?? null };
}

/** Marks on standard error what has no place for a mark that people see: an array, a receipt. */
export function noteSimulation(kind: Kind): void {
  const mark = markText(kind);
  if (mark !== undefined) note(mark);
}

/** Prints an answer about a ledger, as a page for people or as JSON, marked in either form. */
export async function printMarked(
  kind: Kind,
  json: boolean,
  answer: object,
  page: () => readonly string[],
): Promise<void> {
  if (!json) return printPage([...simulationMark(kind), ...page()]);
  return printJson(markedAnswer(answer, kind));
}

function markText({ simulation }: Kind): string | undefined {
  if (simulation === undefined)
    return said(
      'UNKNOWN whether this is a simulation: the ledger’s first event cannot be read',
      '无法确定是否为模拟账本：账本的首个事件无法读取',
    );
  return simulation ? said('SIMULATION', '模拟账本') : undefined;
}
