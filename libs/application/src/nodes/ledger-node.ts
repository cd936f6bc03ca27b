import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  IntegrityError,
  setCustody,
  StoreLockedError,
  StoreUnavailableError,
  type Position,
} from '@penalty-ledger/event-store';
import type { Lease, Term } from '@penalty-ledger/event-store/eventstoredb';
import { agencyOfStream, ForeignEventError } from '@penalty-ledger/ledger';
import type { SignerKey, VerifierKey } from '@penalty-ledger/merkle-log';
import { systemClock, type Clock } from '../clock.js';
import {
  checkSettings,
  LedgerSettingsError,
  NoLedgerError,
  openLedger,
  openReaderWithParts,
  type OpenedLedger,
  type OpenedParts,
  type OpenedReader,
  type OpenLedger,
} from '../opening/open-ledger.js';
import { keysSoFar } from '../keys/key-rotations.js';
import { signingKeyName, type KeyStore } from '../keys/key-store.js';
import { sharedEngineOf } from '../stores/open-store.js';
import { writerLeaseName } from '../stores/side-streams.js';
import { KeysLockedError, KeysOfAnotherLedgerError } from '../keys/key-store.js';
import { SigningKeyLostError } from '../signing/signing-key.js';
import { FollowedReadModels } from './followed-read-models.js';
import {
  defaultTermMs,
  LeaseLostError,
  newHolder,
  type LeaseHealth,
  type NodeOptions,
} from '../shared-engine/writer-lease.js';

/**
 * The role of a node: `writer` takes commands and signs; `reader` answers, and takes over when the
 * lease is free.
 */
export type NodeRole = 'writer' | 'reader';

/** An event in a node's life that its operator should know of. */
export type NodeNotice =
  | { readonly kind: 'role'; readonly role: NodeRole; readonly reason: string }
  /** Its term was not prolonged; it runs on to its end. */
  | { readonly kind: 'renewal_failed'; readonly failures: number; readonly error: Error }
  /** The lease was free and it could not take over; it tries again. */
  | { readonly kind: 'takeover_failed'; readonly error: Error }
  /** It takes no commands any more until it is started again. */
  | { readonly kind: 'writing_ended'; readonly error: Error };

/** The holder of the lease, as far as this node knows. */
export interface LeaseSeen extends Partial<Pick<LeaseHealth, 'until'>> {
  readonly holder: 'this_node' | 'another_node' | 'nobody' | 'unknown';
}

/** The name and term that a node holds the lease under. */
export type NodeIdentity = Required<Pick<NodeOptions, 'holder' | 'termMs'>>;

/** The end of a writer: another machine took over in this term. */
export interface Fence {
  readonly term: number;
  /** The URL of the other machine; empty when it is unknown. */
  readonly writer: string;
  /** The copy that gave the order; left out where the promotion itself was shown. */
  readonly copy?: string;
}

/** The reading side: opened by itself on a shared engine, else a part of the writing side. */
type Reading = Pick<OpenedReader, 'reader' | 'queries'> & Partial<OpenedParts>;

/** The options of opening a node. */
export interface OpenNode extends Omit<OpenLedger, 'openedAt'> {
  /** Told of every change, in order; must not throw. */
  readonly onNotice?: (notice: NodeNotice) => void;
}

/**
 * The wait of a node that held the lease last, or whose engine is away, in milliseconds: it need
 * not wait for its own old term.
 */
const soonMs = 1_000;

/** Looks so often a term whether it still may write, so that the role follows the lease closely. */
const watchesATerm = 15;

/**
 * One of the nodes of a ledger: it answers as long as it is open, and takes commands while it holds
 * the lease. The reading side is opened once and stays. A writing side is opened beside it whenever
 * the lease can be taken, and closed when it is lost or its ledger stopped. So a change of role
 * disturbs no reader. On an embedded store there is one node, always the writer.
 */
export class LedgerNode {
  readonly #options: OpenNode;
  readonly #clock: Clock;
  readonly #node: NodeIdentity;
  readonly #notice: (notice: NodeNotice) => void;
  readonly #reading: Reading;
  readonly #lease: Lease | undefined;
  readonly #followed: FollowedReadModels | undefined;
  readonly #closing = new AbortController();
  #writing: OpenedLedger | undefined;
  #standing: { readonly term: Term | undefined; readonly isFree: boolean } | undefined;
  #failedRenewals = 0;
  #ended: Error | undefined;
  #fence: Fence | undefined;
  readonly #running: Promise<void>;

  private constructor(
    options: OpenNode,
    node: NodeIdentity,
    reading: Reading,
    writing: OpenedLedger | undefined,
  ) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#node = node;
    this.#notice = options.onNotice ?? (() => undefined);
    this.#reading = reading;
    this.#writing = writing;
    const { parts } = reading;
    const engine = parts && sharedEngineOf(parts.store);
    if (parts === undefined || engine === undefined) {
      this.#running = Promise.resolve();
      return;
    }
    this.#lease = engine.lease(writerLeaseName, node);
    this.#followed = new FollowedReadModels(parts.store, parts.readModels);
    if (writing === undefined) this.#followed.start();
    this.#running = this.#run();
  }

  /**
   * Opens a ledger as a node: for writing when the lease can be taken, which makes a missing
   * ledger, and else for reading. Waits while another node makes the ledger.
   *
   * @throws as `openLedger`, but not because another node has the lease
   */
  static async open(options: OpenNode): Promise<LedgerNode> {
    const { clock = systemClock, simulation, mode } = options;
    const node = { holder: newHolder(), termMs: defaultTermMs, ...options.node };
    for (;;) {
      const writing = await openUnlessLocked({ ...options, openedAt: clock.now(), node });
      if (writing !== undefined && writing.engine === undefined) {
        const { reader, queries } = writing;
        return new LedgerNode(options, node, { reader, queries }, writing);
      }
      let reading: OpenedParts | undefined;
      try {
        reading = await openReaderWithParts(options.url, clock);
        checkSettings(reading.reader.settings, options.url, simulation, mode);
        return new LedgerNode(options, node, reading, writing);
      } catch (error) {
        await reading?.close();
        await writing?.close();
        if (writing !== undefined || !(error instanceof NoLedgerError)) throw error;
      }
      await pause(jittered(node.termMs / 3));
    }
  }

  /** The answering side, in any role. */
  get reading(): Pick<OpenedReader, 'reader' | 'queries'> {
    return this.#reading;
  }

  /**
   * The side that takes commands and signs; `undefined` while this node may not. Ask anew for each
   * command.
   */
  get writer(): OpenedLedger | undefined {
    if (this.#fence !== undefined) return undefined;
    if (this.#lease === undefined) return this.#writing;
    return this.#writing?.isHolder() === true && this.#writing.ledger.isRunning
      ? this.#writing
      : undefined;
  }

  get role(): NodeRole {
    return this.writer === undefined ? 'reader' : 'writer';
  }

  /** The name and term it holds the lease under, for what signs beside it. */
  get identity(): NodeIdentity {
    return this.#node;
  }

  /**
   * The verifier key of what this node signs, or would sign. A ledger that was never signed gets
   * its key now, from the node that may sign; `undefined` when the key file has none.
   */
  verifierKey(): string | undefined {
    const { reader, parts } = this.#reading;
    const name = signingKeyName(reader.settings.ledgerId);
    const key = this.writer?.ledger.parts.keys.signingKey(name) ?? parts?.keys.findSigningKey(name);
    return key?.verifierKey;
  }

  /** The keys that this node's signatures verify with, now and before the key was changed. */
  async verifierKeys(): Promise<readonly VerifierKey[]> {
    const own = this.verifierKey();
    const store = this.#writing?.ledger.parts.store ?? this.#reading.parts?.store;
    return own === undefined || store === undefined ? [] : keysSoFar(store, own);
  }

  /** The key that signs for the ledger; `undefined` before its first use. */
  signer(): SignerKey | undefined {
    const name = signingKeyName(this.#reading.reader.settings.ledgerId);
    const { keys } = this;
    return keys?.findSigningKey(name) === undefined ? undefined : keys.signer(name);
  }

  /** The ledger's keys, as this node has them. */
  get keys(): KeyStore | undefined {
    return this.#writing?.ledger.parts.keys ?? this.#reading.parts?.keys;
  }

  /** The holder of the lease; `undefined` on a store that only one process writes. */
  get lease(): LeaseSeen | undefined {
    if (this.#lease === undefined) return undefined;
    if (this.writer !== undefined)
      return { holder: 'this_node', until: this.writer.leaseHealth()?.until };
    if (this.#standing === undefined) return { holder: 'unknown' };
    const { term, isFree } = this.#standing;
    return isFree || term === undefined
      ? { holder: 'nobody' }
      : { holder: 'another_node', until: term.until };
  }

  /** The state of renewing the lease while this node holds it. */
  get leaseHealth(): LeaseHealth | undefined {
    return this.#writing?.leaseHealth();
  }

  /**
   * The reason why this node takes no commands until it is started again: damage, or keys or
   * settings that are not the ledger's.
   */
  get writingEnded(): Error | undefined {
    return this.#ended;
  }

  /** The fence, once another machine took over. */
  get fenced(): Fence | undefined {
    return this.#fence;
  }

  /**
   * Ends the writing for good, because another machine takes over: takes no more commands, finishes
   * those it took, and keeps the fence in the file, so that a restart does not lift it.
   *
   * @returns the position of the last event; nothing is added behind it
   * @throws StoreUnavailableError when the store is not a SQLite file, or cannot be written; the
   *   node takes no commands even then, until it is started again
   */
  async fence(fence: Fence): Promise<Position | undefined> {
    const writing = this.#writing;
    if (writing === undefined || this.#lease !== undefined)
      throw new StoreUnavailableError({
        en: 'only a ledger in a SQLite file is fenced; nodes share a lease',
        zh: '只有 SQLite 文件中的账本可以隔离；节点共用租约',
      });
    this.#fence = fence;
    // A ledger that stopped acknowledges nothing anyway, and is fenced as it is.
    if (writing.ledger.isRunning) await writing.ledger.settle().catch(() => undefined);
    const { term, writer } = fence;
    setCustody(writing.ledger.parts.store, { role: 'fenced', other: writer, details: { term } });
    return this.#reading.reader.events.head();
  }

  /**
   * Says whether this node stopped taking commands because of its disk, or of one damaged agency,
   * and has to be opened again to go on. On an engine a node does that by itself.
   */
  async hasStopped(): Promise<boolean> {
    if (this.#lease !== undefined || this.#fence !== undefined) return false;
    if (this.#writing?.ledger.isRunning !== false) return false;
    const failure = await failureOf(this.#writing);
    return failure !== undefined && (!isForGood(failure) || isOfOneStream(failure));
  }

  /** The damage that ended the following of the store, if any. */
  get followingFailure(): Error | undefined {
    return this.#followed?.failure;
  }

  /** Finishes what was taken, signs, gives the lease back, and closes every part. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#followed?.stop();
    try {
      await this.#writing?.close();
    } finally {
      await this.#reading.close?.();
    }
  }

  async #run(): Promise<void> {
    const { termMs } = this.#node;
    for (;;) {
      const waitMs = this.#writing === undefined ? this.#competingMs() : termMs / watchesATerm;
      await pause(waitMs, undefined, { signal: this.#closing.signal, ref: false }).catch(
        () => undefined,
      );
      if (this.#closing.signal.aborted) return;
      if (this.#writing !== undefined) await this.#watch(this.#writing);
      else await this.#compete();
    }
  }

  /** Ends the writing side when it may not write any more, or cannot. */
  async #watch(writing: OpenedLedger): Promise<void> {
    const { failedRenewals, lastFailure } = writing.leaseHealth() ?? { failedRenewals: 0 };
    if (failedRenewals > this.#failedRenewals && lastFailure !== undefined)
      this.#notice({ kind: 'renewal_failed', failures: failedRenewals, error: lastFailure });
    this.#failedRenewals = failedRenewals;
    if (this.writer !== undefined) return;
    this.#writing = undefined;
    this.#standing = undefined;
    this.#failedRenewals = 0;
    const failure = writing.ledger.isRunning ? undefined : await failureOf(writing);
    this.#notice({ kind: 'role', role: 'reader', reason: failure?.message ?? 'its lease is lost' });
    // Opened again, a ledger refuses what needs a damaged stream, and takes the rest.
    if (failure !== undefined && isForGood(failure) && !isOfOneStream(failure)) this.#end(failure);
    this.#followed?.start();
    // A stopped ledger has said so to the senders of commands; another is opened only when nothing
    // of this one is in flight.
    await writing.close().catch(() => undefined);
  }

  /** The wait before the next look at the lease. */
  #competingMs(): number {
    const third = this.#node.termMs / 3;
    return jittered(this.#standing === undefined || this.#isOwn ? Math.min(third, soonMs) : third);
  }

  /** Says whether the lease stands under this node's name, left from a writing side that closed. */
  get #isOwn(): boolean {
    return this.#standing?.term?.holder === this.#node.holder;
  }

  /** Takes over when the lease is free, or is its own. */
  async #compete(): Promise<void> {
    try {
      this.#standing = await this.#lease?.look();
    } catch {
      this.#standing = undefined;
      return;
    }
    if (
      this.#ended !== undefined ||
      !(this.#standing?.isFree === true || this.#isOwn) ||
      this.#closing.signal.aborted
    )
      return;
    try {
      this.#writing = await openUnlessLocked({
        ...this.#options,
        openedAt: this.#clock.now(),
        node: { ...this.#node, takesBack: true },
      });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (isForGood(error)) this.#end(error);
      else this.#notice({ kind: 'takeover_failed', error });
      return;
    }
    if (this.#writing === undefined) return;
    await this.#followed?.stop();
    this.#notice({ kind: 'role', role: 'writer', reason: 'the lease was free' });
  }

  #end(error: Error): void {
    this.#ended = error;
    this.#notice({ kind: 'writing_ended', error });
  }
}

/**
 * A ledger open for writing, or nothing when another node has the lease, or this one lost it while
 * it began. Another process that has a file is an error as ever.
 */
async function openUnlessLocked(options: OpenLedger): Promise<OpenedLedger | undefined> {
  try {
    return await openLedger(options);
  } catch (error) {
    if (error instanceof LeaseLostError) return undefined;
    if (error instanceof StoreLockedError && !options.url.startsWith('sqlite:')) return undefined;
    throw error;
  }
}

/** The error that stopped a ledger, with its causes. */
async function failureOf({ ledger }: OpenedLedger): Promise<Error | undefined> {
  try {
    await ledger.settle();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * Says whether trying again would be wrong or useless: damage, other keys, other settings. An
 * engine that was away is none of these.
 */
function isForGood(error: Error): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    if (
      each instanceof IntegrityError ||
      each instanceof ForeignEventError ||
      each instanceof SigningKeyLostError ||
      each instanceof KeysOfAnotherLedgerError ||
      each instanceof KeysLockedError ||
      each instanceof LedgerSettingsError
    )
      return true;
  return false;
}

/** Says whether what stopped a ledger is damage of one agency, met while it was appended to. */
function isOfOneStream(error: Error): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    if (each instanceof IntegrityError)
      return each.place.stream !== undefined && agencyOfStream(each.place.stream) !== undefined;
  return false;
}

/** Between half of it and all, so that nodes that lost the same holder do not ask in step. */
function jittered(ms: number): number {
  return ms / 2 + randomInt(Math.max(1, Math.ceil(ms / 2)));
}
