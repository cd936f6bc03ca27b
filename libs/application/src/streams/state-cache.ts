import { BoundedCache } from '@penalty-ledger/event-store';

/**
 * The states folded from streams that were used last, so that a decision does not read its stream
 * again. Those who ask while a state is loaded share the load. The store proves that a state is the
 * latest: every append names the revision it expects.
 */
export class StateCache<State> {
  readonly #kept: BoundedCache<string, State>;
  /** The loads in progress, each as long as nothing changed that it may have missed. */
  readonly #loading = new Map<string, Promise<State>>();

  /** @param capacity and `weigh` are those of {@link BoundedCache} */
  constructor(
    readonly load: (name: string) => Promise<State>,
    capacity = 4096,
    weigh?: (state: State) => number,
  ) {
    this.#kept = new BoundedCache(capacity, weigh);
  }

  async get(name: string): Promise<State> {
    return this.#kept.get(name) ?? this.#loaded(name);
  }

  /** Returns the state that is kept, if there is one; it is not used. */
  kept(name: string): State | undefined {
    return this.#kept.peek(name);
  }

  /**
   * Makes the next {@link get} load the state. Callers that wait for it already get the state they
   * asked for; later ones do not.
   */
  forget(name: string): void {
    this.#kept.delete(name);
    this.#loading.delete(name);
  }

  clear(): void {
    this.#kept.clear();
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
      if (isCurrent()) this.#kept.set(name, state);
      return state;
    } finally {
      if (isCurrent()) this.#loading.delete(name);
    }
  }
}
