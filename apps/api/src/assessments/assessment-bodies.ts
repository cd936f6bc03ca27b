import type { AgencyCommandData, ComputeAssessment } from '@penalty-ledger/ledger';
import { AnInstant, Id, MayBeMissing, Month, type Sent } from '../http/fields.js';

/** Bodies of the commands on assessments and what they rest on (interchange §2). */

export class ComputeAssessmentBody implements Sent<ComputeAssessment['data']> {
  @Month() readonly month!: string;
  @MayBeMissing() @Id() readonly agencyId?: string;
}

export class RecordGrowthPostBody implements Sent<AgencyCommandData['RecordGrowthPost']> {
  @Id() readonly agencyId!: string;
  @Id() readonly postId!: string;
  @AnInstant() readonly occurredAt!: string;
}
