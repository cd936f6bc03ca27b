import { randomInt } from 'node:crypto';

/** The limits of waiting, all in milliseconds. */
export interface EngineTimings {
  /** The wait for an answer, or for a read's next event, before it is given up. Default 10,000. */
  readonly deadlineMs: number;
  /**
   * The time in which an append of unknown outcome, or a failing read, is tried again before the
   * caller gets the failure. Default 30,000.
   */
  readonly patienceMs: number;
  /** The first wait before trying again; each next one is twice as long. Default 100. */
  readonly firstBackoffMs: number;
  /**
   * The longest wait before trying again: what an outage costs beyond its end. Default 1,000.
   */
  readonly maxBackoffMs: number;
  /**
   * The interval at which a silent subscription is compared with the end of the log. Default
   * 10,000.
   */
  readonly probeMs: number;
}

export const defaultTimings: EngineTimings = {
  deadlineMs: 10_000,
  patienceMs: 30_000,
  firstBackoffMs: 100,
  maxBackoffMs: 1_000,
  probeMs: 10_000,
};

/**
 * The wait before attempt `attempt` (0 is the first repetition): doubled each time up to the cap,
 * then a random part between half and all of it, so that nodes that lost the same engine do not
 * come back together.
 */
export function backoffMs(attempt: number, timings: EngineTimings): number {
  const maxWaitMs = Math.min(
    timings.maxBackoffMs,
    timings.firstBackoffMs * 2 ** Math.min(attempt, 30),
  );
  const half = Math.ceil(maxWaitMs / 2);
  return half + randomInt(Math.floor(maxWaitMs / 2) + 1);
}
