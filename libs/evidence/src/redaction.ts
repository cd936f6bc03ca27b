import { agencyStream } from '@penalty-ledger/ledger';
import type { PackEvent, PackStreams } from './pack-events.js';

/** What a pack must not have when it is for a reader who may not learn who complained, or what of (`docs/spec/evidence-pack.md`, "Redaction"). */
export interface Withheld {
  /** Events whose texts are not disclosed, by id. */
  readonly events: ReadonlySet<string>;
  /** Files that are not attached, by SHA-256. */
  readonly files: ReadonlySet<string>;
}

interface Facts {
  readonly basis?: { readonly kind?: unknown };
  readonly deductionId?: string;
  readonly noticeSha256?: string;
  readonly sha256?: string;
  readonly subject?: { readonly kind?: unknown };
}

/** Everything that concerns a complainant. */
export function withheldFromOthers(streams: PackStreams, agencyId: string): Withheld {
  const events = new Set<string>();
  const files = new Set<string>();
  const withhold = ({ event }: PackEvent, sha256: string | undefined): void => {
    events.add(event.id);
    if (sha256 !== undefined) files.add(sha256);
  };
  const deductions = new Set<string>();
  for (const [stream, chain] of streams) {
    for (const packed of chain) {
      const { type, data } = packed.event;
      const { basis, deductionId = '', noticeSha256, sha256, subject } = data as Facts;
      if (type === 'EvidenceRegistered' && subject?.kind === 'complaint') withhold(packed, sha256);
      if (stream !== agencyStream(agencyId)) continue;
      if (type === 'ComplaintFiled' || type === 'ComplaintClosed') withhold(packed, undefined);
      if (type === 'DeductionImposed' && basis?.kind === 'complaint') {
        deductions.add(deductionId);
        withhold(packed, noticeSha256);
      }
      if (type === 'DeductionCorrected' && deductions.has(deductionId)) withhold(packed, undefined);
    }
  }
  return { events, files };
}
