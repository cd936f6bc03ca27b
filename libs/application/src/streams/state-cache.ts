interface Kept<State> {
  readonly state: State;
  /** When it was last asked for. */
  weight: number;
}

/**
 * What was folded from streams used lately, so that a decision does not read its stream again. Bounded: in two generations, of which the older
 * is forgotten when the younger is full, so that a look-up moves nothing. That a state is still the latest is checked on every append, by the
 * revision the store is asked to expect.
 */
export class StateCache<State> {
  #young = new Map<string, Kept<State>>();
  #old = new Map<string, Kept<State>>();
  /** Of all in the younger generation. */
  #weight = 0;
  /** What is being loaded, for as long as nothing changed that it may have missed. */
  readonly #loading = new Map<string, Promise<State>>();

  /**
   * @param capacity what the states that are kept weigh at most; half as much is always kept, and the last one asked for whatever it weighs
   * @param weigh what a state weighs, which may grow; looked at whenever it is asked for. Left out: each weighs 1
   */
  constructor(
    readonly load: (name: string) => Promise<State>,
    readonly capacity = 4096,
    readonly weigh?: (state: State) => number,
  ) {}

  async get(name: string): Promise<State> {
    const young = this.#young.get(name);
    if (young !== undefined)
      return this.weigh === undefined ? young.state : this.#weighed(young, this.weigh(young.state));
    const old = this.#old.get(name);
    return old === undefined ? this.#loaded(name) : this.#keep(name, old.state);
  }

  /** The state that is kept, if there is one. */
  kept(name: string): State | undefined {
    return (this.#young.get(name) ?? this.#old.get(name))?.state;
  }

  /** Makes the next {@link get} load the state; whoever waits for it already gets what was asked for, and nobody after. */
  forget(name: string): void {
    this.#weight -= this.#young.get(name)?.weight ?? 0;
    this.#young.delete(name);
    this.#old.delete(name);
    this.#loading.delete(name);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#weight = 0;
    this.#loading.clear();
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
    const weight = this.weigh?.(state) ?? 1;
    if (this.#weight + weight > this.capacity / 2) this.#age();
    this.#young.set(name, { state, weight });
    this.#weight += weight;
    return state;
  }

  #weighed(kept: Kept<State>, weight: number): State {
    this.#weight += weight - kept.weight;
    kept.weight = weight;
    // What grew beyond it goes with its generation, and comes back when it is next asked for.
    if (this.#weight > this.capacity / 2) this.#age();
    return kept.state;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }
}
