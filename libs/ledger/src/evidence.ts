import type { DecidedEvent } from './event.js';
import type { Instant } from './instant.js';
import {
  IdSchema,
  InstantSchema,
  MediaTypeSchema,
  Sha256Schema,
  TextSchema,
  Type,
} from './schema.js';

export const subjectOf = (evidenceId: string): string => `evidence:${evidenceId}`;

/** The subject of a piece of evidence, by kind (`agency`, `deduction`, `appeal`, …) and id. */
export interface EvidenceSubjectReference {
  readonly kind: string;
  readonly id: string;
}

/** The data of a stream of evidence, at schema version 1 (`docs/spec/event.md`). */
export interface EvidenceEventData {
  EvidenceRegistered: {
    readonly capturedAt?: Instant;
    readonly evidenceId: string;
    readonly mediaType: string;
    readonly sha256: string;
    readonly subject: EvidenceSubjectReference;
  };
}

export type EvidenceEvent = DecidedEvent<EvidenceEventData>;

/** Every type of a stream of evidence and the schema version it is written in. */
export const eventVersions: Readonly<Record<keyof EvidenceEventData, number>> = {
  EvidenceRegistered: 1,
};

export const commandSchema = Type.Object(
  {
    evidenceId: IdSchema,
    subject: Type.Object({ kind: IdSchema, id: IdSchema }, { additionalProperties: false }),
    title: TextSchema,
    mediaType: MediaTypeSchema,
    sha256: Sha256Schema,
    capturedAt: Type.Optional(InstantSchema),
  },
  { additionalProperties: false },
);

export interface RegisterEvidence {
  readonly command: 'RegisterEvidence';
  readonly data: {
    readonly evidenceId: string;
    readonly subject: EvidenceSubjectReference;
    readonly title: string;
    readonly mediaType: string;
    readonly sha256: string;
    readonly capturedAt?: Instant;
  };
}

/** Registers evidence. A repeated id never gets here: it is a duplicate or a conflict. */
export function registerEvidence({ data }: RegisterEvidence): EvidenceEvent {
  const { title, ...rest } = data;
  return { type: 'EvidenceRegistered', data: rest, personal: { title } };
}
