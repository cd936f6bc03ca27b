import { agencyStream, ledgerStream, rulebooksStream, type InBoth } from '@penalty-ledger/ledger';
import { checkAbsence, checkHead, type Hash } from '@penalty-ledger/merkle-log';
import { sessionStreamsOf } from './assessed-streams.js';
import { submittedEvidence } from './attachments.js';
import { PackError } from './pack-error.js';
import type { PackStreams } from './pack-events.js';
import type { Proofs } from './proofs.js';

/**
 * The streams that a pack must show to the end, and those it must show not to exist; each in order.
 */
export function streamsToProve(
  streams: PackStreams,
  agencyId: string,
  months: readonly string[] = [],
): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const always = [agencyStream(agencyId), rulebooksStream];
  const present = new Set([...always, ...streams.keys()]);
  present.delete(ledgerStream);
  const named = [...submittedEvidence(streams, agencyId), ...sessionStreamsOf(agencyId, months)];
  return {
    present: [...present].sort(),
    absent: named.filter((stream) => !present.has(stream)).sort(),
  };
}

/**
 * Checks that every stream of the pack ends where its events end: no event was withheld.
 *
 * @param root of the map of stream heads, from the checkpoint
 * @throws PackError `head_missing`
 * @throws VerificationError `head_form`, `head_root`, `absence_form`, `absence_root`
 */
export function checkCompleteness(
  streams: PackStreams,
  agencyId: string,
  months: readonly string[],
  proofs: Proofs,
  root: Hash,
): void {
  const { present, absent } = streamsToProve(streams, agencyId, months);
  requireSame(present, proofs.heads, { en: 'present', zh: '存在' });
  requireSame(absent, proofs.absent, { en: 'absent', zh: '不存在' });
  for (const { stream, siblings } of proofs.heads) {
    const last = streams.get(stream)?.at(-1);
    if (last === undefined)
      throw new PackError('head_missing', {
        en: `the pack has no event of "${stream}"`,
        zh: `证据包中没有 "${stream}" 的事件`,
      });
    checkHead(
      stream,
      { revision: last.event.revision, leafHash: last.leafHash },
      { siblings },
      root,
    );
  }
  for (const { stream, ...proof } of proofs.absent) checkAbsence(stream, proof, root);
}

function requireSame(
  wanted: readonly string[],
  given: readonly { readonly stream: string }[],
  what: InBoth,
): void {
  const names = new Set(given.map(({ stream }) => stream));
  const expected = new Set(wanted);
  const difference =
    wanted.find((stream) => !names.has(stream)) ??
    [...names].find((stream) => !expected.has(stream));
  if (difference !== undefined)
    throw new PackError('head_missing', {
      en: `there must be one proof that "${difference}" is ${what.en}, or none`,
      zh: `"${difference}" ${what.zh}的证明缺失或多余`,
    });
}
