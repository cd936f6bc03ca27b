import type { Latency, Measured } from './harness.js';

/**
 * Runs `callers` callers, each with one call in flight, until `count` calls are answered, and times
 * every answer.
 *
 * @param call is given the call's number, 0 to `count` − 1; an error it throws ends the measurement
 */
export async function measureCalls(
  count: number,
  callers: number,
  call: (index: number) => Promise<void>,
): Promise<Measured> {
  const milliseconds = new Float64Array(count);
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now();
      await call(index);
      milliseconds[index] = performance.now() - from;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - from) / 1000;
  return { rate: count / seconds, latency: latencyOf(milliseconds) };
}

/** The nearest ranks: of 1,000 calls, p99.9 is the slowest but one. */
function latencyOf(milliseconds: Float64Array): Latency {
  const sorted = milliseconds.toSorted();
  const rank = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
  return { p50: rank(0.5), p99: rank(0.99), p999: rank(0.999) };
}
