import { randomInt } from 'node:crypto';

/** The intervals between attempts. */
export interface Backoff {
  /** About how long to wait after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** Never longer than this, in milliseconds. */
  readonly maxMs: number;
}

/**
 * The wait after the n-th failure in a row (1, 2, …), in milliseconds. It doubles each time up to
 * the maximum; of that between half and all is taken by chance, so that receivers that failed
 * together are not tried together.
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
