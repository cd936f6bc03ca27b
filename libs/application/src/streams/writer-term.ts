import type { EventStore, StoredEvent } from '@penalty-ledger/event-store';
import { firstTerm, ledgerStream, readEvent, termAfter } from '@penalty-ledger/ledger';

/** The term of a ledger's writer, and the event with which it began. */
export interface WriterTerm {
  readonly term: number;
  /** `undefined` in the first term. */
  readonly promotion: StoredEvent | undefined;
}

/** Reads the term of the writer from the ledger's own stream. */
export async function readWriterTerm(store: EventStore): Promise<WriterTerm> {
  let term = firstTerm;
  let promotion: StoredEvent | undefined;
  for await (const batch of store.readStream(ledgerStream))
    for (const record of batch) {
      const next = termAfter(term, readEvent(record));
      if (next > term) promotion = record;
      term = next;
    }
  return { term, promotion };
}
