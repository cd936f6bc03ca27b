import { installedPrinter } from '@penalty-ledger/application/installed-printer';
import { verifyPack, type StatementPrinter } from '@penalty-ledger/evidence';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import { note } from '../terminal/io.js';
import { messageOf } from '../terminal/reason.js';

import type { Verdict } from './verdict.js';

/** What a reader has kept of the ledger, to hold a pack against. */
export interface HeldFiles {
  readonly receipts: readonly Uint8Array[];
  readonly checkpoints: readonly Uint8Array[];
}

/** Verifies an evidence pack; every step is said, by its name in `docs/spec/evidence-pack.md`. */
export async function verdictOnPack(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
  held: HeldFiles,
): Promise<Verdict> {
  const printer = await printerFor(bytes);
  const { holds, checks } = verifyPack(bytes, {
    keys,
    ...held,
    ...(printer !== undefined && { printer }),
  });
  const failed = checks.find(({ result }) => result === 'fails');
  return {
    kind: 'evidence pack',
    holds,
    found: [],
    ...(failed?.problem !== undefined && { problem: failed.problem, message: failed.message }),
    checks,
  };
}

/** Printing takes a font and a library, which are loaded for a pack that has something printed. Without them the rest is verified all the same, and that is said. */
async function printerFor(pack: Uint8Array): Promise<StatementPrinter | undefined> {
  if (!Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength).includes('statement.pdf'))
    return undefined;
  try {
    return await installedPrinter();
  } catch (error) {
    note(`statement.pdf is not compared: ${messageOf(error)}`);
    return undefined;
  }
}
