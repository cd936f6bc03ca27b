/**
 * A group of appends that a store made durable together, for its observers. On an engine: those
 * that were in flight together, until none was any more, and at most as many as may be.
 */
export interface CommittedGroup {
  /** Appends that shared it. */
  readonly appends: number;
  /** Events that it added, at least one. */
  readonly events: number;
  /**
   * From the beginning of the write to its durability; on an engine, from the first sending to the
   * last acknowledgement.
   */
  readonly seconds: number;
}

/** Observes each group in order, after it is durable. Must not throw; nothing waits for it. */
export type OnCommitted = (group: CommittedGroup) => void;
