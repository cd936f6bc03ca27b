import { buildPrintedPack, type BuiltPack, type StatementPrinter } from '@penalty-ledger/evidence';
import { evidenceStream } from '@penalty-ledger/ledger';
import { packSource, type GatheredPack } from './gathered-pack.js';
import type { PackWanted } from './pack-wanted.js';

/** The parts that make a pack, beside what was gathered. */
export interface BuildWith {
  readonly printer: StatementPrinter;
  /** Registered files to put in, by SHA-256. */
  readonly attachments?: ReadonlyMap<string, Uint8Array>;
  /** Their names, by SHA-256. */
  readonly fileNames?: ReadonlyMap<string, string>;
}

/**
 * Builds the pack, with its statement printed.
 *
 * @throws PackError when what was gathered does not answer what is asked
 */
export function buildGathered(
  gathered: GatheredPack,
  { evidenceIds = [], attach: _read, disclose: _gathered, ...asked }: PackWanted,
  { printer, attachments, fileNames }: BuildWith,
): BuiltPack {
  return buildPrintedPack(packSource(gathered, attachments, fileNames), {
    ...asked,
    evidenceStreams: evidenceIds.map(evidenceStream),
    ...(gathered.assessed !== undefined && { assessed: gathered.assessed }),
    printer,
    earlier: [...gathered.consistency.keys()],
  });
}
