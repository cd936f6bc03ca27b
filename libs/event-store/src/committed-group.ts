/** A group of appends that a store made durable together, for its observers. */
export interface CommittedGroup {
  /** Appends that shared it; on an engine that takes each by itself, one. */
  readonly appends: number;
  /** Events that it added, at least one. */
  readonly events: number;
  /**
   * From the beginning of the write to its durability; on an engine, from sending to
   * acknowledgement.
   */
  readonly seconds: number;
}

/** Observes each group in order, after it is durable. Must not throw; nothing waits for it. */
export type OnCommitted = (group: CommittedGroup) => void;
