/**
 * How often a random or a violent test repeats what it does. LEDGER_TEST_ROUNDS multiplies it, and
 * the test's limit of time with it: `LEDGER_TEST_ROUNDS=50 npx jest test/kill`.
 */
export const rounds = Number(process.env['LEDGER_TEST_ROUNDS'] ?? 1);
