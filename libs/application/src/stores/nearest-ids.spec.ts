import type { Instant } from '@penalty-ledger/ledger';
import { nearestOf } from './nearest-ids.js';

const recordedAt = '2019-01-02T00:00:00.000Z' as Instant;
const nearest = (asked: string, ...ids: readonly string[]) =>
  nearestOf(
    asked,
    ids.map((id) => ({ id, recordedAt })),
  ).map(({ id }) => id);

it('offers the ids that differ least, the nearest first, then in their order', () => {
  expect(nearest('mcn-07', 'mcn-107', 'mcn-7', 'mcn-007', 'xyz', 'mcn-1')).toEqual([
    'mcn-007',
    'mcn-107',
    'mcn-7',
  ]);
});

it('offers at most three', () => {
  expect(nearest('a9', 'a1', 'a2', 'a3', 'a4')).toEqual(['a1', 'a2', 'a3']);
});

it('takes capitals for the letters they are', () => {
  expect(nearest('MCN-007', 'mcn-007')).toEqual(['mcn-007']);
});

it('offers nothing that differs in more than three places, or in more than half', () => {
  expect(nearest('deduction-1', 'dedution-2', 'appeal-1')).toEqual(['dedution-2']);
  expect(nearest('abcdefgh', 'abcdwxyz')).toEqual([]);
  expect(nearest('ab', 'xy')).toEqual([]);
});
