import { sentence } from './in-both.js';
import type { InBoth, Sentence } from './in-both.js';
/**
 * Every code a command can be refused with (interchange §2), besides the code of a breach in
 * operator mode.
 */
export type RejectionCode =
  | 'invalid'
  | 'conflict'
  | 'unknown_agency'
  | 'time_order'
  | 'already_bound'
  | 'not_bound'
  | 'unknown_session'
  | 'already_void'
  | 'month_not_over'
  | 'not_admitted'
  | 'unknown_clause'
  | 'duplicate_assessment'
  | 'unknown_deduction'
  | 'already_revoked'
  | 'not_lower'
  | 'not_higher'
  | 'exceeds_original'
  | 'no_pending_expulsion'
  | 'not_expelled'
  | 'already_expelled'
  | 'already_appealed'
  | 'unknown_appeal'
  | 'appeal_closed'
  | 'evidence_already_submitted'
  | 'evidence_window_closed'
  | 'unknown_complaint'
  | 'complaint_closed'
  | 'not_merged'
  | 'unknown_measure'
  | 'already_lifted'
  | 'unknown_review'
  | 'review_closed'
  | 'unknown_addition'
  | 'blackout_date'
  | 'already_allocated'
  | 'no_slot'
  | 'too_few_creators'
  | 'not_qualified'
  | 'registration_closed'
  | 'unknown_proposal'
  | 'unknown_subject'
  | 'already_erased'
  | 'unknown_hold';

/** A refused command: a value, not an exception. */
export interface Rejection {
  readonly code: string;
  /** States what is wrong, where, and what to do. */
  readonly message: Sentence;
}

export function reject(code: RejectionCode, message: InBoth): Rejection {
  return { code, message: sentence(message) };
}
