import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position, StoredEvent } from './event-store.js';

/** Wakes whoever waits for new events. */
export class Arrivals {
  readonly #waiting = new Set<() => void>();

  announce(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next announcement, when `signal` aborts, or after `timeoutMs`; leaves no timer and no listener. */
  next(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/** Where a follower reads, and how it learns that there is more. */
export interface Source {
  readonly readAfter: (after: Position | undefined) => readonly StoredEvent[];
  readonly arrivals: Arrivals;
  /** How often to look without being told: for events another process appends. */
  readonly pollMs?: number;
}

/**
 * Reads on from `after` for ever. Nothing slips in between an empty read and the wait: both happen in one turn of the event loop,
 * and an announcement comes in another.
 */
export async function* follow(
  source: Source,
  after: Position | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  let cursor = after;
  while (!signal.aborted) {
    const batch = source.readAfter(cursor);
    const last = batch.at(-1);
    if (last === undefined) {
      await source.arrivals.next(signal, source.pollMs);
    } else {
      cursor = last.position;
      yield batch;
      await nextTurn();
    }
  }
}
