import { setTimeout as pause } from 'node:timers/promises';

/**
 * The disk under a log: it takes a time to make what was written durable. What is written meanwhile
 * becomes durable with the next turn, as an engine's group does.
 */
export class Disk {
  readonly #syncMs: number;
  #syncing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param syncMs the time of one sync in milliseconds; 0 makes everything durable at once */
  constructor(syncMs: number) {
    this.#syncMs = syncMs;
  }

  /** Resolves when what was written by now is durable; `undefined` when it is so at once. */
  durable(): Promise<void> | undefined {
    if (this.#syncMs === 0) return undefined;
    this.#next ??= (this.#syncing ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      this.#syncing = pause(this.#syncMs);
      return this.#syncing;
    });
    return this.#next;
  }
}
