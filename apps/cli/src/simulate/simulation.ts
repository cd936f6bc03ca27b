import { simulationRules, simulationStart } from '@penalty-ledger/application';
import { rulebooks } from '@penalty-ledger/ledger';
import { openCommands } from '../intake/command-file.js';
import { applyFile, openForIntake, type IntakeOptions } from '../intake/file-intake.js';
import { peekInstant } from './first-instant.js';

/** Opens a simulation ledger and applies a file under the clock of its lines. */
export async function simulateFile(file: string, options: IntakeOptions): Promise<void> {
  const commands = await openCommands(file, options);
  // A row is read before the ledger is opened, to know its first instant: the clauses are those of
  // the rulebooks that come with the program.
  const { all } = rulebooks.rulebooksAt(rulebooks.empty, simulationStart);
  commands.takeClauses?.(all.flatMap(({ document }) => document.clauses));
  const { firstInstant, lines } = await peekInstant(commands.lines);
  const opened = await openForIntake(options, {
    simulation: true,
    openedAt: firstInstant ?? simulationStart,
  });
  const { ledger } = opened;
  try {
    const from = ledger.clock;
    const rules = simulationRules(from);
    await applyFile({ ...commands, lines }, rules, opened, options);
    if (rules.clock > from) await ledger.rememberClock(rules.clock);
  } finally {
    await opened.close();
  }
}
