import type { AgencyCommandData } from '@penalty-ledger/ledger';
import {
  AnInstant,
  FreeText,
  Id,
  Ids,
  MayBeMissing,
  MediaType,
  OneOf,
  Parts,
  Sha256,
  IntegerFrom,
  TextUpTo,
  type Sent,
} from '../http/fields.js';

/** Bodies of the commands on appeals and of evidence registration (interchange §2, Appeals). */

type Decision = AgencyCommandData['DecideAppeal'];

export class InitiateAppealBody implements Sent<AgencyCommandData['InitiateAppeal']> {
  @Id() readonly appealId!: string;
  @Id() readonly agencyId!: string;
  @MayBeMissing() @OneOf('ordinary', 'last_chance') readonly kind?: 'ordinary' | 'last_chance';
  @MayBeMissing() @Ids(1, 500) readonly deductionIds?: string[];
  @MayBeMissing() @OneOf(true) readonly expulsion?: true;
  @FreeText() readonly grounds!: string;
  @MayBeMissing() @AnInstant() readonly initiatedAt?: string;
}

class EvidenceItemBody {
  @Id() readonly evidenceId!: string;
  @TextUpTo(400) readonly title!: string;
  @MediaType() readonly mediaType!: string;
  @Sha256() readonly sha256!: string;
  @MayBeMissing() @IntegerFrom(0, Number.MAX_SAFE_INTEGER) readonly bytes?: number;
}

export class SubmitEvidenceBody implements Sent<AgencyCommandData['SubmitEvidence']> {
  @Id() readonly appealId!: string;
  @Parts(() => EvidenceItemBody, 1, 100) readonly items!: EvidenceItemBody[];
  @MayBeMissing() @AnInstant() readonly submittedAt?: string;
}

export class WithdrawAppealBody implements Sent<AgencyCommandData['WithdrawAppeal']> {
  @Id() readonly appealId!: string;
  @MayBeMissing() @FreeText() readonly reason?: string;
  @MayBeMissing() @AnInstant() readonly withdrawnAt?: string;
}

class AdjustmentBody {
  @Id() readonly deductionId!: string;
  @IntegerFrom(0, 1_000_000) readonly points!: number;
}

export class DecideAppealBody implements Sent<Decision> {
  @Id() readonly appealId!: string;
  @OneOf('upheld', 'partly_upheld', 'rejected', 'inadmissible')
  readonly outcome!: Decision['outcome'];
  @MayBeMissing() @Parts(() => AdjustmentBody, 1, 500) readonly adjustments?: AdjustmentBody[];
  @FreeText() readonly reason!: string;
  @MayBeMissing() @AnInstant() readonly decidedAt?: string;
}
