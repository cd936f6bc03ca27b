import type { Manifest, PackSource } from '@penalty-ledger/evidence';
import { compute, computationText } from '../../libs/evidence/src/computation.js';
import { streamsToProve } from '../../libs/evidence/src/completeness.js';
import { questionOf } from '../../libs/evidence/src/build-pack.js';
import { joinProofs } from '../../libs/evidence/src/multi-proof.js';
import { checkRulebooks } from '../../libs/evidence/src/pack-rulebooks.js';
import type { PackEvent, PackStreams } from '../../libs/evidence/src/pack-events.js';
import type { Instant } from '@penalty-ledger/ledger';

/** The steps that a pack is built with, apart, for an operator who builds what should not be. */

/** The events by stream, with nothing of them checked. */
function streamsOf(lines: readonly string[]): PackStreams {
  const streams = new Map<string, PackEvent[]>();
  for (const [place, line] of lines.entries()) {
    const event = JSON.parse(line) as PackEvent['event'];
    const chain = streams.get(event.stream) ?? [];
    streams.set(event.stream, [...chain, { event, leafHash: '', place }]);
  }
  return streams;
}

export const completeness = (
  lines: readonly string[],
  agencyId: string,
  months: readonly string[] = [],
): ReturnType<typeof streamsToProve> => streamsToProve(streamsOf(lines), agencyId, months);

export const joined = (
  indexes: readonly number[],
  size: number,
  source: PackSource,
): readonly string[] => joinProofs(indexes, size, (index) => source.inclusionProof(index));

/** The answers that follow from the events by our own program, if any do. */
export function recomputed(
  lines: readonly string[],
  manifest: Manifest,
  signedAt: string,
): string | undefined {
  try {
    const streams = streamsOf(lines);
    const question = questionOf(manifest);
    return computationText(
      compute(streams, checkRulebooks(streams), question, signedAt as Instant),
    );
  } catch {
    return undefined;
  }
}
