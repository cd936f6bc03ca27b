import type { AppendRequest } from '../append-request.js';
import type { DecidedTogether } from '../event-store.js';

/**
 * The limit of appends in flight. The engine makes appends in flight durable together, so this is
 * also the size of its group.
 */
export const limit = { appends: 256, bytes: 8 << 20 };

/** An append as far as it matters to those beside it. */
export interface Passing {
  readonly request: Pick<AppendRequest, 'stream' | 'byteLength'>;
  readonly together: DecidedTogether | undefined;
}

/**
 * The appends that were sent and are not answered, and the rule for joining them. The engine could
 * lose one of them and take the newcomer. In one stream the expected revision forbids that. In
 * another stream the lost one would then land behind what was decided after it, which is right only
 * when both were decided at one instant, neither on the other.
 *
 * Counted by stream, so that asking costs what an append has read and not what is in flight.
 */
export class InFlight<Append extends Passing> {
  readonly #appends = new Set<Append>();
  readonly #groups = new Counts<object | undefined>();
  readonly #streams = new Counts<string>();
  /** Streams that an append to another one was decided on. */
  readonly #reads = new Counts<string>();
  #bytes = 0;

  get size(): number {
    return this.#appends.size;
  }

  /** Says whether one more has room and may pass all in flight. */
  admits({ request, together }: Passing): boolean {
    const { stream, byteLength } = request;
    if (this.size === 0) return true;
    if (this.size >= limit.appends || this.#bytes + byteLength > limit.bytes) return false;
    if (this.#streams.size === 1 && this.#streams.has(stream)) return true;
    if (together === undefined || this.#groups.size > 1 || !this.#groups.has(together.group))
      return false;
    return (
      !this.#reads.has(stream) &&
      !together.reads.some((read) => read !== stream && this.#streams.has(read))
    );
  }

  add(append: Append): void {
    this.#appends.add(append);
    this.#count(append, 1);
  }

  delete(append: Append): void {
    if (this.#appends.delete(append)) this.#count(append, -1);
  }

  #count({ request: { stream, byteLength }, together }: Append, by: 1 | -1): void {
    this.#bytes += by * byteLength;
    this.#streams.change(stream, by);
    this.#groups.change(together?.group, by);
    for (const read of together?.reads ?? []) if (read !== stream) this.#reads.change(read, by);
  }
}

/** The number of occurrences of each value; a value that does not occur is not kept. */
class Counts<Key> {
  readonly #counts = new Map<Key, number>();

  get size(): number {
    return this.#counts.size;
  }

  has(key: Key): boolean {
    return this.#counts.has(key);
  }

  change(key: Key, by: number): void {
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
