import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { StoreLockedError, type EventStore } from '@penalty-ledger/event-store';
import type { Lease } from '@penalty-ledger/event-store/eventstoredb';
import type { SharedEngine } from '../open-store.js';

/** How a node takes part. */
export interface NodeOptions {
  /** Its name among all nodes; another one for every start of the program, which is also the default. */
  readonly holder?: string;
  /** How long it holds the lease without renewing it, in milliseconds: how long the others wait when it dies. Default 15,000. */
  readonly termMs?: number;
}

/** This node no longer holds the lease: another may be taking commands. Open the ledger again to compete for it. */
export class LeaseLostError extends Error {
  readonly code = 'lease_lost';
}

const defaultTermMs = 15_000;

/** One name for the whole process, so that what signs beside an open ledger is known to be the same node. */
const holderOfThisProcess = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;

/**
 * That one node of several takes commands and signs. It is renewed while it is held, and once lost never taken again: what this node knows of the
 * streams may be out of date by then.
 */
export class WriterLease {
  readonly #lease: Lease;
  readonly #timer: NodeJS.Timeout;
  /** The epoch this node began with; `undefined` when another part of this process holds the lease, and renews it. */
  readonly #epoch: number | undefined;
  #isLost = false;

  private constructor(lease: Lease, epoch: number | undefined, termMs: number) {
    this.#lease = lease;
    this.#epoch = epoch;
    this.#timer = setInterval(() => void this.#renew(), termMs / 3);
    this.#timer.unref();
    if (epoch === undefined) clearInterval(this.#timer);
  }

  /**
   * Takes the lease.
   *
   * @param url for the message
   * @throws StoreLockedError when another node has it; says which, and until when
   */
  static async take(engine: SharedEngine, url: string, options: NodeOptions = {}): Promise<WriterLease> {
    const { holder = holderOfThisProcess, termMs = defaultTermMs } = options;
    const lease = engine.lease('writer', { holder, termMs });
    const term = await lease.acquire();
    if (lease.isHeld()) return new WriterLease(lease, term.epoch, termMs);
    if (term.holder === holder) return new WriterLease(lease, undefined, termMs);
    throw new StoreLockedError(
      `the node ${term.holder} takes the commands of ${url}, until ${term.until} unless it goes on: ` +
        'send them there, or open this for reading only',
    );
  }

  /** Whether this node may append and sign now. Turns false in time, also when the engine cannot be reached. */
  isHeld(): boolean {
    if (this.#epoch === undefined) return true;
    return !this.#isLost && this.#lease.isHeld() && this.#lease.term?.epoch === this.#epoch;
  }

  /** @throws LeaseLostError when it is not held */
  assertHeld(): void {
    if (this.isHeld()) return;
    throw new LeaseLostError('this node could not renew its lease in time, and another may take commands by now');
  }

  /** The store, with every append refused from the moment the lease is not held; closing it gives the lease back. */
  fence(store: EventStore): EventStore {
    const underWay = new Set<Promise<unknown>>();
    return {
      append: async (stream, expected, events) => {
        this.assertHeld();
        const appending = store.append(stream, expected, events);
        underWay.add(appending);
        try {
          return await appending;
        } finally {
          underWay.delete(appending);
        }
      },
      readStream: (stream, options) => store.readStream(stream, options),
      readAll: (options) => store.readAll(options),
      follow: (options) => store.follow(options),
      head: () => store.head(),
      close: async () => {
        await Promise.allSettled(underWay);
        await this.release();
        await store.close();
      },
    };
  }

  /** Gives the lease back, so that another node need not wait. A lease that cannot be given back runs out. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#epoch === undefined || this.#isLost) return;
    this.#isLost = true;
    await this.#lease.release().catch(() => undefined);
  }

  async #renew(): Promise<void> {
    if (this.isHeld()) {
      try {
        await this.#lease.renew();
      } catch {
        // The term runs on to its end; until then the next renewal may get through.
        return;
      }
    }
    if (this.#isLost || this.isHeld()) return;
    this.#isLost = true;
    clearInterval(this.#timer);
    // Taken anew in the moment it ran out: not to be used, and not to be kept from others.
    await this.#lease.release().catch(() => undefined);
  }
}
