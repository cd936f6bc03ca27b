import type { RegisterEvidence } from '@penalty-ledger/ledger';
import {
  AnInstant,
  FreeText,
  Id,
  MayBeMissing,
  MediaType,
  Part,
  Sha256,
  type Sent,
} from '../http/fields.js';

/** The body of the command that registers evidence (interchange §2). */

class EvidenceSubjectBody {
  @Id() readonly kind!: string;
  @Id() readonly id!: string;
}

export class RegisterEvidenceBody implements Sent<RegisterEvidence['data']> {
  @Id() readonly evidenceId!: string;
  @Part(() => EvidenceSubjectBody) readonly subject!: EvidenceSubjectBody;
  @FreeText() readonly title!: string;
  @MediaType() readonly mediaType!: string;
  @Sha256() readonly sha256!: string;
  @MayBeMissing() @AnInstant() readonly capturedAt?: string;
}
