import type { EventStore } from '@penalty-ledger/event-store';
import { healReadModels, type ReadModels } from '@penalty-ledger/projections';

/** Pages in one step: 4 MB. */
const pagesAStep = 1_024;

/**
 * Compares the pages of read models in use with their sums, a few at a time: SQLite itself sees
 * only damage to the structure of a page. Damaged read models are rebuilt.
 */
export class ReadModelsScrub {
  readonly #readModels: ReadModels;
  readonly #store: EventStore;
  #page = 1;
  #pagesChecked = 0;
  #pagesOfPass = 0;
  #steps = 1;
  #lastPassAt: number | undefined;

  constructor(readModels: ReadModels, store: EventStore) {
    this.#readModels = readModels;
    this.#store = store;
  }

  /** The pages compared since the opening. */
  get pagesChecked(): number {
    return this.#pagesChecked;
  }

  /** The end of the last pass over all pages, in milliseconds since 1970. */
  get lastPassAt(): number | undefined {
    return this.#lastPassAt;
  }

  /** The steps of the last pass over all pages. */
  get steps(): number {
    return this.#steps;
  }

  /** Compares the next pages; resolves when damaged read models are rebuilt. */
  async step(now: number): Promise<void> {
    const { compared, damaged, next } = this.#readModels.comparePages(this.#page, pagesAStep);
    this.#pagesChecked += compared;
    this.#pagesOfPass += compared;
    if (damaged.length > 0) {
      this.#page = 1;
      this.#pagesOfPass = 0;
      await healReadModels(this.#readModels, this.#store);
      return;
    }
    this.#page = next ?? 1;
    if (next !== undefined) return;
    this.#steps = Math.max(1, Math.ceil(this.#pagesOfPass / pagesAStep));
    this.#pagesOfPass = 0;
    this.#lastPassAt = now;
  }
}
