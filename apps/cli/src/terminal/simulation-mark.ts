import type { LedgerSettings } from '@penalty-ledger/ledger';
import { note, printJson, printPage } from './io.js';
import { said } from './language.js';

type Kind = Pick<LedgerSettings, 'simulation'>;

/** The first lines of a page about a simulation: everything that leaves one says so (rules §12). */
export function simulationMark({ simulation }: Kind): string[] {
  return simulation ? [markText(), ''] : [];
}

/**
 * An answer as it is printed in JSON: one about a simulation says so in its last member. An array
 * and a refusal stay as they are.
 */
export function markedAnswer(answer: object, { simulation }: Kind): object {
  return simulation && !Array.isArray(answer) && !('error' in answer)
    ? { ...answer, simulation }
    : answer;
}

/** Marks on standard error what has no place for a mark: an array, CSV, a receipt, a checkpoint. */
export function noteSimulation({ simulation }: Kind): void {
  if (simulation) note(markText());
}

/** Prints an answer about a ledger, as a page for people or as JSON, marked in either form. */
export async function printMarked(
  kind: Kind,
  json: boolean,
  answer: object,
  page: () => readonly string[],
): Promise<void> {
  if (!json) return printPage([...simulationMark(kind), ...page()]);
  if (Array.isArray(answer)) noteSimulation(kind);
  return printJson(markedAnswer(answer, kind));
}

function markText(): string {
  return said('SIMULATION', '模拟账本');
}
