/**
 * What was folded from streams used lately, so that a decision does not read its stream again. Bounded: in two generations, of which the older
 * is forgotten when the younger is full, so that a look-up moves nothing. That a state is still the latest is checked on every append, by the
 * revision the store is asked to expect.
 */
export class WarmStreams<State> {
  #young = new Map<string, State>();
  #old = new Map<string, State>();
  /** What is being loaded, for as long as nothing changed that it may have missed. */
  readonly #loading = new Map<string, Promise<State>>();

  /** @param capacity how many states are kept at most; half as many are always kept */
  constructor(
    readonly load: (name: string) => Promise<State>,
    readonly capacity = 4096,
  ) {}

  async get(name: string): Promise<State> {
    return this.#young.get(name) ?? this.#again(name) ?? this.#loaded(name);
  }

  /** The state that is kept, if there is one. */
  kept(name: string): State | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  /** Makes the next {@link get} load the state; whoever waits for it already gets what was asked for, and nobody after. */
  forget(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
    this.#loading.delete(name);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#loading.clear();
  }

  #again(name: string): State | undefined {
    const state = this.#old.get(name);
    return state === undefined ? undefined : this.#keep(name, state);
  }

  async #loaded(name: string): Promise<State> {
    const before = this.#loading.get(name);
    if (before !== undefined) return before;
    const loading = this.load(name);
    this.#loading.set(name, loading);
    const isCurrent = (): boolean => this.#loading.get(name) === loading;
    try {
      const state = await loading;
      return isCurrent() ? this.#keep(name, state) : state;
    } finally {
      if (isCurrent()) this.#loading.delete(name);
    }
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
