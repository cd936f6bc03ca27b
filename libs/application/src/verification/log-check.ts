import { counted, type InBoth } from '@penalty-ledger/ledger';
import { LogFile, type KeptCheckpoint, type LogProgress } from '@penalty-ledger/sequencer';
import {
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  tileWidth,
  updatePages,
  VerificationError,
  type Checkpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import type { Findings } from './damage.js';
import type { KeptLeaf, TreeAt } from './events-check.js';

const hashLength = 32;

/** The number of differing leaves that are named one by one; another history differs in all. */
const leavesNotified = 10;

/**
 * Compares the content of the Merkle log's file (tiles, heads, checkpoints) with the tree that the
 * stored events make.
 */
export class LogCheck {
  readonly #file: LogFile;
  readonly #findings: Findings;
  readonly #keys: readonly VerifierKey[];
  readonly #progress: LogProgress;
  readonly #kept: readonly KeptCheckpoint[];
  readonly #checkpoints = new Map<number, Checkpoint>();
  #tiles = 0;
  #differing = 0;

  constructor(file: LogFile, findings: Findings, keys: readonly VerifierKey[]) {
    this.#file = file;
    this.#findings = findings;
    this.#keys = keys;
    this.#progress = file.progress;
    this.#kept = file.checkpoints();
    if (keys.length === 0 && this.#kept.length > 0)
      findings.damage(
        'checkpoints',
        {},
        {
          en: 'there is no key to check their signatures with: give --key',
          zh: '没有可用于检查其签名的密钥：请给出 --key',
        },
      );
    for (const kept of this.#kept) this.#read(kept);
  }

  /** The sizes of the checkpoints that are kept. */
  get keptSizes(): ReadonlySet<number> {
    return new Set(this.#kept.map(({ size }) => size));
  }

  /** The sizes at which the tree is to be looked at. */
  get sizes(): readonly number[] {
    return [...this.#checkpoints.keys(), this.#progress.size];
  }

  at({ size, root, heads, headOf }: TreeAt): void {
    const checkpoint = this.#checkpoints.get(size);
    if (checkpoint !== undefined) this.#compare(checkpoint, root, heads);
    if (size !== this.#progress.size) return;
    let kept = 0;
    for (const { stream, revision, leafHash } of this.#file.heads()) {
      kept += 1;
      const found = headOf.get(stream);
      if (found?.revision === revision && found.leafHash === leafHash) continue;
      const problem: InBoth =
        found === undefined
          ? { en: 'no such stream', zh: '没有该事件流' }
          : {
              en: `revision ${found.revision} with the leaf hash ${found.leafHash}`,
              zh: `为流内序号 ${found.revision}，叶哈希 ${found.leafHash}`,
            };
      this.#findings.damage(
        'tree',
        { stream, revision },
        {
          en: `it is kept as the stream's head, and the store has ${problem.en}`,
          zh: `它被存为该事件流的流头，而存储中${problem.zh}`,
        },
      );
    }
    if (kept < heads.count)
      this.#findings.damage(
        'tree',
        {},
        {
          en:
            `it keeps the heads of ${counted(kept, 'stream')}, ` +
            `and the events are of ${heads.count}`,
          zh: `它存有 ${kept} 个事件流的流头，而事件属于 ${heads.count} 个事件流`,
        },
      );
    // Pages lag behind the heads while nothing was signed, and then nothing rests on them.
    if (this.#file.movedHeads().length === 0) this.#comparePages();
  }

  tile(level: number, index: number, hashes: Uint8Array): void {
    const inRow = Math.floor(this.#progress.size / tileWidth ** level);
    const width = Math.min(tileWidth, inRow - index * tileWidth, hashes.length / hashLength);
    if (width <= 0) return;
    this.#tiles += 1;
    const stored = this.#file.tile(level, index, width);
    if (stored === undefined) {
      this.#findings.damage(
        'tree',
        {},
        {
          en:
            `tile ${index} of level ${level} is missing, ` +
            `or has not ${counted(width, 'hash', 'hashes')}`,
          zh: `第 ${level} 层的树块 ${index} 缺失，或不足 ${width} 个哈希`,
        },
      );
      return;
    }
    if (Buffer.compare(stored, hashes.subarray(0, width * hashLength)) === 0) return;
    if (level === 0) this.#tellLeaves(index, width, stored, hashes);
    else if (this.#differing === 0)
      this.#findings.damage(
        'tree',
        {},
        {
          en: `tile ${index} of level ${level} does not have the hashes of the tiles below it`,
          zh: `第 ${level} 层的树块 ${index} 与其下各树块的哈希不符`,
        },
      );
  }

  /**
   * The leaf of an event whose engine has positions with gaps. Only the log says which leaf an
   * event there was.
   */
  kept(index: number): KeptLeaf | undefined {
    const { cursor, size } = this.#progress;
    if (index >= size || cursor?.includes('/') !== true) return undefined;
    const [tileIndex, offset] = [Math.floor(index / tileWidth), index % tileWidth];
    const hashes = this.#file.tile(0, tileIndex, offset + 1);
    if (hashes === undefined) return undefined;
    const leafHash = Buffer.from(hashes.subarray(offset * hashLength)).toString('hex');
    const position = this.#file.knownPositionOf(index);
    return position === undefined ? undefined : { position, leafHash };
  }

  finish(events: number): void {
    if (this.#differing > leavesNotified)
      this.#findings.damage(
        'tree',
        {},
        {
          en:
            `${this.#differing - leavesNotified} more leaves are of other events ` +
            'than the store holds',
          zh: `另有 ${this.#differing - leavesNotified} 片叶与存储中的事件不符`,
        },
      );
    const { size } = this.#progress;
    if (size > events)
      this.#findings.damage(
        'tree',
        {},
        {
          en:
            `it has ${counted(size, 'leaf', 'leaves')}, ` +
            `and the store ${counted(events, 'event')}: the tail is gone`,
          zh: `它有 ${size} 片叶，而存储有 ${events} 个事件：尾部已丢失`,
        },
      );
    for (const each of this.#checkpoints.values()) {
      if (each.size > events)
        this.#findings.damage(
          'checkpoints',
          {},
          {
            en:
              `one was signed for ${counted(each.size, 'event')}, ` +
              `and the store holds ${events}: the tail is gone`,
            zh: `有一个为 ${each.size} 个事件签署，而存储有 ${events} 个：尾部已丢失`,
          },
        );
    }
    this.#findings.counted('tree', this.#tiles, 'tiles');
    this.#findings.counted('checkpoints', this.#kept.length, 'kept');
  }

  /** Makes the map of stream heads again from the heads, and holds every page against it. */
  #comparePages(): void {
    let differing = this.#file.countPages();
    updatePages(this.#file, 'all', (prefix, page) => {
      if (Buffer.compare(this.#file.page(prefix) ?? Buffer.alloc(0), page) === 0) differing -= 1;
      else if (this.#file.page(prefix) === undefined) differing += 1;
    });
    if (differing > 0)
      this.#findings.damage(
        'tree',
        {},
        {
          en:
            `its map of stream heads has ${counted(differing, 'page')} ` +
            'without the hashes of the heads',
          zh: `其流头表有 ${differing} 页与各流头的哈希不符`,
        },
      );
  }

  #read(kept: KeptCheckpoint): void {
    try {
      const checkpoint =
        this.#keys.length > 0
          ? openCheckpoint(kept.note, this.#keys)
          : parseCheckpoint(parseNote(kept.note).text);
      if (checkpoint.size !== kept.size)
        this.#findings.damage(
          'checkpoints',
          {},
          {
            en: `the one kept for ${counted(kept.size, 'event')} was signed for ${checkpoint.size}`,
            zh: `为 ${kept.size} 个事件保存的检查点，签署的是 ${checkpoint.size} 个事件`,
          },
        );
      this.#checkpoints.set(checkpoint.size, checkpoint);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      this.#findings.damage(
        'checkpoints',
        {},
        {
          en: `the one for ${counted(kept.size, 'event')}: ${error.problem}: ${error.inBoth.en}`,
          zh: `${kept.size} 个事件的检查点：${error.problem}：${error.inBoth.zh}`,
        },
      );
      this.#compareUnsigned(kept);
    }
  }

  /** A note whose signature does not hold may still say what the tree was. */
  #compareUnsigned({ note }: KeptCheckpoint): void {
    try {
      const checkpoint = parseCheckpoint(parseNote(note).text);
      this.#checkpoints.set(checkpoint.size, checkpoint);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
    }
  }

  #compare(checkpoint: Checkpoint, root: string, heads: TreeAt['heads']): void {
    const differing = differenceOf(checkpoint, root, heads);
    if (differing !== undefined)
      this.#findings.damage(
        'checkpoints',
        {},
        {
          en: `one was signed for ${counted(checkpoint.size, 'event')} and ${differing.en}`,
          zh: `有一个为 ${checkpoint.size} 个事件签署，${differing.zh}`,
        },
      );
  }

  #tellLeaves(index: number, width: number, stored: Uint8Array, hashes: Uint8Array): void {
    for (let leaf = 0; leaf < width; leaf += 1) {
      const [from, to] = [leaf * hashLength, (leaf + 1) * hashLength];
      const [kept, found] = [stored.subarray(from, to), hashes.subarray(from, to)];
      if (Buffer.compare(kept, found) === 0) continue;
      this.#differing += 1;
      if (this.#differing > leavesNotified) continue;
      const position = index * tileWidth + leaf + 1;
      const [inTree, ofEvent] = [kept, found].map((hash) => Buffer.from(hash).toString('hex'));
      const problem: InBoth = {
        en: `the tree has the leaf ${inTree} there, and the event has the hash ${ofEvent}`,
        zh: `树中该处的叶为 ${inTree}，而事件的哈希为 ${ofEvent}`,
      };
      this.#findings.damage('tree', { position }, problem);
    }
  }
}

/** The difference of a checkpoint from the tree of its size; `undefined` for none. */
export function differenceOf(
  checkpoint: Checkpoint,
  root: string,
  heads: TreeAt['heads'],
): InBoth | undefined {
  if (checkpoint.root !== root)
    return {
      en:
        `the root ${checkpoint.root}, ` +
        `and that of the first ${counted(checkpoint.size, 'event')} is ${root}`,
      zh: `根为 ${checkpoint.root}，而前 ${checkpoint.size} 个事件的根为 ${root}`,
    };
  const { streamHeads } = checkpoint;
  if (streamHeads.count === heads.count && streamHeads.root === heads.root) return undefined;
  return {
    en:
      `${streamHeads.count} stream heads with the root ${streamHeads.root}, ` +
      `and these events have ${heads.count} with the root ${heads.root}`,
    zh:
      `流头 ${streamHeads.count} 个，根为 ${streamHeads.root}，` +
      `而这些事件有流头 ${heads.count} 个，根为 ${heads.root}`,
  };
}
