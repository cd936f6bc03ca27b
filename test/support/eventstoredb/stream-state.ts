import { tombstoneRevision, type WireEvent } from './wire-event.js';

/** One stream: its events by revision, and what its metadata leaves visible. */
export class StreamState {
  /** By revision; a hole is an event that was scavenged or taken away. */
  readonly events: (WireEvent | undefined)[] = [];
  tombstoned = false;

  /**
   * The last revision ever given, or −1 for a stream without events. Removing events does not
   * change it.
   */
  get lastRevision(): bigint {
    return BigInt(this.events.length - 1);
  }

  /** Notes an event where its revision says. */
  add(event: WireEvent): void {
    if (event.revision === tombstoneRevision) this.tombstoned = true;
    else this.events[Number(event.revision)] = event;
  }
}

/** The part of a stream's metadata that hides events. */
export interface Retention {
  /** Events before this revision are hidden; `'all'` is a soft delete. */
  readonly truncateBefore: bigint | 'all';
  /** The number of last events that are shown. */
  readonly maxCount: number | undefined;
  /** For how long events are shown, in seconds. */
  readonly maxAgeSeconds: number | undefined;
}

/** A metastream shows its last event alone, as the server has it. */
export const metastreamRetention: Retention = {
  truncateBefore: 0n,
  maxCount: 1,
  maxAgeSeconds: undefined,
};

/** Reads what the last event of a metastream says; unreadable metadata hides nothing. */
export function retentionOf(metadata: Readonly<Record<string, unknown>>): Retention {
  const truncateBefore = metadata['$tb'];
  const number = (key: string): number | undefined => {
    const value = metadata[key];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    // A soft delete writes 2^63 − 1, which JSON.parse rounds up: any unsafe integer hides all.
    truncateBefore:
      typeof truncateBefore !== 'number'
        ? 0n
        : Number.isSafeInteger(truncateBefore)
          ? BigInt(truncateBefore)
          : 'all',
    maxCount: number('$maxCount'),
    maxAgeSeconds: number('$maxAge'),
  };
}

/** Says whether a read of the stream shows the event at `nowTicks` (100 ns since 1970). */
export function isVisible(
  event: WireEvent,
  stream: StreamState,
  retention: Retention,
  nowTicks: bigint,
): boolean {
  if (retention.truncateBefore === 'all' || event.revision < retention.truncateBefore) return false;
  if (
    retention.maxCount !== undefined &&
    event.revision <= stream.lastRevision - BigInt(retention.maxCount)
  )
    return false;
  return (
    retention.maxAgeSeconds === undefined ||
    event.createdTicks >= nowTicks - BigInt(Math.round(retention.maxAgeSeconds * 1e7))
  );
}
