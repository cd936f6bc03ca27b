import type { AgencyCommandData } from '@penalty-ledger/ledger';
import { AnInstant, FreeText, Id, MayBeMissing, type Sent } from '../http/fields.js';

/** Bodies of the commands on expulsion and return (interchange §2, Expulsion and return). */

export class RevokeExpulsionBody implements Sent<AgencyCommandData['RevokeExpulsion']> {
  @Id() readonly agencyId!: string;
  @FreeText() readonly reason!: string;
}

export class RecordExpulsionBody
  extends RevokeExpulsionBody
  implements Sent<AgencyCommandData['RecordExpulsion']>
{
  @MayBeMissing() @AnInstant() readonly effectiveAt?: string;
}

export class ReentryBody implements Sent<AgencyCommandData['ApplyForReentry']> {
  @Id() readonly agencyId!: string;
}
