import { parseStream, sessionsStream } from '@penalty-ledger/ledger';

/**
 * Says whether a stream holds what the agency's assessments rest on: sessions recorded for it, or
 * the bindings of a creator.
 */
export function isAssessed(stream: string, agencyId: string): boolean {
  const parsed = parseStream(stream);
  if (parsed?.kind === 'creator') return true;
  const isOwn = parsed?.kind === 'sessions' && parsed.agencyId === agencyId;
  return isOwn && /^[0-9]{4}-[0-9]{2}$/.test(parsed.month);
}

/** The streams of sessions that a pack must hold or show not to exist. */
export function sessionStreamsOf(agencyId: string, months: readonly string[]): readonly string[] {
  return months.map((month) => sessionsStream(agencyId, month));
}
