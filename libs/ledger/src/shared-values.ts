/**
 * Gives one value for all that are equal, as long as it was met lately: what a million events name
 * alike is then held once.
 */
export class SharedValues<Value> {
  readonly #known = new Map<string, Value>();

  /** @param capacity values to remember; all are forgotten when there are more */
  constructor(readonly capacity: number) {}

  /** @param key the same for equal values, and for no others */
  of(key: string, value: Value): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.capacity) this.#known.clear();
    this.#known.set(key, value);
    return value;
  }
}

/** A value while it is made: its members are assigned one by one. */
export type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };
