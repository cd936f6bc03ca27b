import type { Outcome } from '@penalty-ledger/application';
import type { Instant } from '@penalty-ledger/ledger';
import { count } from '../terminal/words.js';

/** The outcomes of all lines, counted. */
export class Tally {
  accepted = 0;
  duplicate = 0;
  rejected = 0;
  events = 0;
  findings = 0;
  /** The first instant from which any of the duplicates is known. */
  knownSince: Instant | undefined;

  add({ status, events, findings, since }: Outcome): void {
    if (status === 'accepted') this.accepted += 1;
    else if (status === 'duplicate') this.duplicate += 1;
    else this.rejected += 1;
    if (since !== undefined && (this.knownSince === undefined || since < this.knownSince))
      this.knownSince = since;
    this.events += events.length;
    this.findings += findings.length;
  }

  get lines(): number {
    return this.accepted + this.duplicate + this.rejected;
  }

  text(): string {
    const kinds = [
      `${String(this.accepted)} accepted`,
      `${String(this.duplicate)} duplicate`,
      `${String(this.rejected)} rejected`,
    ].join(', ');
    const recorded = `${count(this.events, 'event')}, ${count(this.findings, 'finding')}`;
    return `${count(this.lines, 'line')}: ${kinds}; ${recorded}`;
  }
}
