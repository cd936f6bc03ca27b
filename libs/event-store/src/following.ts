import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position, StoredEvent } from './event-store.js';

/** Wakes those that wait for new events. */
export class Arrivals {
  readonly #waiting = new Set<() => void>();

  announce(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Resolves at the next announcement, when `signal` aborts, or after `timeoutMs`; leaves neither
   * timer nor listener behind.
   */
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

/** A part of the log that was read: its events, and the place up to which it was looked at. */
export interface Part {
  readonly events: readonly StoredEvent[];
  /** Left out where there is nothing. Past the events, where the last are damaged. */
  readonly last: Position | undefined;
}

/** The source of a follower, and its announcements of new events. */
export interface Source {
  readonly readAfter: (after: Position | undefined) => Part;
  readonly arrivals: Arrivals;
  /**
   * The interval between looks without an announcement: for events that another process appends.
   */
  readonly pollMs?: number;
}

/**
 * Reads on after `after` for ever. An empty read and the wait happen in one turn of the event loop
 * and an announcement comes in another, so nothing slips in between.
 */
export async function* follow(
  source: Source,
  after: Position | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  let cursor = after;
  while (!signal.aborted) {
    const { events, last } = source.readAfter(cursor);
    if (last === undefined) {
      await source.arrivals.next(signal, source.pollMs);
    } else {
      cursor = last;
      if (events.length > 0) yield events;
      await nextTurn();
    }
  }
}
