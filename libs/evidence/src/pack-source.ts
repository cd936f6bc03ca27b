import type { AbsenceProof, Hash, HeadProof } from '@penalty-ledger/merkle-log';

/** An event as the log has it. */
export interface LoggedEvent {
  /** The leaf's index, from 0. */
  readonly index: number;
  readonly body: string;
}

/**
 * The source of a pack: a ledger as of its latest checkpoint. All methods are synchronous, so a
 * pack is a function of their results. Callers with asynchronous events gather them first.
 */
export interface PackSource {
  /** The signed checkpoint that everything else is proved against. */
  readonly checkpoint: string;
  /** Signs a text as a note with the ledger's key (C2SP signed-note). */
  sign(text: string): string;
  /** All events of a stream that the checkpoint covers, in order; none when it covers none. */
  stream(name: string): readonly LoggedEvent[];
  /** From the leaf's sibling up to the root's child (RFC 6962 §2.1.1). */
  inclusionProof(index: number): readonly Hash[];
  /** That a stream ends with the last event of {@link stream}. */
  headProof(stream: string): HeadProof;
  /** Proves that a stream does not exist. */
  absenceProof(stream: string): AbsenceProof;
  /** From an earlier tree of `from` leaves (RFC 6962 §2.1.2). */
  consistencyProof(from: number): readonly Hash[];
  /** The file with this SHA-256, if it is at hand and shall be attached. */
  attachment?(sha256: string): Uint8Array | undefined;
  /** The name that this file has, by its SHA-256, where the pack is made. */
  fileName?(sha256: string): string | undefined;
  /** The keys of an event's sealed texts that shall be disclosed, by JSON Pointer. */
  textKeys?(eventId: string): ReadonlyMap<string, string> | undefined;
}
