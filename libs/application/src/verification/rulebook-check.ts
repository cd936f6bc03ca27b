import { hash } from 'node:crypto';
import { comparePositions } from '@penalty-ledger/event-store';
import {
  rulebooks,
  canonicalJson,
  endOfTime,
  errorInBoth,
  eventIn,
  readEvent,
  type Instant,
  type RulebookRegister,
  type Rulebooks,
} from '@penalty-ledger/ledger';
import type { Findings, Place } from './damage.js';
import type { StoredRow } from './stored-rows.js';

/**
 * Checks that every rulebook an event names is in the ledger with that hash, and knows the
 * rulebooks at each position.
 */
export class RulebookCheck {
  readonly #findings: Findings;
  /** The rulebooks that events may name, in canonical JSON. */
  readonly #references = new Set<string>();
  #register: RulebookRegister = rulebooks.empty;
  readonly #known: { readonly from: string; readonly rulebooks: Rulebooks }[] = [];
  #named = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** An event of the register. */
  registered(row: StoredRow, type: string): void {
    const place: Place = { stream: 'rulebooks', revision: row.revision, position: row.position };
    try {
      const event = eventIn('rulebooks', readEvent({ body: row.body ?? '' }));
      const { document, sha256 } = event.data;
      // Rulebooks and calendars are hashed alike; only a rulebook is also named by its envelope.
      const actual = hash('sha256', canonicalJson(document), 'hex');
      const isNamed = event.type === 'CalendarPublished' || event.rulebook?.sha256 === actual;
      if (sha256 !== actual || !isNamed)
        this.#findings.damage('rulebooks', place, {
          en: `its document has the hash ${actual}, and it says ${sha256}`,
          zh: `其文件的哈希为 ${actual}，而所载为 ${sha256}`,
        });
      this.#register = rulebooks.evolve(this.#register, event);
      if (event.rulebook !== undefined) this.#references.add(canonicalJson(event.rulebook));
      this.#known.push({
        from: String(row.position),
        rulebooks: rulebooks.rulebooksAt(this.#register, endOfTime),
      });
    } catch (error) {
      const why = errorInBoth(error);
      this.#findings.damage('rulebooks', place, {
        en: `its ${type} cannot be read: ${why.en}`,
        zh: `其 ${type} 无法读取：${why.zh}`,
      });
    }
  }

  /** An event names a rulebook; its reference in canonical JSON. */
  named(reference: string, place: Place): void {
    this.#named += 1;
    if (this.#references.has(reference)) return;
    this.#findings.damage('rulebooks', place, {
      en: `it names the rulebook ${reference}, which the ledger has not before it`,
      zh: `它引用规则 ${reference}，而账本中在它之前没有该规则`,
    });
  }

  /** The rulebooks an event at this position could be judged by. */
  before(position: StoredRow['position']): Rulebooks {
    const at = String(position);
    return (
      this.#known.findLast(({ from }) => comparePositions(from, at) < 0)?.rulebooks ??
      rulebooks.rulebooksAt(rulebooks.empty, endOfTime)
    );
  }

  /** The rulebooks known at an instant. */
  knownAt(instant: Instant): Rulebooks {
    return rulebooks.rulebooksAt(this.#register, instant);
  }

  finish(): void {
    this.#findings.counted('rulebooks', this.#named, 'events that name one');
  }
}
