import { importRules, systemClock } from '@penalty-ledger/application';
import { openCommands } from '../intake/command-file.js';
import { applyFile, openForIntake, type IntakeOptions } from '../intake/file-intake.js';

/** Opens a real ledger and applies a file, recorded now. */
export async function importFile(file: string, options: IntakeOptions): Promise<void> {
  const commands = await openCommands(file, options);
  const opened = await openForIntake(options, {
    simulation: false,
    openedAt: systemClock.now(),
  });
  try {
    commands.takeClauses?.(await opened.reader.clauses());
    await applyFile(commands, importRules(systemClock), opened, options);
  } finally {
    await opened.close();
  }
}
