import type { Outcome } from '@penalty-ledger/application';
import { byCodeUnit, type Instant } from '@penalty-ledger/ledger';
import { said } from '../terminal/language.js';
import { count, figure, listed } from '../terminal/words.js';

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
      said(`${String(this.accepted)} accepted`, `接受 ${String(this.accepted)}`),
      said(`${String(this.duplicate)} duplicate`, `重复 ${String(this.duplicate)}`),
      said(`${String(this.rejected)} rejected`, `拒绝 ${String(this.rejected)}`),
    ].join(said(', ', '，'));
    const recorded = said(
      `${count(this.events, 'event')}, ${count(this.findings, 'finding')}`,
      `${figure(this.events)} 个事件，${figure(this.findings)} 个问题`,
    );
    return said(
      `${count(this.lines, 'line')}: ${kinds}; ${recorded}${this.#codesText()}`,
      `${figure(this.lines)} 行：${kinds}；${recorded}${this.#codesText()}`,
    );
  }

  /** ` (overlapping_sessions 2, same_actor 1)`. */
  #codesText(): string {
    const found = [...this.#codes].sort(([one], [other]) => byCodeUnit(one, other));
    const codes = listed(found.map(([code, number]) => `${code} ${figure(number)}`));
    return found.length === 0 ? '' : said(` (${codes})`, `（${codes}）`);
  }
}
