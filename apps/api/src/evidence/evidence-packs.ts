import { hash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '@penalty-ledger/application';
import type { PackWanted } from '@penalty-ledger/application/packing';
import type { BuiltPack } from '@penalty-ledger/evidence';
import { epochMsOf, instantOf, type Instant } from '@penalty-ledger/ledger';
import type { Principal } from '@penalty-ledger/application/api-keys';
import { ApiProblem } from '../http/problems/api-problem.js';
import { unknownRecord } from '../http/problems/unknown-record.js';
import { senderName } from '../guard/principal.js';
import { FairQueue } from '../served/fair-queue.js';
import { EvidencePack, type PackProgress } from './evidence-pack.js';
import type { PackFiles } from './pack-files.js';

/** Packs that may wait while one is built. */
export const maxWaiting = 8;

/** Those of one requester, so that another one finds room. */
export const maxWaitingOfOne = 4;

/** Packs kept for all requesters together: a busy year is some megabytes. */
export const maxKept = 100;

/** Packs kept for one requester, so that none takes the place of all others. */
export const maxKeptForOne = 20;

/** The time for which a pack, or the reason of its failure, is kept. */
export const keptMs = 3_600_000;

const tooManyWait = {
  en: `${maxWaiting} evidence packs wait already`,
  zh: `已有 ${maxWaiting} 个证据包在排队`,
};
const tooManyOfOneWait = {
  en: `${maxWaitingOfOne} evidence packs of yours wait already`,
  zh: `您已有 ${maxWaitingOfOne} 个证据包在排队`,
};
const tooManyOfOne = {
  en: `${maxKeptForOne} packs are kept for you: delete one that you have fetched`,
  zh: `已为您保留 ${maxKeptForOne} 个证据包，请删除已下载的证据包`,
};
const tooManyKept = {
  en: `${maxKept} packs are kept already`,
  zh: `服务已保留 ${maxKept} 个证据包`,
};

/** Makes a pack; stops when the signal is aborted. */
export type BuildPack = (
  wanted: PackWanted,
  requester: Principal,
  building: { readonly onProgress: (progress: PackProgress) => void; readonly signal: AbortSignal },
) => Promise<BuiltPack>;

/** The parts that a service's packs are made with. */
export interface EvidencePackParts {
  readonly files: PackFiles;
  readonly clock: Clock;
  readonly build: BuildPack;
  /** Told why a pack could not be made. */
  readonly onError: (error: unknown) => void;
}

function newQueue(): FairQueue<EvidencePack> {
  return new FairQueue({ all: maxWaiting, ofOneSender: maxWaitingOfOne, takenOfOneSender: 1 });
}

/**
 * The packs that were asked for: one is built at a time, requesters take turns, a few wait, and
 * each is kept for an hour for its requester.
 */
export class EvidencePacks {
  readonly #packs = new Map<string, EvidencePack>();
  #waiting = newQueue();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(private readonly parts: EvidencePackParts) {}

  /**
   * Takes a request for a pack.
   *
   * @throws ApiProblem `unavailable` when too many wait or are kept, or the service is closing
   */
  async ask(wanted: PackWanted, requester: Principal): Promise<EvidencePack> {
    await this.sweep();
    const name = senderName(requester);
    this.#assertRoom(name);
    const pack = new EvidencePack(randomUUID(), requester, wanted, this.parts.clock.now());
    this.#packs.set(pack.id, pack);
    this.#waiting.push(name, pack);
    this.#working ??= this.#work();
    return pack;
  }

  /**
   * Finds a pack for its requester, the keys of the same agency, or an administrator.
   *
   * @throws ApiProblem `unknown_pack`
   */
  find(id: string, principal: Principal): EvidencePack {
    const pack = this.#packs.get(id);
    const isShown =
      pack !== undefined &&
      !this.#isExpired(pack) &&
      (principal.roles.includes('administrator') ||
        senderName(pack.requester) === senderName(principal));
    if (!isShown) throw unknownRecord('pack', id);
    return pack;
  }

  /**
   * Opens the file of a pack to read from; it is there once the pack is ready.
   *
   * @throws ApiProblem `unknown_pack` when it was deleted
   */
  async read({ id }: EvidencePack): Promise<FileHandle> {
    const file = await this.parts.files.read(id);
    if (file === undefined) throw unknownRecord('pack', id);
    return file;
  }

  /** Deletes a pack; one that waits or is being built is not made. */
  async remove(pack: EvidencePack): Promise<void> {
    const { status } = pack.state;
    this.#packs.delete(pack.id);
    pack.become({ status: 'gone' });
    if (status === 'waiting') this.#queueAnew();
    await this.parts.files.remove(pack.id);
  }

  /** Deletes those whose hour is over. */
  async sweep(): Promise<void> {
    for (const pack of [...this.#packs.values()])
      if (this.#isExpired(pack)) await this.remove(pack);
  }

  /** Deletes every pack that holds texts in clear: the keys to some of them were destroyed. */
  async removeDisclosed(): Promise<void> {
    for (const pack of [...this.#packs.values()])
      if (pack.wanted.disclose === true) await this.remove(pack);
  }

  /** Ends what is being built, and deletes all packs: none could be fetched from the next run. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const pack of [...this.#packs.values()]) await this.remove(pack);
    await this.#working;
    await this.parts.files.removeAll();
  }

  #assertRoom(requester: string): void {
    if (this.#isClosed)
      throw new ApiProblem('unavailable', { en: 'the service is closing', zh: '服务正在停止' });
    if (this.#waiting.size >= maxWaiting)
      throw new ApiProblem('unavailable', tooManyWait, { retryAfter: 10 });
    if (!this.#waiting.hasRoom(requester))
      throw new ApiProblem('unavailable', tooManyOfOneWait, { retryAfter: 10 });
    const all = [...this.#packs.values()];
    const own = all.filter((pack) => senderName(pack.requester) === requester);
    if (own.length >= maxKeptForOne)
      throw new ApiProblem('unavailable', tooManyOfOne, { retryAfter: this.#secondsToRoom(own) });
    if (all.length >= maxKept)
      throw new ApiProblem('unavailable', tooManyKept, { retryAfter: this.#secondsToRoom(all) });
  }

  /** Until the first of some packs is deleted; at least a second. */
  #secondsToRoom(packs: readonly EvidencePack[]): number {
    const now = epochMsOf(this.parts.clock.now());
    const ends = packs.map(({ state }) =>
      'expiresAt' in state ? epochMsOf(state.expiresAt) : now + keptMs,
    );
    return Math.max(1, Math.ceil((Math.min(...ends) - now) / 1_000));
  }

  async #work(): Promise<void> {
    for (let pack = this.#next(); pack !== undefined; pack = this.#next()) await this.#make(pack);
    this.#working = undefined;
  }

  /** Takes a pack out of the queue, of another requester each time. */
  #next(): EvidencePack | undefined {
    const taken = this.#waiting.take();
    if (taken === undefined) return undefined;
    this.#waiting.done(taken.sender);
    return taken.item;
  }

  /** Queues those that still wait, in the order they were asked for. */
  #queueAnew(): void {
    this.#waiting = newQueue();
    for (const pack of this.#packs.values())
      if (pack.state.status === 'waiting') this.#waiting.push(senderName(pack.requester), pack);
  }

  async #make(pack: EvidencePack): Promise<void> {
    const { id, wanted, requester, ended: signal } = pack;
    const onProgress = (progress: PackProgress): void =>
      pack.become({ status: 'building', progress });
    try {
      onProgress({ step: 'gathering', done: 0, of: 1 });
      const { zip, pages, missingGlyphs } = await this.parts.build(wanted, requester, {
        onProgress,
        signal,
      });
      onProgress({ step: 'storing', done: 0, of: 1 });
      await this.parts.files.write(id, zip);
      const [bytes, sha256] = [zip.length, hash('sha256', zip, 'hex')];
      pack.become({ status: 'ready', bytes, sha256, pages, missingGlyphs, expiresAt: this.#end() });
      // Deleted while it was written.
      if (signal.aborted) await this.parts.files.remove(id);
    } catch (error) {
      pack.become({ status: 'failed', error, expiresAt: this.#end() });
      if (!signal.aborted) this.parts.onError(error);
    }
  }

  #end(): Instant {
    return instantOf(epochMsOf(this.parts.clock.now()) + keptMs);
  }

  #isExpired({ state }: EvidencePack): boolean {
    return 'expiresAt' in state && state.expiresAt <= this.parts.clock.now();
  }
}
