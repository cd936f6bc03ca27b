import { assertNoArguments } from './command-line.js';
import { SettingsError } from './settings.js';

test('arguments are refused, with the setting to give instead', () => {
  expect(() => {
    assertNoArguments([]);
  }).not.toThrow();
  let refused: unknown;
  try {
    assertNoArguments(['--port', '8080']);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(SettingsError);
  expect(refused).toMatchObject({
    message: 'the argument "--port" is not read; the service takes no arguments',
    hint: 'give settings in the environment, LEDGER_PORT for --port: LEDGER_PORT=8080 npm start',
  });
});
