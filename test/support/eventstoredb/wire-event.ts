/** The place of a record in the log, in bytes from its beginning: increasing, with gaps. */
export interface WirePosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as a client proposes it. */
export interface ProposedEvent {
  /** A UUID, which makes a repeated append recognisable. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  /** Empty when there is none. */
  readonly metadata: Uint8Array;
}

/** An event as it is stored. */
export interface WireEvent extends ProposedEvent {
  readonly stream: string;
  /** From 0, dense within its stream; that of a tombstone is {@link tombstoneRevision}. */
  readonly revision: bigint;
  readonly position: WirePosition;
  /** The time of storage, in ticks of 100 ns since 1970-01-01T00:00:00Z. */
  readonly createdTicks: bigint;
}

/** The state of a stream that a client expects before it appends. */
export type ExpectedRevision = bigint | 'any' | 'no_stream' | 'stream_exists';

/** The revision of the event that closes a stream for ever: the largest of a 64-bit integer. */
export const tombstoneRevision = 0x7fff_ffff_ffff_ffffn;

/** Negative, zero or positive as `a` lies before, at or after `b`. */
export function comparePositions(a: WirePosition, b: WirePosition): number {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
}

/** An event from a JSON value, as the client's `jsonEvent` would send it. */
export function jsonProposal(
  id: string,
  type: string,
  data: unknown,
  metadata?: unknown,
): ProposedEvent {
  return {
    id,
    type,
    contentType: 'application/json',
    data: Buffer.from(JSON.stringify(data), 'utf8'),
    metadata:
      metadata === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(metadata), 'utf8'),
  };
}
