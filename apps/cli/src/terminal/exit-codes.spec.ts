import { PrintingError } from '@penalty-ledger/evidence';
import { endingOf, exitCodes } from './exit-codes.js';

test('a statement that is not printed whole ends with what to do, not with the pack', () => {
  expect(endingOf(new PrintingError('it has 9 bytes'))).toEqual({
    exitCode: exitCodes.store,
    message: 'the printed statement is not a complete PDF: it has 9 bytes',
    hint: 'run the same command on the Node version that the README recommends, and report this',
  });
});
