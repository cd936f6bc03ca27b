import { randomInt } from 'node:crypto';

/** How attempts are spread out. */
export interface Backoff {
  /** About how long to wait after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** Never longer than this, in milliseconds. */
  readonly maxMs: number;
}

/**
 * How long to wait after the n-th failure in a row (1, 2, …): twice as long each time up to the most, and of that between half and all by chance, so that
 * receivers that failed together are not tried together.
 */
export function waitAfter(
  failures: number,
  { firstMs, maxMs }: Backoff,
  chance: (below: number) => number = randomInt,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 40));
  const half = Math.ceil(full / 2);
  return half + (full > half ? chance(full - half + 1) : 0);
}
