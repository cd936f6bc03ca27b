import type { Endpoint } from './errors.js';

/** The state of the connection after a message is lost: it breaks, or stays open and silent. */
export type Loss = 'break' | 'hang';

/** A fault of one append. */
export type AppendFault =
  /** Nothing is stored and nothing answered. */
  | { readonly kind: 'lose-request'; readonly connection?: Loss }
  /** It is stored, and the answer never arrives. */
  | { readonly kind: 'lose-reply'; readonly connection?: Loss }
  /**
   * It arrives when the test says {@link PendingFault.release}, as from a process that stood still.
   * The server then looks at its deadline, unless its clock is so wrong that it does not help.
   */
  | { readonly kind: 'late-request'; readonly clock?: 'right' | 'wrong' }
  /** It is stored, and answered when the test says {@link PendingFault.release}. */
  | { readonly kind: 'late-reply' }
  /** The server gives up waiting for its own commit and says so. */
  | { readonly kind: 'server-timeout'; readonly stored: boolean }
  /** The node stopped leading, before or after it stored. */
  | { readonly kind: 'not-leader'; readonly leader?: Endpoint; readonly stored?: boolean }
  | { readonly kind: 'unavailable'; readonly stored?: boolean }
  | { readonly kind: 'access-denied' };

/**
 * A fault of one read or subscription, after `afterEvents` events of it were sent (0 by default).
 */
export type ReadFault = { readonly afterEvents?: number } & (
  | { readonly kind: 'break' }
  /** Nothing more is sent, and the connection stays open. */
  | { readonly kind: 'hang' }
  /** The call ends as if all had been sent: a subscription's clean end, a read cut short. */
  | { readonly kind: 'end' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'not-leader'; readonly leader?: Endpoint }
  /** The last event sent is sent again; the call goes on. */
  | { readonly kind: 'duplicate' }
);

/** A fault of a delete, a tombstone, a request for the server's features, or a gossip. */
export type CallFault =
  | { readonly kind: 'lose-request'; readonly connection?: Loss }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'not-leader'; readonly leader: Endpoint };

/** The faults each operation knows; `append` is either protocol. */
export interface FaultsByOperation {
  readonly append: AppendFault;
  readonly read: ReadFault;
  readonly subscribe: ReadFault;
  readonly delete: CallFault;
  readonly gossip: CallFault;
  readonly features: CallFault;
}

/** An operation that faults can be asked for. */
export type Operation = keyof FaultsByOperation;

/** A fault that waits for its call, or has met it. */
export interface PendingFault {
  /** Resolves when a call has met the fault. */
  readonly hit: Promise<void>;
  /** Lets a late request or reply go. */
  release(): void;
}

/** A fault as the server carries it out. */
export interface ActiveFault<Fault> extends PendingFault {
  readonly fault: Fault;
  readonly released: Promise<void>;
}

interface Planned<Fault> {
  skip: number;
  readonly active: ActiveFault<Fault>;
  readonly meet: () => void;
}

/**
 * The faults a test has requested. Each meets one call of its operation, in the order of the
 * requests.
 */
export class Faults {
  readonly #planned: { readonly [Kind in Operation]: Planned<FaultsByOperation[Kind]>[] } = {
    append: [],
    read: [],
    subscribe: [],
    delete: [],
    gossip: [],
    features: [],
  };

  /** The next call of the operation meets `fault`, after `skip` calls have passed unharmed. */
  next<Kind extends Operation>(
    operation: Kind,
    fault: FaultsByOperation[Kind],
    { skip = 0 } = {},
  ): PendingFault {
    const hit = signal();
    const released = signal();
    const active = { fault, hit: hit.given, released: released.given, release: released.give };
    this.#planned[operation].push({ skip, active, meet: hit.give });
    return active;
  }

  /** The number of faults that have not met a call yet. A test should end with zero. */
  get waiting(): number {
    return Object.values(this.#planned).reduce((sum, planned) => sum + planned.length, 0);
  }

  /** Takes back all faults that have met no call. */
  clear(): void {
    for (const planned of Object.values(this.#planned)) planned.length = 0;
  }

  /** The fault that a call arriving now meets, or none. Asked once a call, by the server. */
  meet<Kind extends Operation>(operation: Kind): ActiveFault<FaultsByOperation[Kind]> | undefined {
    const [first] = this.#planned[operation];
    if (first === undefined) return undefined;
    if (first.skip > 0) {
      first.skip -= 1;
      return undefined;
    }
    this.#planned[operation].shift();
    first.meet();
    return first.active;
  }
}

function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}
