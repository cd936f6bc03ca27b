import type { LedgerSettings } from '@penalty-ledger/ledger';
import { said } from './language.js';

type Kind = Pick<LedgerSettings, 'simulation'>;

/** The first lines of a page about a simulation: everything that leaves one says so (rules §12). */
export function simulationMark({ simulation }: Kind): string[] {
  return simulation ? [said('SIMULATION', '模拟账本'), ''] : [];
}

/**
 * An answer as it is printed in JSON: one about a simulation says so in its last member. Lists and
 * refusals stay as they are.
 */
export function markedAnswer(answer: object, { simulation }: Kind): object {
  return simulation && !Array.isArray(answer) && !('error' in answer)
    ? { ...answer, simulation }
    : answer;
}
