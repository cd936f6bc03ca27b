import type { AskedQuestion, PackSubject, Redaction } from '@penalty-ledger/evidence';
import { SpokenError, type InBoth } from '@penalty-ledger/ledger';

/** The content requested of an evidence pack. Plain data: it is handed from thread to thread. */
export interface PackWanted extends AskedQuestion {
  /** Registered evidence to add to what was submitted in appeals, by id. */
  readonly evidenceIds?: readonly string[];
  /** Files kept beside the ledger to put in, by SHA-256: registered ones of the case. */
  readonly attach?: readonly string[];
  readonly redacted?: readonly Redaction[];
  /** Put in the texts and names that are sealed in the agency's events and in its evidence. */
  readonly disclose?: boolean;
}

/** The ledger lacks what a pack shall hold, or the requester may not see it. */
export class PackRefusedError extends SpokenError {
  declare readonly inBoth: InBoth;

  constructor(
    readonly code: 'unknown_appeal' | 'unknown_agency' | 'unknown_evidence',
    text: InBoth,
    /** The id that was asked for. */
    readonly id: string,
  ) {
    super(text);
    this.name = 'PackRefusedError';
  }
}

/**
 * The subject of an appeal's pack.
 *
 * @param agencyId the agency whose appeal it is; `undefined` when it was not recorded
 * @throws PackRefusedError `unknown_appeal`
 */
export function subjectOfAppeal(appealId: string, agencyId: string | undefined): PackSubject {
  if (agencyId === undefined)
    throw new PackRefusedError(
      'unknown_appeal',
      { en: `no appeal "${appealId}" was recorded`, zh: `未记录申诉 "${appealId}"` },
      appealId,
    );
  return { agencyId, appealId };
}
