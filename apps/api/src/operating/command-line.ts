import { SettingsError } from './settings.js';

/**
 * Refuses arguments: the service reads its settings from the environment alone.
 *
 * @throws SettingsError
 */
export function assertNoArguments(given: readonly string[]): void {
  const [first] = given;
  if (first === undefined) return;
  throw new SettingsError(
    `the argument "${first}" is not read; the service takes no arguments`,
    'give settings in the environment, LEDGER_PORT for --port: LEDGER_PORT=8080 npm start',
  );
}
