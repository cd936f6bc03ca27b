import { agencyOfStream } from '@penalty-ledger/ledger';
import type { AskedQuestion, PackSubject, Redaction } from '@penalty-ledger/evidence';
import { registrationKey, type Registration } from '@penalty-ledger/projections';

/** What an evidence pack is asked for. Plain data: it is handed from thread to thread. */
export interface PackWanted extends AskedQuestion {
  /** Registered evidence to add to what was submitted in appeals, by id. */
  readonly evidenceIds?: readonly string[];
  readonly redacted?: readonly Redaction[];
  /** Put in the texts and names that are sealed in the agency's events and in the evidence asked for. */
  readonly disclose?: boolean;
}

/** The ledger does not have what a pack shall hold, or whoever asks may not see it. */
export class PackRefusedError extends Error {
  constructor(
    readonly code: 'unknown_appeal' | 'unknown_agency' | 'unknown_evidence',
    message: string,
  ) {
    super(message);
    this.name = 'PackRefusedError';
  }
}

/**
 * Whose pack an appeal's is.
 *
 * @param lookUp which stream took an id; the read models have to be caught up
 * @throws PackRefusedError `unknown_appeal`
 */
export function subjectOfAppeal(
  appealId: string,
  lookUp: (key: string) => Registration | undefined,
): PackSubject {
  const stream = lookUp(registrationKey('appeal', appealId))?.stream;
  const agencyId = stream === undefined ? undefined : agencyOfStream(stream);
  if (agencyId === undefined)
    throw new PackRefusedError('unknown_appeal', `no appeal "${appealId}" was recorded`);
  return { agencyId, appealId };
}
