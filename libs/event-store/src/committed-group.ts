/** What a store made durable in one go: for whoever watches it. */
export interface CommittedGroup {
  /** Appends that shared it; on an engine that takes each by itself, one. */
  readonly appends: number;
  /** Events that it added, at least one. */
  readonly events: number;
  /** From the beginning of the writing to its being durable; on an engine, from the sending to the acknowledgement. */
  readonly seconds: number;
}

/** Told of each group in order, after it is durable. Must not throw, and holds nobody up. */
export type OnCommitted = (group: CommittedGroup) => void;
