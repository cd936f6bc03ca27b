import { agency, type AgencyCommandData } from '@penalty-ledger/ledger';
import {
  AnInstant,
  Fits,
  FreeText,
  Id,
  MayBeMissing,
  OneOf,
  Part,
  Period,
  Sha256,
  IntegerFrom,
  TextUpTo,
  type Sent,
} from '../http/fields.js';

/** Bodies of the commands on deductions (interchange §2, Deductions). */

type Data = AgencyCommandData['RecordDeduction'];

const maxPoints = 1_000_000;
const basis = agency.commandSchemas.RecordDeduction.properties.basis;

class NoticeBody implements NonNullable<Data['notice']> {
  @MayBeMissing() @TextUpTo(200) readonly caseNo?: string;
  @MayBeMissing() @FreeText() readonly text?: string;
  @MayBeMissing() @Sha256() readonly sha256?: string;
}

/** The platform's statement of reasons. */
export class StatementBody implements NonNullable<Data['statement']> {
  @MayBeMissing() @FreeText() readonly facts?: string;
  @MayBeMissing() @FreeText() readonly reason?: string;
  @MayBeMissing() @FreeText() readonly basis?: string;
  @MayBeMissing() @FreeText() readonly remedy?: string;
}

export class RecordDeductionBody implements Sent<Data> {
  @Id() readonly deductionId!: string;
  @Id() readonly agencyId!: string;
  @IntegerFrom(1, maxPoints) readonly points!: number;
  @TextUpTo(200) readonly clause!: string;
  @AnInstant() readonly occurredAt!: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @AnInstant() readonly decidedAt?: string;
  @MayBeMissing() @AnInstant() readonly notifiedAt?: string;
  @MayBeMissing() @AnInstant() readonly appealDeadline?: string;
  @MayBeMissing() @Period() readonly period?: string;
  @MayBeMissing() @Id() readonly creatorId?: string;
  @MayBeMissing()
  @Fits(basis, {
    en: `give ${basis.description ?? ''}`,
    zh: `须为 ${basis.description?.replace(' or ', ' 或 ') ?? ''}`,
  })
  readonly basis?: NonNullable<Data['basis']>;
  @MayBeMissing() @Part(() => NoticeBody) readonly notice?: NoticeBody;
  @MayBeMissing() @Part(() => StatementBody) readonly statement?: StatementBody;
  @MayBeMissing() @OneOf(true, false) readonly automated?: boolean;
}

export class RecordRevocationBody implements Sent<AgencyCommandData['RecordRevocation']> {
  @Id() readonly deductionId!: string;
  @FreeText() readonly reason!: string;
  @MayBeMissing() @AnInstant() readonly decidedAt?: string;
}

export class RecordPartialRevocationBody
  extends RecordRevocationBody
  implements Sent<AgencyCommandData['RecordPartialRevocation']>
{
  @IntegerFrom(1, maxPoints) readonly points!: number;
}

export class RecordReinstatementBody
  extends RecordRevocationBody
  implements Sent<AgencyCommandData['RecordReinstatement']>
{
  @MayBeMissing() @IntegerFrom(1, maxPoints) readonly points?: number;
}

export class CorrectDeductionBody implements Sent<AgencyCommandData['CorrectDeduction']> {
  @Id() readonly deductionId!: string;
  @FreeText() readonly reason!: string;
  @MayBeMissing() @IntegerFrom(1, maxPoints) readonly points?: number;
  @MayBeMissing() @TextUpTo(200) readonly clause?: string;
  @MayBeMissing() @AnInstant() readonly occurredAt?: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @Period() readonly period?: string;
  @MayBeMissing() @AnInstant() readonly notifiedAt?: string;
  @MayBeMissing() @AnInstant() readonly appealDeadline?: string;
}
