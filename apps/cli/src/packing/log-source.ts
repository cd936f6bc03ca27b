import type { OpenedLog } from '@penalty-ledger/application/open-log';
import type { LoggedEvent, PackSource } from '@penalty-ledger/evidence';
import { agencyStream, evidenceStream, ledgerStream, readEvent, rulebooksStream } from '@penalty-ledger/ledger';
import type { AbsenceProof, Hash, HeadProof } from '@penalty-ledger/merkle-log';
import { NotYetSignedError } from '@penalty-ledger/sequencer';
import { signEverything } from '../signing.js';

/** Everything of an agency that a pack is built from, gathered from a ledger's Merkle log under a checkpoint signed for all of it. */
export async function gatherPackSource(
  opened: OpenedLog,
  agencyId: string,
  evidenceIds: readonly string[],
  files: Pick<PackSource, 'attachment' | 'personal'>,
): Promise<PackSource> {
  const checkpoint = await signEverything(opened);
  const gathered = new Gathered(opened);
  const size = opened.sequencer.latest?.checkpoint.size ?? 0;
  await gathered.take(ledgerStream, 1);
  await gathered.take(rulebooksStream);
  const agency = await gathered.take(agencyStream(agencyId));
  const evidence = new Set([...agency.flatMap(submittedIn), ...evidenceIds]);
  for (const evidenceId of evidence) await gathered.take(evidenceStream(evidenceId));
  return {
    ...files,
    checkpoint,
    stream: (name) => gathered.events.get(name) ?? [],
    inclusionProof: (index) => known(gathered.proofs.get(index)),
    headProof: (stream) => known(gathered.heads.get(stream)),
    absenceProof: (stream) => known(gathered.absences.get(stream)),
    consistencyProof: (from) => opened.sequencer.consistencyProof(from, size),
  };
}

/** What was waited for, so that the pack itself is a plain function of it. */
class Gathered {
  readonly events = new Map<string, readonly LoggedEvent[]>();
  readonly proofs = new Map<number, readonly Hash[]>();
  readonly heads = new Map<string, HeadProof>();
  readonly absences = new Map<string, AbsenceProof>();
  readonly #opened: OpenedLog;

  constructor(opened: OpenedLog) {
    this.#opened = opened;
  }

  /** The events of a stream that the checkpoint covers, at most `limit`, and that there are no others. */
  async take(stream: string, limit = Infinity): Promise<readonly LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for await (const batch of this.#opened.store.readStream(stream)) {
      for (const { revision, body } of batch) {
        if (events.length >= limit) break;
        const index = await this.#indexOf(stream, revision);
        if (index === undefined) break;
        events.push({ index, body });
      }
    }
    this.events.set(stream, events);
    const { sequencer } = this.#opened;
    if (events.length === 0) this.absences.set(stream, await sequencer.proveAbsence(stream));
    else this.heads.set(stream, (await sequencer.proveHead(stream)).proof);
    return events;
  }

  /** `undefined` for an event that was recorded after the checkpoint. */
  async #indexOf(stream: string, revision: number): Promise<number | undefined> {
    try {
      const { index, proof } = await this.#opened.sequencer.inclusionProofOf(stream, revision);
      this.proofs.set(index, proof);
      return index;
    } catch (error) {
      if (error instanceof NotYetSignedError) return undefined;
      throw error;
    }
  }
}

function submittedIn({ body }: LoggedEvent): readonly string[] {
  const { type, data } = readEvent({ body });
  if (type !== 'AppealEvidenceSubmitted') return [];
  return (data as { readonly items: readonly { readonly evidenceId: string }[] }).items.map(
    ({ evidenceId }) => evidenceId,
  );
}

function known<T>(proof: T | undefined): T {
  if (proof === undefined) throw new Error('a proof was asked for that was not gathered');
  return proof;
}
