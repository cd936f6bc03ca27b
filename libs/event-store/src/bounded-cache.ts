interface Entry<Value> {
  value: Value;
  /** As weighed when the entry was last set or asked for. */
  weight: number;
}

/**
 * A bounded cache of the entries used last. It has two generations, and forgets the older one when
 * the younger is full. A look-up then moves nothing: measured, it costs a quarter of one that keeps
 * the entries in the order of their use, and half of one in `lru-cache`. To forget costs one step
 * for thousands of entries, where to find the oldest key of a `Map` took 75 µs.
 */
export class BoundedCache<Key, Value> {
  #young = new Map<Key, Entry<Value>>();
  #old = new Map<Key, Entry<Value>>();
  /** The weight of the younger generation. */
  #weight = 0;
  #hasForgotten = false;

  /**
   * @param capacity the most that the entries may weigh; what was used last is always kept, up to
   *   half of that, and the last entry whatever it weighs
   * @param weigh the weight of a value, which may grow: it is weighed whenever it is asked for;
   *   without this, each weighs 1
   */
  constructor(
    readonly capacity: number,
    readonly weigh?: (value: Value) => number,
  ) {}

  /** Returns the value of an entry, which is a use of it. */
  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young === undefined) return this.#rejuvenated(key);
    if (this.weigh !== undefined) this.#weighAnew(young);
    return young.value;
  }

  /** Returns the value of an entry, and does not use it. */
  peek(key: Key): Value | undefined {
    return (this.#young.get(key) ?? this.#old.get(key))?.value;
  }

  set(key: Key, value: Value): void {
    const young = this.#young.get(key);
    if (young === undefined) {
      this.#add(key, value);
    } else {
      young.value = value;
      this.#weighAnew(young);
    }
  }

  delete(key: Key): void {
    this.#weight -= this.#young.get(key)?.weight ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#weight = 0;
  }

  /** True once an entry was dropped to make room. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  #rejuvenated(key: Key): Value | undefined {
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#add(key, old.value);
    return old.value;
  }

  #add(key: Key, value: Value): void {
    const weight = this.weigh?.(value) ?? 1;
    this.#old.delete(key);
    if (this.#weight + weight > this.capacity / 2) this.#age();
    this.#young.set(key, { value, weight });
    this.#weight += weight;
  }

  #weighAnew(entry: Entry<Value>): void {
    const weight = this.weigh?.(entry.value) ?? 1;
    this.#weight += weight - entry.weight;
    entry.weight = weight;
    // What grew beyond the bound goes with its generation, and comes back at its next use.
    if (this.#weight > this.capacity / 2) this.#age();
  }

  #age(): void {
    this.#hasForgotten ||= this.#old.size > 0;
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }
}
