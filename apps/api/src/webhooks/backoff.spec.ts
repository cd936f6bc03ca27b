import { waitAfter } from './backoff.js';

it('doubles the wait up to a limit, and takes off up to half at random', () => {
  const backoff = { firstMs: 5_000, maxMs: 3_600_000 };
  const minWait = (failures: number): number => waitAfter(failures, backoff, () => 0);
  const maxWait = (failures: number): number => waitAfter(failures, backoff, (below) => below - 1);
  expect([1, 2, 3].map(maxWait)).toEqual([5_000, 10_000, 20_000]);
  expect([1, 2, 3].map(minWait)).toEqual([2_500, 5_000, 10_000]);
  expect(maxWait(1_000_000)).toBe(3_600_000);
  expect(waitAfter(1, { firstMs: 1, maxMs: 1 })).toBe(1);
});
