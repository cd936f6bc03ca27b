import {
  BoundedCache,
  comparePositions,
  DamagedStreams,
  envelopeOf,
  IntegrityError,
  type EventStore,
  type Position,
  type StoredEvent,
} from '@penalty-ledger/event-store';
import { counted, laterOf, SpokenError, type InBoth, type Instant } from '@penalty-ledger/ledger';
import {
  checkAbsence,
  checkHead,
  checkInclusion,
  consistencyProof,
  emptyRoot,
  formatReceipt,
  inclusionProof,
  proveAbsenceFrom,
  proveHeadFrom,
  rootAt,
  signCheckpoint,
  updatePages,
  type AbsenceProof,
  type Checkpoint,
  type Hash,
  type HeadProof,
  type SignerKey,
  type StreamHead,
} from '@penalty-ledger/merkle-log';
import {
  checkContinues,
  checkHeads,
  checkKept,
  checkLength,
  checkSigned,
  eventAt,
} from './continuity.js';
import { HeadsBefore } from './heads-before.js';
import { makeLeaves } from './leaves.js';
import { LogFile, type KeptCheckpoint, type StoredHead } from './log-file.js';
import { checkpointOf, proved } from './proving.js';

/** Called while events are given their leaves: how many so far in this run. */
export type OnProgress = (events: number) => void;

/** That an event is a leaf of the latest checkpoint's tree. */
export interface InclusionProof {
  readonly event: StoredEvent;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Hash[];
  /** The signed checkpoint. */
  readonly checkpoint: string;
}

/** There is no such event or stream to prove something of. */
export class NothingToProveError extends RangeError {
  constructor(readonly inBoth: InBoth) {
    super(inBoth.en);
  }
}

/** No checkpoint is late enough to prove what was asked: sign one first. */
export class NotYetSignedError extends SpokenError {
  declare readonly inBoth: InBoth;
  readonly code = 'not_yet_signed';

  constructor(text: InBoth) {
    super(text);
    this.name = 'NotYetSignedError';
  }
}

/** Events that become leaves in one transaction. */
const batchSize = 4_000;

/** Streams whose last event is remembered from catching up to signing; others are read again. */
const justReadLimit = 20_000;

/** The tree's size after the last leaf, and the leaf hash of what was last read of each stream. */
interface CaughtUp {
  readonly size: number;
  readonly justRead: BoundedCache<string, Hash>;
}

/** A checkpoint that was signed, and what it says. */
export interface SignedTree {
  /** The signed note. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/** The source of {@link Sequencer.latest}, so that a note is read once. */
type Opened = KeptCheckpoint & SignedTree;

/**
 * Gives every event of a store its leaf in the Merkle tree, signs checkpoints, and proves what they
 * hold (`docs/spec/checkpoint.md`). It catches up when asked, not while events are appended.
 * Several processes may share the file: a batch of leaves that another process appended first is
 * skipped.
 *
 * A store that contradicts a signed checkpoint, because its tail is gone or its history differs, is
 * refused: each method that takes in events or signs throws `IntegrityError`.
 */
export class Sequencer {
  readonly #file: LogFile;
  readonly #store: EventStore;
  #latest: Opened | undefined;
  /** The heads at a checkpoint's size, once somebody asked. */
  #signed: HeadsBefore | undefined;

  private constructor(file: LogFile, store: EventStore) {
    this.#file = file;
    this.#store = store;
  }

  /**
   * Opens the log of a store's events, or begins one. It does not own the store.
   *
   * @param path the log's file, or `:memory:`
   * @throws IntegrityError when a checkpoint that was signed says otherwise than the store
   */
  static async open(path: string, store: EventStore): Promise<Sequencer> {
    const file = LogFile.open(path);
    try {
      const sequencer = new Sequencer(file, store);
      await checkLength(file, store);
      checkKept(file, sequencer.latest?.checkpoint);
      return sequencer;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Opens the log after dropping everything that follows from the events, and makes that again: for
   * a file whose tiles were damaged. Checkpoints stay, and the new tree must lead to the latest.
   *
   * @throws IntegrityError as {@link Sequencer.open}
   */
  static async openAnew(
    path: string,
    store: EventStore,
    onProgress?: OnProgress,
  ): Promise<Sequencer> {
    const file = LogFile.open(path);
    try {
      file.forgetTree();
      const sequencer = new Sequencer(file, store);
      await sequencer.catchUp(onProgress);
      return sequencer;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Puts the guards of the log's file back that are missing or were changed. */
  putGuardsBack(): void {
    this.#file.putGuardsBack();
  }

  /** Leaves of the tree so far. */
  get size(): number {
    return this.#file.progress.size;
  }

  /** Every checkpoint that was signed and kept, smallest tree first. */
  get checkpoints(): readonly KeptCheckpoint[] {
    return this.#file.checkpoints();
  }

  /** Up to `limit` checkpoints of larger trees than one of `size` leaves, smallest first. */
  checkpointsAfter(size: number, limit: number): readonly KeptCheckpoint[] {
    return this.#file.checkpointsAfter(size, limit);
  }

  /** The checkpoint of the largest tree, if one was signed. */
  get latest(): SignedTree | undefined {
    const kept = this.#file.latestCheckpoint();
    if (kept === undefined) return undefined;
    if (this.#latest?.note !== kept.note)
      this.#latest = { ...kept, checkpoint: checkpointOf(kept) };
    return this.#latest;
  }

  /**
   * The position of the last event in the latest checkpoint; `undefined` before the first
   * checkpoint.
   *
   * @throws IntegrityError when the log has lost it
   */
  get signedUpTo(): Position | undefined {
    const { latest } = this;
    return latest === undefined ? undefined : this.#file.positionOf(latest.checkpoint.size - 1);
  }

  /**
   * Makes leaves of all events that are not leaves yet.
   *
   * @returns the tree's size after the last of them, where an append ends. Another process may have
   * gone on from there, and be in the middle of an append
   * @throws IntegrityError when an event does not follow what the tree holds, or the tree does not
   * lead to the latest checkpoint
   */
  async catchUp(onProgress?: OnProgress): Promise<number> {
    return (await this.#catchUp(onProgress)).size;
  }

  /** As {@link catchUp}; also gives the leaf hash of the last event that it read of each stream. */
  async #catchUp(onProgress: OnProgress = () => undefined): Promise<CaughtUp> {
    const justRead = new BoundedCache<string, Hash>(justReadLimit);
    await checkLength(this.#file, this.#store);
    let done = 0;
    // More than once only when another process appends to the tree as well: then on from its end.
    for (;;) {
      const { cursor, size: before } = this.#file.progress;
      const head = await this.#store.head();
      let size = before;
      let last = cursor;
      let isRead = true;
      // A damaged event that is a leaf keeps its leaf; one that came since never becomes one.
      const damaged = new DamagedStreams(cursor);
      const later =
        comparePositions(cursor, head) < 0
          ? this.#store.readAll({
              ...(cursor !== undefined && { after: cursor }),
              batchSize,
              onDamage: damaged.onDamage,
            })
          : [];
      for await (const batch of later) {
        const events = damaged.kept(batch);
        if (!makeLeaves(this.#file, events, size, last)) {
          isRead = false;
          break;
        }
        for (const { stream, leafHash } of events) justRead.set(stream, leafHash);
        last = events.at(-1)?.position ?? last;
        size += events.length;
        done += events.length;
        onProgress(done);
      }
      if (!isRead) continue;
      checkSigned(this.#file);
      checkKept(this.#file, this.latest?.checkpoint);
      return { size, justRead };
    }
  }

  /**
   * Catches up, and signs for the whole tree, which then ends where an append ends: no checkpoint
   * divides what one command recorded. At a size that was signed for, gives that checkpoint again.
   *
   * @param signers the ledger's key, whose name is the origin, and keys that sign beside it
   * @param at now; the checkpoint's `signed-at`, unless an event or a checkpoint is later
   * @throws IntegrityError when the store contradicts what was signed before; RangeError when it is
   * empty
   */
  async checkpoint(
    signers: SignerKey | readonly [SignerKey, ...SignerKey[]],
    at: Instant,
    onProgress?: OnProgress,
  ): Promise<string> {
    const all = 'name' in signers ? ([signers] as const) : signers;
    for (;;) {
      const { size: complete, justRead } = await this.#catchUp(onProgress);
      await checkHeads(this.#file, this.#store, this.latest?.checkpoint, justRead);
      const note = this.#file.inOneStep(() => this.#signAt(complete, all, at));
      if (note !== undefined) return note;
    }
  }

  /** Signs for the tree of this size; signs nothing when another process has made it larger. */
  #signAt(
    complete: number,
    signers: readonly [SignerKey, ...SignerKey[]],
    at: Instant,
  ): string | undefined {
    const { size, lastRecordedAt = at } = this.#file.progress;
    if (size !== complete) return undefined;
    const { latest } = this;
    if (latest?.checkpoint.size === size) return latest.note;
    if (size === 0) throw new RangeError('the store is empty: there is nothing to sign for');
    const heads = this.#bringHeadsUp();
    const signedAt = [lastRecordedAt, (latest?.checkpoint.signedAt ?? at) as Instant].reduce(
      laterOf,
      at,
    );
    const checkpoint: Checkpoint = {
      origin: signers[0].name,
      size,
      root: rootAt(this.#file, size),
      streamHeads: heads,
      signedAt,
    };
    if (latest !== undefined) checkContinues(this.#file, latest.checkpoint, size, checkpoint.root);
    const note = signCheckpoint(checkpoint, signers);
    this.#file.keep({ size, note });
    return note;
  }

  /**
   * Keeps checkpoints that were signed elsewhere for the same events: by another node, or before
   * the ledger moved to this engine. The tree must lead to each. Those up to the size of the latest
   * one kept here are checked and not kept again.
   *
   * @param notes signed notes; the caller checks their signatures
   * @throws IntegrityError when the events lead to another tree, or are fewer: nothing of the notes
   * is then kept
   */
  async adopt(notes: readonly KeptCheckpoint[]): Promise<void> {
    await this.catchUp();
    const inOrder = [...notes].sort((one, other) => one.size - other.size);
    for (const kept of inOrder) {
      const { size, root } = checkpointOf(kept);
      if (size > this.size)
        throw new IntegrityError(
          {
            en:
              `the store holds ${counted(this.size, 'event')}, ` +
              `and a checkpoint of ${size} was signed`,
            zh: `存储中有 ${this.size} 个事件，而已签署过 ${size} 个事件的检查点`,
          },
          {},
        );
      const found = proved({}, () => rootAt(this.#file, size));
      if (found !== root)
        throw new IntegrityError(
          {
            en:
              `a checkpoint of ${counted(size, 'event')} was signed with the root ${root}, ` +
              `but the root of the first ${counted(size, 'event')} is ${found}: ` +
              'it is another history',
            zh:
              `${size} 个事件的检查点签署时的根为 ${root}，而前 ${size} 个事件的根为 ` +
              `${found}：这是另一份历史`,
          },
          {},
        );
    }
    this.#file.inOneStep(() => {
      let last = this.#file.latestCheckpoint()?.size ?? 0;
      for (const kept of inOrder) {
        if (kept.size <= last) continue;
        this.#file.keep(kept);
        last = kept.size;
      }
    });
  }

  /**
   * The root hash of the tree now. @throws IntegrityError when its tiles are damaged; RangeError
   * when it is empty
   */
  get root(): Hash {
    const { size } = this;
    if (size === 0) throw new RangeError('the tree is empty');
    return proved({}, () => rootAt(this.#file, size));
  }

  /** The last event of every stream in the tree; to be read before the tree grows. */
  get heads(): Iterable<StoredHead> {
    return this.#file.heads();
  }

  /**
   * Proves that an event is in a checkpoint's tree.
   *
   * @param under the checkpoint, for proofs that all stand under one; the latest by default
   * @throws NothingToProveError when the event does not exist; NotYetSignedError when it came after
   * that checkpoint, or before the first checkpoint
   * @throws IntegrityError when the tree holds another event there
   */
  async inclusionProofOf(
    stream: string,
    revision: number,
    under?: SignedTree,
  ): Promise<InclusionProof> {
    const event = await eventAt(this.#store, stream, revision);
    if (event === undefined)
      throw new NothingToProveError({
        en: `stream "${stream}" has no event ${revision}`,
        zh: `事件流 "${stream}" 中没有流内序号为 ${revision} 的事件`,
      });
    const { note, checkpoint } =
      under ??
      this.#latestOrNone({
        en: `event ${revision} of stream "${stream}"`,
        zh: `事件流 "${stream}" 中流内序号为 ${revision} 的事件`,
      });
    const index = this.#leafOf(event);
    if (index === undefined || index >= checkpoint.size) {
      const [en, zh] = under === undefined ? ['the latest', '最近的'] : ['the', '该'];
      throw new NotYetSignedError({
        en:
          `event ${revision} of stream "${stream}" came after ${en} checkpoint, ` +
          `of ${counted(checkpoint.size, 'event')}`,
        zh:
          `事件流 "${stream}" 中流内序号为 ${revision} 的事件晚于${zh}检查点` +
          `（${checkpoint.size} 个事件）`,
      });
    }
    const proof = proved({ stream, revision, position: event.position }, () => {
      const found = inclusionProof(this.#file, index, checkpoint.size);
      checkInclusion(event.leafHash, index, checkpoint.size, found, checkpoint.root);
      return found;
    });
    return { event, index, proof, checkpoint: note };
  }

  /**
   * Proves that the tree of `to` leaves begins with that of `from`.
   *
   * @throws RangeError when the tree has not as many leaves
   */
  consistencyProof(from: number, to: number): readonly Hash[] {
    if (to > this.size)
      throw new RangeError(`the tree has ${counted(this.size, 'leaf', 'leaves')}, not ${to}`);
    return consistencyProof(this.#file, from, to);
  }

  /**
   * Proves that a stream ends, in a checkpoint, with the event it gives.
   *
   * @param under the checkpoint; the latest by default
   * @throws NothingToProveError when the checkpoint does not hold the stream; NotYetSignedError
   * before the first checkpoint
   */
  async proveHead(
    stream: string,
    under?: SignedTree,
  ): Promise<{ readonly head: StreamHead; readonly proof: HeadProof }> {
    return this.#provedByHeads(
      stream,
      under,
      { en: `the head of stream "${stream}"`, zh: `事件流 "${stream}" 的流头` },
      (heads, checkpoint) => {
        const head = heads.head(stream);
        if (head === undefined)
          throw new NothingToProveError({
            en: `the checkpoint of ${counted(checkpoint.size, 'event')} has no stream "${stream}"`,
            zh: `${checkpoint.size} 个事件的检查点中没有事件流 "${stream}"`,
          });
        const proof = proveHeadFrom(heads, stream);
        checkHead(stream, head, proof, checkpoint.streamHeads.root);
        return { head, proof };
      },
    );
  }

  /**
   * Proves that a checkpoint does not hold a stream.
   *
   * @param under the checkpoint; the latest by default
   * @throws NothingToProveError when it does; NotYetSignedError before the first checkpoint
   */
  async proveAbsence(stream: string, under?: SignedTree): Promise<AbsenceProof> {
    return this.#provedByHeads(
      stream,
      under,
      { en: `the absence of stream "${stream}"`, zh: `不存在事件流 "${stream}"` },
      (heads, checkpoint) => {
        if (heads.head(stream) !== undefined)
          throw new NothingToProveError({
            en: `the checkpoint of ${counted(checkpoint.size, 'event')} has a stream "${stream}"`,
            zh: `${checkpoint.size} 个事件的检查点中有事件流 "${stream}"`,
          });
        const proof = proveAbsenceFrom(heads, stream);
        checkAbsence(stream, proof, checkpoint.streamHeads.root);
        return proof;
      },
    );
  }

  /**
   * The receipt for an event (`docs/spec/receipt.md`).
   *
   * @param under the checkpoint; the latest by default
   * @throws as {@link inclusionProofOf}
   */
  async receiptFor(
    { stream, revision }: Pick<StoredEvent, 'stream' | 'revision'>,
    under?: SignedTree,
  ): Promise<string> {
    const { event, index, proof, checkpoint } = await this.inclusionProofOf(
      stream,
      revision,
      under,
    );
    return formatReceipt({ body: Buffer.from(event.body), index, proof, checkpoint });
  }

  close(): void {
    this.#file.close();
  }

  /** The event's leaf; `undefined` when it came after all that the tree holds. */
  #leafOf({ stream, revision, position }: StoredEvent): number | undefined {
    const leaf = this.#file.leafAt(position);
    if (leaf === undefined && comparePositions(position, this.#file.progress.cursor) <= 0) {
      const place = { stream, revision, position };
      throw new IntegrityError(
        {
          en: 'the tree went past it and has no leaf for it: another history',
          zh: '树已越过它，却没有它的叶：这是另一份历史',
        },
        place,
      );
    }
    return leaf;
  }

  #latestOrNone(what: InBoth): SignedTree {
    const { latest } = this;
    if (latest === undefined)
      throw new NotYetSignedError({
        en: `no checkpoint was signed yet: nothing proves ${what.en}`,
        zh: `尚未签署检查点，无法证明${what.zh}`,
      });
    return latest;
  }

  /**
   * The map of all heads of the tree, with its pages brought up; in one step with what is signed
   * for it.
   */
  #bringHeadsUp(): Checkpoint['streamHeads'] {
    const { streams } = this.#file.progress;
    const moved = this.#file.movedHeads();
    const root = proved({}, () =>
      this.#file.putPages((put) => updatePages(this.#file, moved, put)),
    );
    return { count: streams, root };
  }

  /**
   * The heads at the size of a checkpoint: those of now, with every stream that grew since taken
   * back to its head then.
   */
  async #headsAt(size: number): Promise<HeadsBefore> {
    if (this.#signed?.size === size && this.#signed.fileSize === this.size) return this.#signed;
    if (this.size < size) await this.catchUp();
    const until = this.size;
    const before = new Map<string, StreamHead | undefined>();
    if (until > size) {
      let leaf = size;
      for await (const batch of this.#store.readAll({
        after: this.#file.positionOf(size - 1),
        batchSize,
      })) {
        for (const { stream, revision, body } of batch) {
          const isLater = leaf >= until;
          leaf += 1;
          if (isLater || before.has(stream)) continue;
          const leafHash = envelopeOf(body)?.previous ?? emptyRoot;
          before.set(stream, revision === 0 ? undefined : { revision: revision - 1, leafHash });
        }
      }
    }
    this.#signed = proved({}, () => new HeadsBefore(this.#file, before, { size, fileSize: until }));
    return this.#signed;
  }

  /**
   * Proves from the heads at a checkpoint, the latest by default. Another process that makes leaves
   * meanwhile moves the file's heads: then it tries again.
   */
  async #provedByHeads<Result>(
    stream: string,
    under: SignedTree | undefined,
    what: InBoth,
    prove: (heads: HeadsBefore, checkpoint: Checkpoint) => Result,
  ): Promise<Result> {
    for (;;) {
      const { checkpoint } = under ?? this.#latestOrNone(what);
      const heads = await this.#headsAt(checkpoint.size);
      try {
        return proved({ stream }, () => prove(heads, checkpoint));
      } catch (error) {
        if (heads.fileSize === this.size) throw error;
      }
    }
  }
}
