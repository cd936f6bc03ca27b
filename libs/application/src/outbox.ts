import { appendByteLimit, type ExpectedRevision } from '@penalty-ledger/event-store';
import type { EventRecord, Instant, LedgerEvent, RecordedEvent } from '@penalty-ledger/ledger';

/** Events of one stream that go to the store in one append. */
export interface Outgoing {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly LedgerEvent[];
  readonly records: readonly EventRecord[];
}

interface Growing extends Outgoing {
  readonly events: LedgerEvent[];
  readonly records: EventRecord[];
  bytes: number;
}

/**
 * What was decided and not yet handed to the store. What goes to one stream at one instant becomes one append; never what goes there later,
 * because it would then stand before events of other streams that were recorded earlier.
 */
export class Outbox {
  #appends: Growing[] = [];
  /** The appends that can take more, by stream. */
  readonly #growing = new Map<string, Growing>();
  #recordedAt: Instant | undefined;

  /** Adds what one command appends to a stream; it is never divided. */
  add(stream: string, expected: ExpectedRevision, recorded: readonly RecordedEvent[], recordedAt: Instant): void {
    if (recordedAt !== this.#recordedAt) this.#growing.clear();
    this.#recordedAt = recordedAt;
    let bytes = 0;
    for (const { record } of recorded) bytes += Buffer.byteLength(record.body);
    let append = this.#growing.get(stream);
    if (append === undefined || append.bytes + bytes > appendByteLimit) {
      append = { stream, expected, events: [], records: [], bytes: 0 };
      this.#growing.set(stream, append);
      this.#appends.push(append);
    }
    append.bytes += bytes;
    for (const { event, record } of recorded) {
      append.events.push(event);
      append.records.push(record);
    }
  }

  /** Everything in it, in the order in which it is to be appended. */
  take(): readonly Outgoing[] {
    const appends = this.#appends;
    this.#appends = [];
    this.#growing.clear();
    return appends;
  }
}
