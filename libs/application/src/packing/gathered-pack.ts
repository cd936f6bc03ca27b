import {
  documentsIn,
  type Assessed,
  type LoggedEvent,
  type PackSource,
} from '@penalty-ledger/evidence';
import { readEnvelope } from '@penalty-ledger/ledger';
import {
  signNote,
  type AbsenceProof,
  type Hash,
  type HeadProof,
  type SignerKey,
} from '@penalty-ledger/merkle-log';

/**
 * Everything a pack is built from, under one checkpoint. Plain data: it is handed from thread to
 * thread.
 */
export interface GatheredPack {
  /** The signed checkpoint that everything else is proved against. */
  readonly checkpoint: string;
  /** Events by stream. */
  readonly streams: ReadonlyMap<string, readonly LoggedEvent[]>;
  /** The assessments that are counted again, with the streams that they rest on. */
  readonly assessed?: Assessed;
  /** By leaf. */
  readonly inclusion: ReadonlyMap<number, readonly Hash[]>;
  /** By stream. */
  readonly heads: ReadonlyMap<string, HeadProof>;
  /** By stream. */
  readonly absences: ReadonlyMap<string, AbsenceProof>;
  /** By the size of the earlier tree. */
  readonly consistency: ReadonlyMap<number, readonly Hash[]>;
  /** The key that signs the manifest. */
  readonly signer: SignerKey;
  /** The keys of sealed texts, by event and JSON Pointer. */
  readonly textKeys: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Turns what was gathered into the source of a pack. @param attachments registered files to put in,
 * by SHA-256
 */
export function packSource(
  gathered: GatheredPack,
  attachments: ReadonlyMap<string, Uint8Array> = new Map(),
  fileNames: ReadonlyMap<string, string> = new Map(),
): PackSource {
  return {
    checkpoint: gathered.checkpoint,
    sign: (text) => signNote(text, [gathered.signer]),
    stream: (name) => gathered.streams.get(name) ?? [],
    inclusionProof: (index) => known(gathered.inclusion.get(index)),
    headProof: (stream) => known(gathered.heads.get(stream)),
    absenceProof: (stream) => known(gathered.absences.get(stream)),
    consistencyProof: (from) => known(gathered.consistency.get(from)),
    attachment: (sha256) => attachments.get(sha256),
    fileName: (sha256) => fileNames.get(sha256),
    textKeys: (eventId) => gathered.textKeys.get(eventId),
  };
}

/** The SHA-256 of each file that the gathered events register. */
export function registeredIn({ streams }: GatheredPack): ReadonlySet<string> {
  const events = [...streams.values()].flat();
  return new Set(
    events.flatMap(({ body }) => {
      const event = readEnvelope(body);
      return 'problem' in event ? [] : documentsIn(event).map(({ sha256 }) => sha256);
    }),
  );
}

function known<T>(proof: T | undefined): T {
  if (proof === undefined) throw new Error('a proof was asked for that was not gathered');
  return proof;
}
