/**
 * The number of rounds of a random or destructive test. LEDGER_TEST_ROUNDS multiplies it and the
 * test's time limit: `LEDGER_TEST_ROUNDS=50 npx jest test/kill`.
 */
export const rounds = Number(process.env['LEDGER_TEST_ROUNDS'] ?? 1);
