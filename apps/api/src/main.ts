import { run } from './operating/run.js';
import { readSettings } from './operating/settings.js';

try {
  await run(readSettings(process.env));
} catch (error) {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  process.stderr.write(`error: ${message ?? String(error)}\n`);
  process.exitCode = code === 'usage' || code === 'store_url' || code === 'ledger_settings' ? 2 : 3;
}
