import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { StoreLockedError, type EventStore } from '@penalty-ledger/event-store';
import type { Lease } from '@penalty-ledger/event-store/eventstoredb';
import {
  ledgerZone,
  LedgerZone,
  SpokenError,
  type InBoth,
  type Instant,
} from '@penalty-ledger/ledger';
import { timeZoneDataVersion } from '../clock.js';
import type { SharedEngine } from '../stores/open-store.js';
import { writerLeaseName } from '../stores/side-streams.js';

/** The options of a node that takes part. */
export interface NodeOptions {
  /** Its name among all nodes; by default a new one for every start of the program. */
  readonly holder?: string;
  /**
   * The term of the lease without renewal, in milliseconds: the wait of the others when this node
   * dies. Default 15,000.
   */
  readonly termMs?: number;
  /**
   * Takes a lease back that stands under this very name, without waiting for its end: what held it
   * is closed. Its late appends count for nobody, since the term is another. Default false.
   */
  readonly takesBack?: boolean;
}

/** The state of renewing a lease. */
export interface LeaseHealth {
  /**
   * The end of this node's term without renewal; `undefined` once it is lost, or when another part
   * of the process renews it.
   */
  readonly until: Instant | undefined;
  /**
   * The number of renewals since the last success that failed, or had no answer when the next was
   * due.
   */
  readonly failedRenewals: number;
  /** The last of these failures; holds no credentials. */
  readonly lastFailure: Error | undefined;
}

/** Another node holds the lease, or held it when it died. */
export class LeaseHeldError extends StoreLockedError {
  constructor(
    text: InBoth,
    readonly holder: string,
    /** The instant from which it can be taken, unless its holder goes on. */
    readonly freeAt: Instant,
  ) {
    super(text);
  }
}

/**
 * This node no longer holds the lease: another may be taking commands. Open the ledger again to
 * compete for it.
 */
export class LeaseLostError extends SpokenError {
  readonly code = 'lease_lost';
}

export const defaultTermMs = 15_000;

/** A name no other node has. */
export const newHolder = (): string => `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;

/**
 * One name for the whole process, so that a signer beside an open ledger counts as the same node.
 */
const holderOfThisProcess = newHolder();

/**
 * Lets one node of several take commands and sign. The lease is renewed while it is held, and once
 * lost never taken again: this node's knowledge of the streams may be out of date by then.
 */
export class WriterLease {
  readonly #engine: SharedEngine;
  readonly #lease: Lease;
  readonly #timer: NodeJS.Timeout;
  /**
   * The epoch this node began with; `undefined` when another part of this process holds the lease,
   * and renews it.
   */
  readonly #epoch: number | undefined;
  #isLost = false;
  /** The renewal that was not answered yet. */
  #renewing: Promise<void> | undefined;
  #failedRenewals = 0;
  #lastFailure: Error | undefined;

  private constructor(
    engine: SharedEngine,
    lease: Lease,
    epoch: number | undefined,
    termMs: number,
  ) {
    this.#engine = engine;
    this.#lease = lease;
    this.#epoch = epoch;
    this.#timer = setInterval(() => void this.#prolong(), termMs / 3);
    this.#timer.unref();
    if (epoch === undefined) clearInterval(this.#timer);
  }

  /**
   * Takes the lease.
   *
   * @param url for the message
   * @throws LeaseHeldError when another node has it; says which, and until when
   * @throws LeaseLostError when the engine confirmed it only after its end
   */
  static async take(
    engine: SharedEngine,
    url: string,
    options: NodeOptions = {},
  ): Promise<WriterLease> {
    const { holder = holderOfThisProcess, termMs = defaultTermMs, takesBack } = options;
    const lease = engine.lease(writerLeaseName, { holder, termMs });
    const term = await lease.acquire(takesBack);
    if (term.holder === holder) {
      // Written by this call; otherwise another part of this process holds it, and renews it.
      const isTaken = lease.term !== undefined;
      if (isTaken && !lease.isHeld())
        throw new LeaseLostError({
          en:
            'the engine confirmed the lease only when it was over, ' +
            'and another node may take commands by now',
          zh: '存储引擎在租约结束后才予以确认，另一节点现在可能正在接受指令',
        });
      try {
        // Before anything is read: what is read then includes all that earlier terms recorded.
        await engine.beginTerm(term.epoch, holder);
      } catch (error) {
        await lease.release().catch(() => undefined);
        throw error;
      }
      return new WriterLease(engine, lease, isTaken ? term.epoch : undefined, termMs);
    }
    const until = new LedgerZone(ledgerZone, timeZoneDataVersion).format(term.until);
    throw new LeaseHeldError(
      {
        en:
          `the node ${term.holder} takes the commands of ${url}, until ${until} unless it ` +
          'goes on: send them there, or open this for reading only',
        zh:
          `节点 ${term.holder} 正在接收 ${url} 的指令，租约至 ${until}，可能续期：` +
          '请把指令发送到该节点，或以只读方式打开',
      },
      term.holder,
      lease.freeAt(term),
    );
  }

  /**
   * Says whether this node may append and sign now. Turns false in time, also when the engine
   * cannot be reached.
   */
  isHeld(): boolean {
    if (this.#epoch === undefined) return true;
    // A late renewal could still succeed, but a lease that was reported lost stays lost.
    this.#isLost ||= !this.#lease.isHeld() || this.#lease.term?.epoch !== this.#epoch;
    return !this.#isLost;
  }

  /** The state of renewing it: shows trouble before the term ends. */
  get health(): LeaseHealth {
    return {
      until: this.#epoch !== undefined && this.isHeld() ? this.#lease.term?.until : undefined,
      failedRenewals: this.#failedRenewals,
      lastFailure: this.#lastFailure,
    };
  }

  /** @throws LeaseLostError when it is not held */
  assertHeld(): void {
    if (this.isHeld()) return;
    throw new LeaseLostError({
      en: 'this node could not renew its lease in time, and another may take commands by now',
      zh: '本节点未能及时续租，另一节点现在可能正在接受指令',
    });
  }

  /**
   * The store, with every append refused once the lease is not held, also one that was taken before
   * and would be sent again. Closing it gives the lease back.
   */
  fence(store: EventStore): EventStore {
    this.#engine.fence({
      mayAppend: () => this.isHeld(),
      remainingMs: () => (this.#epoch === undefined ? Infinity : this.#lease.remainingMs()),
    });
    const inFlight = new Set<Promise<unknown>>();
    return {
      append: async (...call) => {
        this.assertHeld();
        const appending = store.append(...call);
        inFlight.add(appending);
        try {
          const appended = await appending;
          // An answer that comes after the end may be of an event that came after it.
          this.assertHeld();
          return appended;
        } finally {
          inFlight.delete(appending);
        }
      },
      readStream: (stream, options) => store.readStream(stream, options),
      readAll: (options) => store.readAll(options),
      follow: (options) => store.follow(options),
      head: () => store.head(),
      close: async () => {
        await Promise.allSettled(inFlight);
        await this.release();
        await store.close();
      },
    };
  }

  /**
   * Gives the lease back, so that another need not wait. A lease that cannot be given back runs
   * out.
   */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#epoch === undefined) return;
    this.#isLost = true;
    // What is written after a renewal that is under way has to follow it.
    await this.#renewing;
    await this.#lease.release().catch(() => undefined);
  }

  async #prolong(): Promise<void> {
    if (this.isHeld()) {
      if (this.#renewing === undefined) await (this.#renewing = this.#renew());
      else this.#noteFailure(new Error('the engine has not answered the last renewal yet'));
    }
    if (this.isHeld()) return;
    clearInterval(this.#timer);
    await this.#renewing;
    // Taken anew as it ran out, or prolonged too late: not to be used, and not to be kept from
    // others.
    await this.#lease.release().catch(() => undefined);
  }

  /** The term runs on to its end when it fails; until then the next renewal may get through. */
  async #renew(): Promise<void> {
    try {
      await this.#lease.renew();
      this.#failedRenewals = 0;
      this.#lastFailure = undefined;
    } catch (error) {
      this.#noteFailure(error);
    } finally {
      this.#renewing = undefined;
    }
  }

  #noteFailure(error: unknown): void {
    this.#failedRenewals += 1;
    this.#lastFailure = error instanceof Error ? error : new Error(String(error));
  }
}
