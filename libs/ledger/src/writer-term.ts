import type { LedgerEvent } from './events.js';

/** The term of a ledger whose writer never changed. */
export const firstTerm = 1;

/** Returns the term of the ledger's writer after one more event of the ledger's own stream. */
export function termAfter(term: number, event: LedgerEvent): number {
  return event.type === 'WriterPromoted' ? Math.max(term, event.data.term) : term;
}
