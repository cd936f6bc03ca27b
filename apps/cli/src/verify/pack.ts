import { installedPrinter } from '@penalty-ledger/application/installed-printer';
import { linesOfVerified, verifyPack, type StatementPrinter } from '@penalty-ledger/evidence';
import type { VerifierKey } from '@penalty-ledger/merkle-log';
import { note } from '../terminal/io.js';
import { messageOf } from '../terminal/reason.js';
import type { Verdict } from './verdict.js';
import { said, saidIn } from '../terminal/language.js';

/** The files a reader has kept of the ledger, to compare a pack with. */
export interface HeldFiles {
  readonly receipts: readonly Uint8Array[];
  readonly checkpoints: readonly Uint8Array[];
}

/** Verifies an evidence pack step by step, as named in `docs/spec/evidence-pack.md`. */
export async function verdictOnPack(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
  held: HeldFiles,
): Promise<Verdict> {
  const printer = await printerFor(bytes);
  const report = verifyPack(bytes, {
    keys,
    ...held,
    ...(printer !== undefined && { printer }),
  });
  const { holds, checks, computation, notChecked, parts, simulation, verified } = report;
  const failed = checks.find(({ result }) => result === 'fails');
  return {
    kind: 'evidence pack',
    holds,
    found:
      verified === undefined || computation === undefined
        ? []
        : linesOfVerified(verified, computation).map(
            ([label, text]) => [saidIn(label), saidIn(text)] as const,
          ),
    ...(failed?.problem !== undefined && { problem: failed.problem, message: failed.message }),
    checks,
    parts,
    notChecked,
    ...(verified !== undefined && { verified }),
    ...(simulation && { simulation }),
  };
}

/**
 * Loads the font and the library for a pack that has something printed. Without them the rest is
 * verified all the same, with a note.
 */
async function printerFor(pack: Uint8Array): Promise<StatementPrinter | undefined> {
  if (!Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength).includes('statement.pdf'))
    return undefined;
  try {
    return await installedPrinter();
  } catch (error) {
    note(
      said(
        `statement.pdf is not compared: ${messageOf(error)}`,
        `statement.pdf 未作比对：${messageOf(error)}`,
      ),
    );
    return undefined;
  }
}
