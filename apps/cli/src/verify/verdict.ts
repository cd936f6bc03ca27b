import type { PackCheck } from '@penalty-ledger/evidence';

/** What became of one file that was verified by itself. */
export interface Verdict {
  readonly kind: string;
  readonly holds: boolean;
  /** What was checked and found, in order: a label, and what there is to say of it. */
  readonly found: readonly (readonly [label: string, text: string])[];
  /** The step that failed, by its name in the format's specification, and why. */
  readonly problem?: string;
  readonly message?: string;
  /** Of an evidence pack: every step, and whether it holds. */
  readonly checks?: readonly PackCheck[];
}
