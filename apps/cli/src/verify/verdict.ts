import type { Sentence } from '@penalty-ledger/ledger';
import type { PackReport } from '@penalty-ledger/evidence';

/** The facts in a signed file that holds, and the ledger that signed it. */
export interface SignedFacts {
  readonly origin: string;
  readonly found: Verdict['found'];
}

/** The result of verifying one file by itself. */
export interface Verdict {
  readonly kind: 'checkpoint' | 'evidence pack' | 'receipt';
  readonly holds: boolean;
  /** The facts that were checked, in order: a label and a text. */
  readonly found: readonly (readonly [label: string, text: string])[];
  /** The step that failed, by its name in the format's specification, and the reason. */
  readonly problem?: string;
  readonly message?: Sentence;
  /** Each step of an evidence pack, with its result. */
  readonly checks?: PackReport['checks'];
  /** Each file of an evidence pack, and what binds its bytes. */
  readonly parts?: PackReport['parts'];
  /** Parts of an evidence pack that were not looked at. */
  readonly notChecked?: PackReport['notChecked'];
  /** The facts that an evidence pack was verified for, when it holds. */
  readonly verified?: PackReport['verified'];
  /** Present when the file is of a simulation, by what was signed. */
  readonly simulation?: boolean;
}
