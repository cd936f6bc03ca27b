import { agencyStream, type UncheckedEvent } from '@penalty-ledger/ledger';
import { complaintEvents } from './content/complaint-events.js';
import type { PackStreams } from './pack-events.js';
import { documentsIn } from './registered-documents.js';

/**
 * Content that a redacted pack must not have: its reader may not learn who complained, or about
 * what (`docs/spec/evidence-pack.md`, "Redaction").
 */
export interface Withheld {
  /** Events whose texts are not disclosed, by id. */
  readonly events: ReadonlySet<string>;
  /** Files that are not attached, by SHA-256. */
  readonly files: ReadonlySet<string>;
}

/** Everything that concerns a complainant. */
export function withheldFromOthers(streams: PackStreams, agencyId: string): Withheld {
  const own = agencyStream(agencyId);
  const eventsOf = (isOwn: boolean): UncheckedEvent[] =>
    [...streams].flatMap(([name, chain]) =>
      (name === own) === isOwn ? chain.map(({ event }) => event) : [],
    );
  const [agency, others] = [eventsOf(true), eventsOf(false)];
  const events = complaintEvents(agency, others);
  const files = [...agency, ...others]
    .filter(({ id }) => events.has(id))
    .flatMap((event) => documentsIn(event).map(({ sha256 }) => sha256));
  return { events, files: new Set(files) };
}
