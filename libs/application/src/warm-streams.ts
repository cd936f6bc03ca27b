/**
 * What was folded from streams used lately, so that a decision does not read its stream again. Bounded: the one not used for longest goes
 * first. That a state is still the latest is checked on every append, by the revision the store is asked to expect.
 */
export class WarmStreams<State> {
  readonly #states = new Map<string, State>();

  constructor(
    readonly load: (name: string) => Promise<State>,
    readonly capacity = 4096,
  ) {}

  async get(name: string): Promise<State> {
    const warm = this.#states.get(name);
    if (warm !== undefined) {
      this.#states.delete(name);
      this.#states.set(name, warm);
      return warm;
    }
    const state = await this.load(name);
    this.#states.set(name, state);
    if (this.#states.size > this.capacity) {
      for (const oldest of this.#states.keys()) {
        this.#states.delete(oldest);
        break;
      }
    }
    return state;
  }

  clear(): void {
    this.#states.clear();
  }
}
