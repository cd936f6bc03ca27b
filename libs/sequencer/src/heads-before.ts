import {
  headHash,
  streamKey,
  updatePages,
  type Hash,
  type HeadPages,
  type MapEntry,
  type StreamHead,
} from '@penalty-ledger/merkle-log';
import type { LogFile } from './log-file.js';

/**
 * The map of stream heads at a size that the tree has passed: the file's map, with the streams that
 * grew since taken back. Nothing is written; pages that differ stay in memory.
 */
export class HeadsBefore implements HeadPages {
  readonly size: number;
  /** The tree's size that the file's heads are of. */
  readonly until: number;
  readonly #file: LogFile;
  readonly #before: ReadonlyMap<string, StreamHead | undefined>;
  readonly #entries = new Map<Hash, MapEntry | undefined>();
  /** Their keys, ascending. */
  readonly #taken: readonly Hash[];
  readonly #pages = new Map<string, Uint8Array>();

  /** @param before the head of each stream that went on, or `undefined` when it began since */
  constructor(
    file: LogFile,
    before: ReadonlyMap<string, StreamHead | undefined>,
    { size, until }: { readonly size: number; readonly until: number },
  ) {
    this.#file = file;
    this.#before = before;
    this.size = size;
    this.until = until;
    for (const [stream, head] of before) {
      const key = streamKey(stream);
      this.#entries.set(key, head && { key, head: headHash(head) });
    }
    this.#taken = [...this.#entries.keys()].sort(ascending);
    // The file's pages may lag behind its heads when nothing was signed since.
    const changed = [...new Set([...this.#entries.keys(), ...file.movedHeads()])].sort(ascending);
    updatePages(this, changed, (prefix, page) => this.#pages.set(prefix, page));
  }

  /** The stream's last event at that size. */
  head(stream: string): StreamHead | undefined {
    return this.#before.has(stream) ? this.#before.get(stream) : this.#file.head(stream);
  }

  page(prefix: string): Uint8Array | undefined {
    return this.#pages.get(prefix) ?? this.#file.page(prefix);
  }

  entries(prefix: string, limit: number): readonly MapEntry[] {
    const taken = this.#takenUnder(prefix);
    // Those taken back may be gone altogether, so as many more are read as there are of them.
    const kept = this.#file
      .entries(prefix, limit + taken.length)
      .filter(({ key }) => !this.#entries.has(key));
    const back = taken.flatMap((key) => this.#entries.get(key) ?? []);
    return [...kept, ...back].sort((a, b) => ascending(a.key, b.key)).slice(0, limit);
  }

  #takenUnder(prefix: string): readonly Hash[] {
    const from = firstFrom(this.#taken, prefix);
    let to = from;
    while (this.#taken[to]?.startsWith(prefix) === true) to += 1;
    return this.#taken.slice(from, to);
  }
}

/** The index of the first of ascending keys that is not before `prefix`. */
function firstFrom(keys: readonly Hash[], prefix: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}

function ascending(a: Hash, b: Hash): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
