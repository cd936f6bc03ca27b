import type { Decision } from '@penalty-ledger/ledger';

/** What came of one command line, in the form of interchange §2. */
export interface Outcome {
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  readonly code: string | null;
  readonly events: readonly string[];
  readonly findings: readonly string[];
  /** Of a rejection: what is wrong, where, and what to do. For people; not part of the outcome line. */
  readonly message?: string;
}

export function rejected(code: string, message: string): Outcome {
  return { status: 'rejected', code, events: [], findings: [], message };
}

export function accepted(events: readonly string[], findings: readonly string[]): Outcome {
  return { status: 'accepted', code: null, events, findings };
}

/** The refusal of what would have to be sealed for a subject whose personal data were erased. */
export function erased(subject: string): Outcome {
  return rejected(
    'invalid',
    `the personal data of "${subject}" were erased, and no more can be recorded; leave names and texts out`,
  );
}

export const duplicate: Outcome = { status: 'duplicate', code: null, events: [], findings: [] };

/** The outcome of a decision, once what it accepted is appended. */
export function outcomeOf(decision: Decision<{ readonly type: string }>): Outcome {
  if (decision.rejected !== undefined) return rejected(decision.rejected.code, decision.rejected.message);
  return accepted(
    decision.events.map(({ type }) => type),
    decision.findings,
  );
}
