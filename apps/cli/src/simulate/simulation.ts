import { simulationRules, simulationStart } from '@penalty-ledger/application';
import { openCommands } from '../intake/command-file.js';
import { applyFile, openForIntake, type IntakeOptions } from '../intake/file-intake.js';
import { peekInstant } from './first-instant.js';

/** Opens a simulation ledger and applies a file under the clock of its lines. */
export async function simulateFile(file: string, options: IntakeOptions): Promise<void> {
  const commands = await openCommands(file, options);
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
