import { CommanderError } from 'commander';
import { endingOf, exitCodes } from './terminal/exit-codes.js';
import { finishPrinting, note } from './terminal/io.js';
import { languageAsked, said, speak } from './terminal/language.js';
import { noteRebuilds } from './terminal/rebuild-note.js';
import { program } from './program.js';
import { askPassphrase } from './terminal/passphrase.js';
import { askPersonBy } from '@penalty-ledger/application/key-secret';

speak(languageAsked(process.argv.slice(2), process.env));
try {
  const ledger = await program();
  // The service writes it into its own log.
  ledger.hook('preAction', (_, verb) => {
    if (verb.name() !== 'serve') noteRebuilds();
  });
  if (process.stdin.isTTY && process.stderr.isTTY)
    askPersonBy((path) => askPassphrase(said(`passphrase of ${path}`, `${path} 的口令`)));
  await ledger.parseAsync();
  await finishPrinting();
} catch (error) {
  await finishPrinting().catch(() => undefined);
  // Commander has printed its message.
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  else tell(error);
  // Standard input may still be open, and would keep the process alive.
  process.stdin.destroy();
}

function tell(error: unknown): void {
  const { exitCode, message, hint } = endingOf(error);
  note(said(`error: ${message}`, `错误：${message}`));
  if (hint !== undefined) note(said(`hint: ${hint}`, `提示：${hint}`));
  if (process.env['LEDGER_DEBUG'] === '1' && error instanceof Error)
    for (const line of (error.stack ?? '').split('\n')) note(line);
  process.exitCode = exitCode;
}
