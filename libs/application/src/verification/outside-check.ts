import { counted } from '@penalty-ledger/ledger';
import {
  checkReceipt,
  openCheckpoint,
  VerificationError,
  type CheckedReceipt,
  type Checkpoint,
  type VerifierKey,
} from '@penalty-ledger/merkle-log';
import type { Findings } from './damage.js';
import type { CheckedEvent, TreeAt } from './events-check.js';
import { differenceOf } from './log-check.js';

/** A receipt or a checkpoint that somebody kept outside the ledger. */
export interface OutsideFile {
  readonly kind: 'receipt' | 'checkpoint';
  /** Its name: the path. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Promised {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly receipt?: CheckedReceipt;
}

/**
 * Compares what others hold with the store: signed events must still be there, in their places,
 * with nothing before them changed.
 */
export class OutsideCheck {
  readonly #findings: Findings;
  readonly #promised: Promised[] = [];
  readonly #receipts = new Map<number, Promised[]>();
  readonly #files: number;

  constructor(files: readonly OutsideFile[], findings: Findings, keys: readonly VerifierKey[]) {
    this.#findings = findings;
    this.#files = files.length;
    for (const file of files) this.#read(file, keys);
  }

  get sizes(): readonly number[] {
    return this.#promised.map(({ checkpoint }) => checkpoint.size);
  }

  /** The size of the largest tree that one of them was signed for. */
  get largestHeld(): number {
    return this.sizes.reduce((one, other) => Math.max(one, other), 0);
  }

  leaf(index: number, { row, leafHash }: CheckedEvent): void {
    const { stream, revision, position } = row;
    for (const { name, receipt } of this.#receipts.get(index) ?? []) {
      const signed = (receipt as CheckedReceipt).leafHash;
      if (signed === leafHash) continue;
      this.#findings.damage(
        'outside',
        { stream, revision, position },
        {
          en: `"${name}" is for the leaf hash ${signed}, and the store has ${leafHash} there`,
          zh: `"${name}" 对应叶哈希 ${signed}，而存储中该处为 ${leafHash}`,
        },
      );
    }
  }

  at({ size, root, heads }: TreeAt): void {
    for (const { name, checkpoint } of this.#promised) {
      const differing =
        checkpoint.size === size ? differenceOf(checkpoint, root, heads) : undefined;
      if (differing !== undefined)
        this.#findings.damage(
          'outside',
          {},
          {
            en:
              `"${name}" was signed for ${counted(size, 'event')} and ${differing.en}: ` +
              'the ledger has shown another history',
            zh: `"${name}" 为 ${size} 个事件签署，${differing.zh}：账本曾出示另一段历史`,
          },
        );
    }
  }

  finish(events: number): void {
    for (const { name, checkpoint } of this.#promised) {
      if (checkpoint.size > events)
        this.#findings.damage(
          'outside',
          {},
          {
            en:
              `"${name}" was signed for ${counted(checkpoint.size, 'event')}, ` +
              `and the store holds ${events}: the tail is gone`,
            zh: `"${name}" 为 ${checkpoint.size} 个事件签署，而存储有 ${events} 个：尾部已丢失`,
          },
        );
    }
    if (this.#files > 0) this.#findings.counted('outside', this.#files, 'files');
  }

  #read({ kind, name, bytes }: OutsideFile, keys: readonly VerifierKey[]): void {
    try {
      if (kind === 'checkpoint') {
        this.#promised.push({ name, checkpoint: openCheckpoint(bytes, keys) });
        return;
      }
      const receipt = checkReceipt(bytes, keys);
      const promised = { name, checkpoint: receipt.checkpoint, receipt };
      this.#promised.push(promised);
      this.#receipts.set(receipt.index, [...(this.#receipts.get(receipt.index) ?? []), promised]);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      const { en, zh } = error.inBoth;
      this.#findings.damage(
        'outside',
        {},
        { en: `"${name}": ${error.problem}: ${en}`, zh: `"${name}"：${error.problem}：${zh}` },
      );
    }
  }
}
