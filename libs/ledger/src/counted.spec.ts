import { counted } from './counted.js';

it('a number of things has the noun of its number', () => {
  expect([0, 1, 2].map((number) => counted(number, 'event'))).toEqual([
    '0 events',
    '1 event',
    '2 events',
  ]);
  expect(counted(1, 'entry', 'entries')).toBe('1 entry');
  expect(counted(3, 'entry', 'entries')).toBe('3 entries');
});
