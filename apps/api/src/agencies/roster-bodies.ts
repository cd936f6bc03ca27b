import type { AgencyCommandData, CreatorCommandData } from '@penalty-ledger/ledger';
import { AnInstant, FreeText, Id, MayBeMissing, TextUpTo, type Sent } from '../http/fields.js';

/** Bodies of the commands on the roster (interchange §2, Roster). */

export class AdmitAgencyBody implements Sent<AgencyCommandData['AdmitAgency']> {
  @Id() readonly agencyId!: string;
  @TextUpTo(400) readonly name!: string;
  @MayBeMissing() @Id() readonly legalPersonId?: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
}

export class RecordExitBody implements Sent<AgencyCommandData['RecordExit']> {
  @Id() readonly agencyId!: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
  @MayBeMissing() @FreeText() readonly reason?: string;
}

export class UnbindCreatorBody implements Sent<CreatorCommandData['UnbindCreator']> {
  @Id() readonly agencyId!: string;
  @Id() readonly creatorId!: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
}

export class BindCreatorBody
  extends UnbindCreatorBody
  implements Sent<CreatorCommandData['BindCreator']>
{
  @MayBeMissing() @TextUpTo(400) readonly name?: string;
}

export class ExposureRightBody implements Sent<CreatorCommandData['GrantExposureRight']> {
  @Id() readonly creatorId!: string;
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
}
