/**
 * What was folded from streams used lately, so that a decision does not read its stream again. Bounded: in two generations, of which the older
 * is forgotten when the younger is full, so that a look-up moves nothing. That a state is still the latest is checked on every append, by the
 * revision the store is asked to expect.
 */
export class WarmStreams<State> {
  #young = new Map<string, State>();
  #old = new Map<string, State>();

  /** @param capacity how many states are kept at most; half as many are always kept */
  constructor(
    readonly load: (name: string) => Promise<State>,
    readonly capacity = 4096,
  ) {}

  async get(name: string): Promise<State> {
    return this.#young.get(name) ?? this.#keep(name, this.#old.get(name) ?? (await this.load(name)));
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  #keep(name: string, state: State): State {
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, state);
    return state;
  }
}
