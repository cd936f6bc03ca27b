import {
  MemoryEventStore,
  MemoryLog,
  type Appended,
  type DecidedTogether,
  type EventStore,
  type ExpectedRevision,
} from '@penalty-ledger/event-store';
import type { EventRecord } from '@penalty-ledger/ledger';

interface Called {
  readonly stream: string;
  readonly together: DecidedTogether | undefined;
  readonly store: () => Promise<void>;
}

/**
 * A memory store that uses the worst order of appends that the port allows, as an engine may that
 * loses some and takes others. Appends called in one turn are stored in a random order that keeps
 * only the required pairs in order.
 */
export class ShuffledEventStore extends MemoryEventStore implements EventStore {
  readonly #chance: () => number;
  #called: Called[] = [];
  /** The number of appends stored before one that was called earlier. */
  passed = 0;

  /** @param chance from 0 to 1, exclusive */
  constructor(chance: () => number) {
    super(new MemoryLog());
    this.#chance = chance;
  }

  override append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventRecord[],
    together?: DecidedTogether,
  ): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const store = (): Promise<void> =>
        super.append(stream, expected, events).then(resolve, reject);
      if (this.#called.push({ stream, together, store }) === 1)
        setImmediate(() => void this.#storeAll());
    });
  }

  async #storeAll(): Promise<void> {
    const waiting = this.#called;
    this.#called = [];
    while (waiting.length > 0) {
      const free = [...waiting.keys()].filter((index) =>
        waiting.slice(0, index).every((earlier) => mayBeStoredBefore(waiting[index]!, earlier)),
      );
      const drawn = free[Math.floor(this.#chance() * free.length)]!;
      if (drawn > 0) this.passed += 1;
      await waiting.splice(drawn, 1)[0]!.store();
    }
  }
}

/** As the port says: of one group, in different streams, and neither decided on the other's. */
function mayBeStoredBefore(later: Called, earlier: Called): boolean {
  if (later.together === undefined || later.together.group !== earlier.together?.group)
    return false;
  if (later.stream === earlier.stream) return false;
  return (
    !later.together.reads.includes(earlier.stream) && !earlier.together.reads.includes(later.stream)
  );
}
