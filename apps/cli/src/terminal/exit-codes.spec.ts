import { PrintingError } from '@penalty-ledger/evidence';
import { endingOf, exitCodes } from './exit-codes.js';

test('a statement that is not printed whole ends with what to do, not with the pack', () => {
  expect(endingOf(new PrintingError('it has 9 bytes'))).toEqual({
    exitCode: exitCodes.store,
    message: 'the printed statement is not a complete PDF: it has 9 bytes',
    hint: 'run the same command on the Node version that the README recommends, and report this',
  });
});

test('a disk that fails ends with the file and what to do, also when closing failed too', () => {
  const full = Object.assign(new Error('"ledger.keys.db" cannot be used: disk is full'), {
    code: 'store_unavailable',
    hint: 'make room',
  });
  const ending = { exitCode: exitCodes.store, message: full.message, hint: 'make room' };
  expect(endingOf(full)).toEqual(ending);
  expect(endingOf(new AggregateError([full, new Error('disk is full')], 'both'))).toEqual(ending);
});
