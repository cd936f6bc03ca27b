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
 * The stream heads as they were at an earlier size of the tree: the file's heads, with each stream
 * that grew since set back. Nothing is written; pages that differ stay in memory.
 */
export class HeadsBefore implements HeadPages {
  readonly size: number;
  /** The size of the tree that the file's heads belong to. */
  readonly fileSize: number;
  readonly #file: LogFile;
  readonly #before: ReadonlyMap<string, StreamHead | undefined>;
  readonly #entries = new Map<Hash, MapEntry | undefined>();
  /** The keys of the streams set back, ascending. */
  readonly #taken: readonly Hash[];
  readonly #pages = new Map<string, Uint8Array>();

  /** @param before the head of each stream that went on, or `undefined` when it began since */
  constructor(
    file: LogFile,
    before: ReadonlyMap<string, StreamHead | undefined>,
    { size, fileSize }: { readonly size: number; readonly fileSize: number },
  ) {
    this.#file = file;
    this.#before = before;
    this.size = size;
    this.fileSize = fileSize;
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
    // Streams set back may drop out, so that many more are read.
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
