import { agency, type AgencyCommandData } from '@penalty-ledger/ledger';
import { StatementBody } from '../deductions/deduction-bodies.js';
import { AnInstant, FreeText, Id, MayBeMissing, OneOf, Part, type Sent } from '../http/fields.js';

/** Bodies of the commands on measures and human review (interchange §2, Measures). */

const kinds = agency.commandSchemas.RecordMeasure.properties.kind.enum;

export class RecordMeasureBody implements Sent<AgencyCommandData['RecordMeasure']> {
  @Id() readonly measureId!: string;
  @Id() readonly agencyId!: string;
  @OneOf(...kinds) readonly kind!: AgencyCommandData['RecordMeasure']['kind'];
  @MayBeMissing() @Id() readonly deductionId?: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @AnInstant() readonly until?: string;
  @MayBeMissing() @Part(() => StatementBody) readonly statement?: StatementBody;
  @MayBeMissing() @OneOf(true, false) readonly automated?: boolean;
}

export class LiftMeasureBody implements Sent<AgencyCommandData['LiftMeasure']> {
  @Id() readonly measureId!: string;
  @FreeText() readonly reason!: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
}

export class RequestHumanReviewBody implements Sent<AgencyCommandData['RequestHumanReview']> {
  @Id() readonly reviewId!: string;
  @Id() readonly agencyId!: string;
  @MayBeMissing() @Id() readonly deductionId?: string;
  @MayBeMissing() @Id() readonly measureId?: string;
  @MayBeMissing() @FreeText() readonly reason?: string;
}

export class AnswerHumanReviewBody implements Sent<AgencyCommandData['AnswerHumanReview']> {
  @Id() readonly reviewId!: string;
  @OneOf('confirmed', 'changed')
  readonly outcome!: AgencyCommandData['AnswerHumanReview']['outcome'];
  @FreeText() readonly reason!: string;
}
