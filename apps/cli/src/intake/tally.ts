import type { Outcome } from '@penalty-ledger/application';
import { byCodeUnit, type Instant } from '@penalty-ledger/ledger';
import { count, figure } from '../terminal/words.js';

/** The outcomes of all lines, counted. */
export class Tally {
  accepted = 0;
  duplicate = 0;
  rejected = 0;
  events = 0;
  readonly #codes = new Map<string, number>();
  /** The first instant from which any of the duplicates is known. */
  knownSince: Instant | undefined;

  add({ status, events, findings, since }: Outcome): void {
    if (status === 'accepted') this.accepted += 1;
    else if (status === 'duplicate') this.duplicate += 1;
    else this.rejected += 1;
    if (since !== undefined && (this.knownSince === undefined || since < this.knownSince))
      this.knownSince = since;
    this.events += events.length;
    for (const code of findings) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  get lines(): number {
    return this.accepted + this.duplicate + this.rejected;
  }

  get findings(): number {
    return [...this.#codes.values()].reduce((sum, number) => sum + number, 0);
  }

  text(): string {
    const kinds = [
      `${String(this.accepted)} accepted`,
      `${String(this.duplicate)} duplicate`,
      `${String(this.rejected)} rejected`,
    ].join(', ');
    const recorded = `${count(this.events, 'event')}, ${this.#findingsText()}`;
    return `${count(this.lines, 'line')}: ${kinds}; ${recorded}`;
  }

  /** `3 findings (overlapping_sessions 2, same_actor 1)`. */
  #findingsText(): string {
    const found = [...this.#codes].sort(([one], [other]) => byCodeUnit(one, other));
    const codes = found.map(([code, number]) => `${code} ${figure(number)}`).join(', ');
    return count(this.findings, 'finding') + (found.length === 0 ? '' : ` (${codes})`);
  }
}
