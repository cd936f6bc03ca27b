import type { StoredEvent } from '@penalty-ledger/event-store';
import { parseStream, readEvent, type LedgerEvent } from '@penalty-ledger/ledger';
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
  const parsed = parseStream(stream);
  if (parsed?.kind === 'agency') return parsed.agencyId === agencyId;
  // A session that was corrected may have gone to another agency: its data name whose it is.
  return (
    parsed?.kind === 'sessions' && (data as { readonly agencyId?: string }).agencyId === agencyId
  );
}
