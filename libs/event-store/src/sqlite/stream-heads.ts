import type { StreamHead } from '../append-request.js';

/** The last event of a stream, and the number that stands for the stream in every row. */
export interface SqliteStreamHead extends StreamHead {
  readonly streamId: number;
}

/** The heads of the streams written to last. Losing one costs a look into the index. */
export class StreamHeads {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #heads = new Map<string, SqliteStreamHead>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(stream: string): SqliteStreamHead | undefined {
    return this.#heads.get(stream);
  }

  set(stream: string, head: SqliteStreamHead): void {
    this.#heads.delete(stream);
    this.#heads.set(stream, head);
  }

  /** Drops the least recently written beyond the limit; not done by `set`, for a head may be ahead of the rows until its group commits. */
  trim(): void {
    for (const stream of this.#heads.keys()) {
      if (this.#heads.size <= this.#limit) return;
      this.#heads.delete(stream);
    }
  }
}
