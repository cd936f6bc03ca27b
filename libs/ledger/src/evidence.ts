import type { DomainTimes } from './event.js';
import type { Instant } from './instant.js';
import type { PersonalData } from './personal-data.js';
import {
  IdSchema,
  InstantSchema,
  MediaTypeSchema,
  Sha256Schema,
  TextSchema,
  Type,
} from './schema.js';

export const subjectOf = (evidenceId: string): string => `evidence:${evidenceId}`;

/** What a piece of evidence is about, by kind (`agency`, `deduction`, `appeal`, …) and id. */
export interface EvidenceSubjectReference {
  readonly kind: string;
  readonly id: string;
}

export interface EvidenceRegistered extends DomainTimes {
  readonly type: 'EvidenceRegistered';
  readonly data: {
    readonly capturedAt?: Instant;
    readonly evidenceId: string;
    readonly mediaType: string;
    readonly sha256: string;
    readonly subject: EvidenceSubjectReference;
  };
  readonly personal: PersonalData;
}

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
export function registerEvidence({ data }: RegisterEvidence): EvidenceRegistered {
  const { title, ...rest } = data;
  return { type: 'EvidenceRegistered', data: rest, personal: { title } };
}
