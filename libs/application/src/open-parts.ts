type Close = () => Promise<void> | void;

/** The parts of a whole that are open, and what closes each, in one order however they came. */
export class OpenParts<Part extends string> {
  readonly #order: readonly Part[];
  readonly #closes = new Map<Part, Close>();
  #closed: Promise<void> | undefined;

  /** @param order in which the parts are closed */
  constructor(order: readonly Part[]) {
    this.#order = order;
  }

  /** Notes that a part is open, and what closes it. */
  opened(part: Part, close: Close): void {
    this.#closes.set(part, close);
  }

  /**
   * Closes every part that is open. A part that fails to close keeps no other open.
   *
   * @throws the failure, or an AggregateError of several
   */
  close(): Promise<void> {
    this.#closed ??= this.#closeEach().then((failures) => {
      if (failures.length > 0) throw errorOf(failures);
    });
    return this.#closed;
  }

  /**
   * Closes every part that is open, because another could not be opened.
   *
   * @throws the reason, or an AggregateError of it and of what failed to close
   */
  async closeAfter(reason: unknown): Promise<never> {
    throw errorOf([reason, ...(await this.#closeEach())]);
  }

  async #closeEach(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (const part of this.#order) {
      try {
        await this.#closes.get(part)?.();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}

/** One failure by itself; several as one error that has them all. */
function errorOf(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const messages = failures.map((each) => (each instanceof Error ? each.message : String(each)));
  return new AggregateError(failures, messages.join('; '));
}
