import { plainLine } from '@penalty-ledger/application/printable';
import { assertNoArguments } from './operating/command-line.js';
import { errorOutput } from './operating/error-output.js';
import { run } from './operating/run.js';
import { readSettings } from './operating/settings.js';

try {
  assertNoArguments(process.argv.slice(2));
  await run(readSettings(process.env));
} catch (error) {
  const { code, message, hint } = error as Readonly<
    Partial<Record<'code' | 'message' | 'hint', string>>
  >;
  errorOutput.write(`error: ${plainLine(message ?? String(error))}\n`);
  if (hint !== undefined) errorOutput.write(`hint: ${plainLine(hint)}\n`);
  process.exitCode = code === 'usage' || code === 'store_url' || code === 'ledger_settings' ? 2 : 3;
}
