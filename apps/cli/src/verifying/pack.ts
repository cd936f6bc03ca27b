import { verifyPack } from '@penalty-ledger/evidence';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import type { Verdict } from './verdict.js';

/** What a reader has kept of the ledger, to hold a pack against. */
export interface HeldFiles {
  readonly receipts: readonly Uint8Array[];
  readonly checkpoints: readonly Uint8Array[];
}

/** Verifies an evidence pack; every step is said, by its name in `docs/spec/evidence-pack.md`. */
export function verdictOnPack(bytes: Uint8Array, keys: readonly VerifierKey[], held: HeldFiles): Verdict {
  const { holds, checks } = verifyPack(bytes, { keys, ...held });
  const failed = checks.find(({ result }) => result === 'fails');
  return {
    kind: 'evidence pack',
    holds,
    found: [],
    ...(failed?.problem !== undefined && { problem: failed.problem, message: failed.message }),
    checks,
  };
}
