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

export const duplicate: Outcome = { status: 'duplicate', code: null, events: [], findings: [] };
