import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { InBoth } from '@penalty-ledger/ledger';
import { rebuildChannel } from '@penalty-ledger/application/read-models';

/** The damage for which read models are rebuilt. */
export interface RebuildNotice {
  readonly path: string;
  readonly found: InBoth;
}

/** Counts the rebuilds of one file's read models, and tells of each. */
export class Rebuilds {
  #count = 0;
  readonly #waiting: RebuildNotice[] = [];
  #tell: ((notice: RebuildNotice) => void) | undefined;
  readonly #listen = (message: unknown): void => {
    const notice = message as RebuildNotice;
    if (notice.path !== this.path) return;
    this.#count += 1;
    if (this.#tell === undefined) this.#waiting.push(notice);
    else this.#tell(notice);
  };

  constructor(readonly path: string) {
    subscribe(rebuildChannel.name, this.#listen);
  }

  get count(): number {
    return this.#count;
  }

  /** Tells of those so far and of every later one. */
  tell(tell: (notice: RebuildNotice) => void): void {
    this.#tell = tell;
    for (const notice of this.#waiting.splice(0)) tell(notice);
  }

  stop(): void {
    unsubscribe(rebuildChannel.name, this.#listen);
  }
}
