import { waitAfter } from './backoff.js';

it('attempts are spread out: twice as long each time, to the most, between half and all by chance', () => {
  const backoff = { firstMs: 5_000, maxMs: 3_600_000 };
  const shortest = (failures: number): number => waitAfter(failures, backoff, () => 0);
  const longest = (failures: number): number => waitAfter(failures, backoff, (below) => below - 1);
  expect([1, 2, 3].map(longest)).toEqual([5_000, 10_000, 20_000]);
  expect([1, 2, 3].map(shortest)).toEqual([2_500, 5_000, 10_000]);
  expect(longest(1_000_000)).toBe(3_600_000);
  expect(waitAfter(1, { firstMs: 1, maxMs: 1 })).toBe(1);
});
