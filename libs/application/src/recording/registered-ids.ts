import type { LedgerEvent } from '@penalty-ledger/ledger';
import {
  registrationLookup,
  registrationsAmong,
  registrationsOf,
  type ReadModels,
  type Registration,
} from '@penalty-ledger/projections';

/** The ids in use: those in the read models, and those of events appended since. */
export class RegisteredIds {
  readonly #lookUp: (key: string) => Registration | undefined;
  readonly #lookUpAll: (keys: readonly string[]) => ReadonlyMap<string, Registration>;
  /** By events that the read models do not hold yet. */
  readonly #taken = new Map<string, Registration>();
  /** The registrations that the read models hold for the ids in a batch of commands. */
  readonly #lookedUp = new Map<string, Registration | undefined>();

  constructor(readModels: ReadModels) {
    this.#lookUp = registrationLookup(readModels.database);
    this.#lookUpAll = registrationsAmong(readModels.database);
  }

  /** The registration of an id, if it is in use. */
  registered(key: string): Registration | undefined {
    const taken = this.#taken.get(key);
    if (taken !== undefined) return taken;
    return this.#lookedUp.has(key) ? this.#lookedUp.get(key) : this.#lookUp(key);
  }

  /** Asks the read models for many ids at once; the answers hold until {@link forgetLookUp}. */
  lookUp(keys: readonly string[]): void {
    const open = keys.filter((key) => !this.#taken.has(key));
    const found = this.#lookUpAll(open);
    for (const key of open) this.#lookedUp.set(key, found.get(key));
  }

  forgetLookUp(): void {
    this.#lookedUp.clear();
  }

  /** Takes the ids of an event that was appended. The first to take an id has it. */
  take(event: LedgerEvent): void {
    for (const [key, registration] of registrationsOf(event))
      if (!this.#taken.has(key)) this.#taken.set(key, registration);
  }

  /** The read models hold these events from now on, and what they said before is out of date. */
  leaveToReadModels(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      for (const [key] of registrationsOf(event)) {
        this.#taken.delete(key);
        this.#lookedUp.delete(key);
      }
    }
  }
}
