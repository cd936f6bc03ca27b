import { run } from './operating/run.js';
import { readSettings } from './operating/settings.js';

try {
  await run(readSettings(process.env));
} catch (error) {
  const { code, message, hint } = error as Readonly<
    Partial<Record<'code' | 'message' | 'hint', string>>
  >;
  process.stderr.write(`error: ${message ?? String(error)}\n`);
  if (hint !== undefined) process.stderr.write(`hint: ${hint}\n`);
  process.exitCode = code === 'usage' || code === 'store_url' || code === 'ledger_settings' ? 2 : 3;
}
