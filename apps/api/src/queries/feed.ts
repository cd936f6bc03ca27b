import type { StoredEvent } from '@penalty-ledger/event-store';
import { readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
import type { Principal } from '@penalty-ledger/application/api-keys';

/** An event as the feed gives it: the stored bytes as they are, and where they stand. */
export interface FedEvent {
  readonly position: string;
  readonly leafHash: string;
  /** The event in format v1 (docs/spec/event.md); what is sealed in it stays sealed. */
  readonly event: object;
}

/** What of the feed is wanted. */
export interface FeedFilter {
  readonly type?: string;
  readonly stream?: string;
}

/** The event for whoever asks, or `undefined` when it is not wanted or another agency's. */
export function fed(
  record: StoredEvent,
  { type, stream }: FeedFilter,
  { agencyId: own }: Principal,
): FedEvent | undefined {
  if (stream !== undefined && record.stream !== stream) return undefined;
  const event = readEvent(record);
  if (type !== undefined && event.type !== type) return undefined;
  if (own !== undefined && !maySee(own, event)) return undefined;
  return { position: record.position, leafHash: record.leafHash, event };
}

/** Whether an event is an agency's own: it stands in the agency's stream, or is a session of it. */
export function maySee(
  agencyId: string,
  { stream, data }: Pick<LedgerEvent, 'stream' | 'data'>,
): boolean {
  if (stream === `agency-${agencyId}`) return true;
  return (
    stream.startsWith('session-') && (data as { readonly agencyId?: string }).agencyId === agencyId
  );
}
